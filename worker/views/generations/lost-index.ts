// Notices that the search index of a generation is gone: somebody deleted it, or it was lost with
// its Elasticsearch. A new index would lack all that was folded before.
import type { ViewGeneration } from '../../../core/views/view-generations.ts';
import type { World } from '../../../core/world.ts';
import type { SearchIndex } from '../../../drivers/search-index/search-index.ts';

export interface LostIndexOptions {
  readonly world: World;
  readonly search: Pick<SearchIndex, 'indexes'>;
  /** Undefined for a generation that has none. */
  indexOf(generation: ViewGeneration): string | undefined;
  /** Called once for each. */
  lost(index: string): void;
}

/** How often to check that it is there; nothing else finds out where nothing is folded. */
const LOOK_EVERY_MS = 10_000;

/**
 * Whether the index of a generation that has had one is gone; for good, as a generation never gets
 * another. Rejects as the search index does where it has not been seen yet. Later, failed checks
 * count as present.
 */
export function createLostIndexes({ world, search, indexOf, lost }: LostIndexOptions) {
  const gone = new Set<string>();
  const seen = new Map<string, number>();

  return async (generation: ViewGeneration): Promise<boolean> => {
    const { id } = generation;
    if (gone.has(id)) return true;
    const index = indexOf(generation);
    const seenAt = seen.get(id);
    if (index === undefined || (seenAt !== undefined && world.monotonic() - seenAt < LOOK_EVERY_MS)) return false;
    let found: Awaited<ReturnType<SearchIndex['indexes']>>;
    try {
      found = await search.indexes(index);
    } catch (error) {
      if (seenAt === undefined) throw error;
      return false;
    }
    if (found.some(({ name }) => name === index)) {
      seen.set(id, world.monotonic());
      return false;
    }
    seen.delete(id);
    gone.add(id);
    lost(index);
    return true;
  };
}
