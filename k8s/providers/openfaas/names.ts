// Names of a Function in OpenFaaS, where all namespaces of ours may share one of theirs.
import { createHash } from 'node:crypto';
import type { FunctionName } from '../provider.ts';

/** An annotation of a function there, and of its pods: `NAMESPACE/NAME` of ours. */
export const FUNCTION = 'tenfold.dev/function';
/** A label of its pods. */
export const PART_OF = { 'app.kubernetes.io/part-of': 'tenfold' };

/** Holds a deleted Function until OpenFaaS has removed it. */
export const OPENFAAS_FINALIZER = 'tenfold.dev/openfaas';

const MAX_NAME = 63;
const HASH = 8;

/** The name of the Secret by which it reaches the internal listener. */
export function listenerSecretOf(name: FunctionName): string {
  return `${openfaasNameOf(name)}-internal-key`;
}

/**
 * The name there of a Secret or ServiceAccount that a Function of this namespace names. A namespace
 * has no dot, so a Function reaches nothing of another namespace, and no objects that we or others
 * make there. The name of the object says for whom it was made.
 */
export function ownNameOf(namespace: string, name: string): string {
  return `${namespace}.${name}`;
}

/** The same for each, different for each two: `orders-1f0c2a9b`. */
export function openfaasNameOf({ name, namespace }: FunctionName): string {
  const hash = createHash('sha256').update(`${namespace}/${name}`).digest('hex').slice(0, HASH);
  // OpenFaaS takes names that begin with a letter.
  const start = /^[a-z]/.test(name) ? name : `fn-${name}`;
  return `${start.slice(0, MAX_NAME - HASH - 1).replace(/-+$/, '')}-${hash}`;
}
