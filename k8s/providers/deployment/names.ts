// Names and labels of the objects that are made for one Function.
import { createHash } from 'node:crypto';
import type { Resource } from '../../../resources/resource.ts';
import type { KubeObject, ObjectMeta } from '../../api/kube-object.ts';
import { FUNCTION_LABEL, MANAGER } from '../labels.ts';
import type { PlanContext } from '../object-provider.ts';

/** `app.kubernetes.io/name` of the platform's pods. */
export const PLATFORM_NAME = 'tenfold';
const MAX_NAME = 63;

/**
 * A Service's name begins with a letter and has at most 63 characters; what a person made under the
 * Function's own name is left alone.
 */
export function objectNameOf(name: string): string {
  return prefixed('fn', name, MAX_NAME);
}

/** The address of its Service. */
export function serviceUrlOf(name: string, namespace: string): string {
  return `http://${objectNameOf(name)}.${namespace}.svc`;
}

export function prefixed(prefix: string, name: string, longest: number): string {
  const whole = `${prefix}-${name}`;
  if (whole.length <= longest) return whole;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 10);
  return `${whole.slice(0, longest - 11).replace(/-+$/, '')}-${hash}`;
}

export type Labels = Readonly<Record<string, string>>;

/** The selector never changes for a Function, since a Deployment cannot change it. */
export function selectorOf({ metadata }: Resource<'Function'>): Labels {
  return { [FUNCTION_LABEL]: metadata.name };
}

export function labelsOf(fn: Resource<'Function'>): Labels {
  return { ...commonLabelsOf(fn), ...selectorOf(fn) };
}

/** Without that by which a Deployment and its Service find their pods. */
export function commonLabelsOf(fn: Resource<'Function'>): Labels {
  return {
    'app.kubernetes.io/name': nameLabelOf(fn.metadata.name),
    'app.kubernetes.io/component': 'function',
    'app.kubernetes.io/part-of': 'tenfold',
    'app.kubernetes.io/managed-by': MANAGER,
  };
}

/**
 * One that is called as the platform's pods are would be taken for one of them, by
 * NetworkPolicies above all.
 */
function nameLabelOf(name: string): string {
  return name === PLATFORM_NAME ? objectNameOf(name) : name;
}

/** An object of a Function, which goes when the Function goes. */
export function ownedObject(
  fn: Resource<'Function'>,
  { owner }: PlanContext,
  type: { readonly apiVersion: string; readonly kind: string },
  rest: Readonly<Record<string, unknown>>,
  name = objectNameOf(fn.metadata.name),
): KubeObject {
  const metadata: ObjectMeta = {
    name,
    namespace: fn.metadata.namespace,
    labels: labelsOf(fn),
    ownerReferences: [owner],
  };
  return { ...type, metadata, ...rest };
}
