// Keys for the internal listener: one per namespace, derived from one secret, so that a key says
// and proves where its holder lives.
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface CallerKeys {
  /** The key that callers in `namespace` present. */
  keyFor(namespace: string): string;
  /** The namespace whose key this is, or undefined when it is nobody's. */
  namespaceOf(key: string | undefined): string | undefined;
}

/** Namespaces are DNS labels (RFC 1123): no dot, so the first dot ends it. */
const KEY = /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.([A-Za-z0-9_-]{43})$/;

export function createCallerKeys(secret: string): CallerKeys {
  const known = new Map<string, Buffer>();
  const digestFor = (namespace: string): Buffer => {
    let digest = known.get(namespace);
    if (!digest) {
      digest = createHmac('sha256', secret).update(`tenfold internal listener\n${namespace}`).digest();
      // Namespaces asked for by strangers must not fill memory.
      if (known.size >= 10_000) known.clear();
      known.set(namespace, digest);
    }
    return digest;
  };
  return {
    keyFor: namespace => `${namespace}.${digestFor(namespace).toString('base64url')}`,
    namespaceOf(key) {
      const match = KEY.exec(key ?? '');
      if (!match) return undefined;
      const [, namespace = '', digest = ''] = match;
      const given = Buffer.from(digest, 'base64url');
      const wanted = digestFor(namespace);
      return given.length === wanted.length && timingSafeEqual(given, wanted) ? namespace : undefined;
    },
  };
}
