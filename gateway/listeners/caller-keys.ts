// Keys for the internal listener: one per namespace, derived from one secret, so that a key says
// and proves where its holder lives.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const CAUSE_KEY_BYTES = 32;
const MOST_KNOWN = 10_000;

export interface CauseKeys {
  /**
   * The key with which functions of `namespace` seal why they failed: 32 bytes. Their own keys
   * tell nothing of it.
   */
  causeKeyFor(namespace: string): Buffer;
}

export interface CallerKeys extends CauseKeys {
  /** The key that callers in `namespace` present. */
  keyFor(namespace: string): string;
  /** The namespace whose key this is, or undefined when it is nobody's. */
  namespaceOf(key: string | undefined): string | undefined;
}

/** Namespaces are DNS labels (RFC 1123): no dot, so the first dot ends it. */
const KEY = /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.([A-Za-z0-9_-]{43})$/;

export function createCallerKeys(secret: string): CallerKeys {
  const known = new Map<string, Buffer>();
  const causeKeys = new Map<string, Buffer>();
  const digestFor = (namespace: string): Buffer => {
    let digest = known.get(namespace);
    if (!digest) {
      digest = createHmac('sha256', secret).update(`tenfold internal listener\n${namespace}`).digest();
      // Namespaces asked for by strangers must not fill memory.
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(namespace, digest);
    }
    return digest;
  };
  return {
    causeKeyFor(namespace) {
      let key = causeKeys.get(namespace);
      if (!key) {
        key = Buffer.from(hkdfSync('sha256', secret, 'tenfold causes', namespace, CAUSE_KEY_BYTES));
        if (causeKeys.size >= MOST_KNOWN) causeKeys.clear();
        causeKeys.set(namespace, key);
      }
      return key;
    },
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
