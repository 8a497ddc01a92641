// A function's code on its way into a cluster: one compressed module in a ConfigMap, found by an
// annotation of its Function.
import { createHash } from 'node:crypto';
import type { KubeObject, OwnerReference } from '../api/kube-object.ts';
import { FUNCTION_LABEL } from '../providers/labels.ts';

export interface Bundle {
  /** One module of ECMAScript, compressed by gzip. */
  readonly bytes: Uint8Array;
  /** Changes when the module does, and not with how it was compressed. */
  readonly hash: string;
}

/** On a Function: the name of the ConfigMap with its code. */
export const SOURCE_ANNOTATION = 'tenfold.dev/source';
/** On everything that one application consists of. */
export const APPLICATION_LABEL = 'tenfold.dev/application';
export const BUNDLE_KEY = 'function.mjs.gz';

/**
 * An object of Kubernetes has at most 1 MiB, and Base64 takes a third more than the bytes: but of a
 * ConfigMap the bytes count.
 */
export const MAX_BUNDLE_BYTES = 900_000;

const HASH_LENGTH = 10;

export function toBundle(module: Uint8Array, bytes: Uint8Array): Bundle {
  return { bytes, hash: createHash('sha256').update(module).digest('hex').slice(0, HASH_LENGTH) };
}

export function bundleName(fn: string, { hash }: Bundle): string {
  return `fn-${fn}-source-${hash}`;
}

/** Without an owner as long as the Function is not there. */
export function bundleObject(
  fn: { readonly name: string; readonly namespace: string },
  bundle: Bundle,
  application: string | undefined,
  owner: OwnerReference | undefined,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: bundleName(fn.name, bundle),
      namespace: fn.namespace,
      labels: {
        [FUNCTION_LABEL]: fn.name,
        'app.kubernetes.io/part-of': 'tenfold',
        ...(application === undefined ? {} : { [APPLICATION_LABEL]: application }),
      },
      ...(owner === undefined ? {} : { ownerReferences: [owner] }),
    },
    immutable: true,
    binaryData: { [BUNDLE_KEY]: Buffer.from(bundle.bytes).toString('base64') },
  };
}
