// A Function whose code is stored in the cluster runs in the image of the runtime, with
// that code mounted into it.

import type { Resource } from '../../resources/resource.ts';
import { BUNDLE_KEY, SOURCE_ANNOTATION } from '../apply/bundle.ts';
import type { InternalListeners } from './internal-listeners.ts';
import type { PodParts } from './pod-parts.ts';

const FOLDER = '/function';

/** The settings that the platform gives to Functions, whatever provider runs them. */
export interface Runtime {
  /** The image for code without an image of its own; such code does not run without it. */
  readonly image: string | undefined;
  /** Functions answer without it, but reach nothing. */
  readonly listeners?: InternalListeners | undefined;
}

/**
 * The Function as a provider takes it: with an image. Undefined when it has none and its
 * code is not in the cluster.
 */
export function withRuntime(fn: Resource<'Function'>, runtime: Runtime): Resource<'Function'> | undefined {
  const { spec } = fn;
  const image = spec.image ?? (codeName(fn) === undefined ? undefined : runtime.image);
  if (image === undefined) return undefined;
  return image === spec.image ? fn : { ...fn, spec: { ...spec, image } };
}

/** Empty for a Function with an image of its own. */
export function codeParts(fn: Resource<'Function'>): PodParts {
  const name = codeName(fn);
  if (name === undefined) return { env: {}, volumeMounts: [], volumes: [] };
  return {
    env: { TENFOLD_FUNCTION: `${FOLDER}/${BUNDLE_KEY}` },
    volumeMounts: [{ name: 'code', mountPath: FOLDER, readOnly: true }],
    volumes: [{ name: 'code', configMap: { name } }],
  };
}

/**
 * Name of the ConfigMap. Only a ConfigMap made for this: the annotation gives no access to others.
 */
export function codeName({ metadata, spec }: Resource<'Function'>): string | undefined {
  const name = metadata.annotations[SOURCE_ANNOTATION];
  const prefix = `fn-${metadata.name}-source-`;
  return spec.source !== undefined && name?.startsWith(prefix) && /^[0-9a-f]+$/.test(name.slice(prefix.length))
    ? name
    : undefined;
}
