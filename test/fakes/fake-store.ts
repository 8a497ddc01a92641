// Keys in memory with times to live by a World's clock; fails when a test says so.

import type { World } from '../../core/world.ts';
import type { PutOptions, StoreEntry } from '../../drivers/store/store.ts';

export function createFakeStore(world: Pick<World, 'now'>) {
  const entries = new Map<string, StoreEntry & { readonly until: number }>();
  let versions = 0;
  const live = (scope: string, key: string) => {
    const entry = entries.get(`${scope}\n${key}`);
    return entry && entry.until > world.now() ? entry : undefined;
  };
  const fake = {
    /** Called before each request; rejects in its place. */
    before: async (_what: string): Promise<void> => {},
    entries,
    now: async () => world.now(),
    async get(scope: string, key: string) {
      await fake.before('get');
      return live(scope, key);
    },
    async put(scope: string, key: string, value: Uint8Array | string, { ttlMs, when }: PutOptions) {
      await fake.before('put');
      const met = live(scope, key);
      const refused = when === 'absent' ? met !== undefined : when !== undefined && met?.version !== when.version;
      if (refused) return { written: false, entry: met } as const;
      const version = String(++versions);
      entries.set(`${scope}\n${key}`, { value: Buffer.from(value), version, until: world.now() + ttlMs });
      return { written: true, version } as const;
    },
    async delete(scope: string, key: string, when?: { readonly version: string }) {
      await fake.before('delete');
      const met = live(scope, key);
      return met !== undefined && (!when || met.version === when.version) && entries.delete(`${scope}\n${key}`);
    },
  };
  return fake;
}
