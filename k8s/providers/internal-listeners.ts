// How Functions reach the internal listener: by a token of their pod, which the kubelet renews and
// which is valid for this listener only.
import type { PodParts } from './pod-parts.ts';

export interface InternalListeners {
  /** Such as `http://tenfold-internal.tenfold-system.svc:8081`. */
  readonly url: string;
  /** The audience of the tokens. */
  readonly audience: string;
  /**
   * The key of a namespace, where Functions run without a token of this cluster;
   * undefined where there is none.
   */
  keyFor?(namespace: string): string;
}

const FOLDER = '/var/run/secrets/tenfold.dev/internal';
const FILE = 'token';
/**
 * The kubelet asks for a new one when a fifth of it is left; one that was taken
 * away is of use for no longer.
 */
const TOKEN_SECONDS = 3600;

/**
 * An installation refuses tokens that were made for another one: the receiver of a call could use
 * them there.
 */
export function audienceOf(platformNamespace: string): string {
  return `tenfold.dev/internal/${platformNamespace}`;
}

/**
 * No Secret holds the token, so nobody needs a right to one: it is in no object that could be read.
 */
export function listenerParts(listeners: InternalListeners | undefined): PodParts {
  if (!listeners) return { env: {}, volumeMounts: [], volumes: [] };
  const token = { audience: listeners.audience, expirationSeconds: TOKEN_SECONDS, path: FILE };
  return {
    env: listenerVariables(listeners.url, `${FOLDER}/${FILE}`),
    volumeMounts: [{ name: 'internal-key', mountPath: FOLDER, readOnly: true }],
    volumes: [{ name: 'internal-key', projected: { sources: [{ serviceAccountToken: token }] } }],
  };
}

/** The variables that the runtime reads. */
export function listenerVariables(url: string, keyFile: string): Readonly<Record<string, string>> {
  return { TENFOLD_INTERNAL_URL: url, TENFOLD_INTERNAL_KEY_FILE: keyFile };
}
