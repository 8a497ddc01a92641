// Names and labels of the objects that are made for one Function.
import { createHash } from 'node:crypto';
import type { Resource } from '../../../resources/resource.ts';
import type { KubeObject, ObjectMeta } from '../../api/kube-object.ts';
import type { ProviderContext } from '../provider.ts';

export const MANAGER = 'tenfold-operator';
const FUNCTION_LABEL = 'tenfold.dev/function';
const MAX_NAME = 63;

/** A Service's name begins with a letter and has at most 63 characters; what a person made under the Function's own name is left alone. */
export function objectNameOf(name: string): string {
  const whole = `fn-${name}`;
  if (whole.length <= MAX_NAME) return whole;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 10);
  return `${whole.slice(0, MAX_NAME - 11).replace(/-+$/, '')}-${hash}`;
}

export type Labels = Readonly<Record<string, string>>;

/** Never changes for a Function: a Deployment cannot change what it selects. */
export function selectorOf({ metadata }: Resource<'Function'>): Labels {
  return { [FUNCTION_LABEL]: metadata.name };
}

export function labelsOf(fn: Resource<'Function'>): Labels {
  return {
    'app.kubernetes.io/name': fn.metadata.name,
    'app.kubernetes.io/component': 'function',
    'app.kubernetes.io/part-of': 'tenfold',
    'app.kubernetes.io/managed-by': MANAGER,
    ...selectorOf(fn),
  };
}

/** An object of a Function, which goes when the Function goes. */
export function ownedObject(
  fn: Resource<'Function'>,
  { owner }: ProviderContext,
  type: { readonly apiVersion: string; readonly kind: string },
  rest: Readonly<Record<string, unknown>>,
): KubeObject {
  const metadata: ObjectMeta = {
    name: objectNameOf(fn.metadata.name),
    namespace: fn.metadata.namespace,
    labels: labelsOf(fn),
    ownerReferences: [owner],
  };
  return { ...type, metadata, ...rest };
}
