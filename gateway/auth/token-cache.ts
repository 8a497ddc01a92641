// Tokens that were checked already, until they expire: a signature costs 50 to 100 µs,
// finding it here less than one.
import type { Identity } from './identity.ts';

interface Entry {
  readonly identity: Identity;
  /** Wall clock, milliseconds. */
  readonly until: number;
}

const MAX_ENTRIES = 4_096;
/** Longer credentials are checked each time, so that the cache has a bound in bytes too: 16 MiB. */
const MAX_LENGTH = 4_096;

export interface TokenCache {
  find(credential: string, now: number): Identity | undefined;
  add(credential: string, identity: Identity, until: number): void;
  clear(): void;
}

export function createTokenCache(): TokenCache {
  // Two generations: a used entry is carried over, so that the least recently used ones go.
  let young = new Map<string, Entry>();
  let old = new Map<string, Entry>();
  const put = (credential: string, entry: Entry) => {
    if (young.size >= MAX_ENTRIES / 2) {
      old = young;
      young = new Map();
    }
    young.set(credential, entry);
  };
  return {
    find(credential, now) {
      let entry = young.get(credential);
      if (entry === undefined) {
        entry = old.get(credential);
        if (entry === undefined) return undefined;
        if (now < entry.until) put(credential, entry);
      }
      return now < entry.until ? entry.identity : undefined;
    },
    add(credential, identity, until) {
      if (credential.length <= MAX_LENGTH) put(credential, { identity, until });
    },
    clear() {
      young = new Map();
      old = new Map();
    },
  };
}
