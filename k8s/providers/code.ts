// A Function whose code is stored in the cluster runs in the image of the runtime, with that code mounted into it.
import type { Resource } from '../../resources/resource.ts';
import { BUNDLE_KEY, SOURCE_ANNOTATION } from '../apply/bundle.ts';

const FOLDER = '/function';

type Part = Readonly<Record<string, unknown>>;

/** What pods of a Function need for its code; nothing for one with an image of its own. */
export interface CodeParts {
  readonly env: Readonly<Record<string, string>>;
  readonly volumeMounts: readonly Part[];
  readonly volumes: readonly Part[];
}

/** What the platform gives to Functions, whatever provider runs them. */
export interface Runtime {
  /** Image that code without an image of its own runs in; without it that does not run. */
  readonly image: string | undefined;
  /** Variables for all Functions of a namespace, such as its key to the internal doors. */
  variablesFor?(namespace: string): Readonly<Record<string, string>>;
}

/** The Function as a provider takes it: with an image. Undefined when it has none and its code is not in the cluster. */
export function withRuntime(fn: Resource<'Function'>, runtime: Runtime): Resource<'Function'> | undefined {
  const { spec, metadata } = fn;
  const image = spec.image ?? (codeName(fn) === undefined ? undefined : runtime.image);
  if (image === undefined) return undefined;
  const variables = Object.entries(runtime.variablesFor?.(metadata.namespace) ?? {});
  if (image === spec.image && variables.length === 0) return fn;
  const env = [...variables.map(([name, value]) => ({ name, value })), ...(spec.env ?? [])];
  return { ...fn, spec: { ...spec, image, ...(env.length > 0 ? { env } : {}) } };
}

export function codeParts(fn: Resource<'Function'>): CodeParts {
  const name = codeName(fn);
  if (name === undefined) return { env: {}, volumeMounts: [], volumes: [] };
  return {
    env: { TENFOLD_FUNCTION: `${FOLDER}/${BUNDLE_KEY}` },
    volumeMounts: [{ name: 'code', mountPath: FOLDER, readOnly: true }],
    volumes: [{ name: 'code', configMap: { name } }],
  };
}

/** Name of the ConfigMap. Only one that is made for this: the annotation is no way to whatever else there is. */
export function codeName({ metadata, spec }: Resource<'Function'>): string | undefined {
  const name = metadata.annotations[SOURCE_ANNOTATION];
  const prefix = `fn-${metadata.name}-source-`;
  return spec.source !== undefined && name?.startsWith(prefix) && /^[0-9a-f]+$/.test(name.slice(prefix.length))
    ? name
    : undefined;
}
