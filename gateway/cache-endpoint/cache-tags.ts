// Purging many values at once: each tag has a random generation, values remember those they were
// made under, and a purge forgets it.
import type { World } from '../../core/world.ts';
import type { Keys } from '../../drivers/store/store.ts';
import type { Generations } from './cache-entry.ts';
import { tagPlace } from './cache-layout.ts';

/**
 * Longer than any value is kept. When it ends, values that were made under it count as purged: too
 * early at worst, never too late.
 */
const GENERATION_TTL_MS = 90 * 86_400_000;

export interface CacheTags {
  /**
   * The present generations; missing ones are begun. To be called before the source of a value is
   * read.
   */
  current(tags: readonly string[]): Promise<Generations>;
  /** Whether none of them was purged since. */
  hold(generations: Generations): Promise<boolean>;
  purge(tags: readonly string[]): Promise<void>;
}

export function createCacheTags(world: World, store: Keys, namespace: string): CacheTags {
  async function read(tag: string): Promise<string | undefined> {
    const { scope, key } = tagPlace(namespace, tag);
    const entry = await store.get(scope, key);
    return entry && Buffer.from(entry.value).toString();
  }

  async function begin(tag: string): Promise<string> {
    const { scope, key } = tagPlace(namespace, tag);
    const generation = world.id();
    const outcome = await store.put(scope, key, generation, { ttlMs: GENERATION_TTL_MS, when: 'absent' });
    if (outcome.written || outcome.entry === undefined) return generation;
    return Buffer.from(outcome.entry.value).toString();
  }

  return {
    async current(tags) {
      const pairs = tags.map(async tag => [tag, (await read(tag)) ?? (await begin(tag))] as const);
      return Object.fromEntries(await Promise.all(pairs));
    },
    async hold(generations) {
      const same = Object.entries(generations).map(async ([tag, generation]) => (await read(tag)) === generation);
      return (await Promise.all(same)).every(Boolean);
    },
    async purge(tags) {
      await Promise.all(
        tags.map(tag => {
          const { scope, key } = tagPlace(namespace, tag);
          return store.delete(scope, key);
        }),
      );
    },
  };
}
