// Deletes blocks of topics and of events that are gone from the search index. The positions in
// these topics may outlive them; a mark makes them say nothing.
import type { Bounds, EventLog } from '../../event-log/event-log.ts';
import type { Filter } from '../../search-index/query.ts';
import type { SearchIndex } from '../../search-index/search-index.ts';
import { EVENT_INDEX as NAME, notThere, OLD_EVENT_INDEX, placeOf, placesOf, sweptOf, topicIn } from './blocks.ts';

interface Swept {
  readonly search: Pick<SearchIndex, 'change' | 'document' | 'dropIndex' | 'refresh' | 'search'>;
  readonly log: Pick<EventLog, 'bounds'>;
}

interface StoredBlock {
  readonly id: string;
  readonly version: number;
  readonly topic: string;
}

/** Blocks of one answer; each comes with all of its hashes. */
const MOST_BLOCKS = 100;
/** Conditions that one filter may have. */
const MAX_CONDITIONS = 64;

/** Resolves to the number of blocks. Blocks of the `kept` topics go with their events alone. */
export async function sweepBlocks({ search, log }: Swept, kept: Iterable<string>): Promise<number> {
  await search.dropIndex(OLD_EVENT_INDEX);
  const there = new Set(kept);
  let removed = 0;
  for (;;) {
    const topics = Map.groupBy(await blocksBeside(search, there), ({ topic }) => topic);
    const [before, known] = [removed, there.size];
    for (const [topic, blocks] of topics) {
      if ((await log.bounds(topic)) === undefined) removed += await remove(search, topic, blocks);
      else there.add(topic);
    }
    if (removed === before && there.size === known) break;
  }
  for (const topic of there) removed += await removePassed(search, topic, (await log.bounds(topic)) ?? []);
  return removed;
}

/** Some blocks of other topics than these. */
async function blocksBeside(search: Swept['search'], topics: ReadonlySet<string>): Promise<readonly StoredBlock[]> {
  const isThere = [...topics].map((topic): Filter => ({ field: 'place', startsWith: placesOf(topic) }));
  const others = { not: anyOf(isThere) };
  return blocksThat(search, { all: [{ field: 'place', exists: true }, ...(isThere.length > 0 ? [others] : [])] });
}

/** Deletes the blocks of a topic whose events are all gone. */
async function removePassed(search: Swept['search'], topic: string, bounds: readonly Bounds[]): Promise<number> {
  const passed = bounds.flatMap(({ start }, partition): Filter[] => {
    if (start === 0) return [];
    return [
      {
        all: [
          { field: 'place', in: [placeOf(topic, partition)] },
          { field: 'end', to: start },
        ],
      },
    ];
  });
  if (passed.length === 0) return 0;
  let removed = 0;
  for (;;) {
    const deleted = await deleteBlocks(search, await blocksThat(search, anyOf(passed)));
    if (deleted === 0) return removed;
    removed += deleted;
  }
}

/** Some of them. */
async function blocksThat(search: Swept['search'], filter: Filter): Promise<readonly StoredBlock[]> {
  try {
    await search.refresh(NAME);
    const { hits } = await search.search(NAME, { filter, limit: MOST_BLOCKS });
    return hits.map(({ id, version, document }) => ({ id, version, topic: topicIn(document) }));
  } catch (error) {
    notThere(error);
    return [];
  }
}

/** No position that was committed before says anything from then on. */
async function remove(search: Swept['search'], topic: string, blocks: readonly StoredBlock[]): Promise<number> {
  const id = sweptOf(topic);
  const swept = await search.document(NAME, id);
  await search.change(NAME, [{ kind: 'put', id, version: (swept?.version ?? 0) + 1, document: {} }]);
  return deleteBlocks(search, blocks);
}

async function deleteBlocks(search: Swept['search'], blocks: readonly StoredBlock[]): Promise<number> {
  if (blocks.length === 0) return 0;
  const deleted = blocks.map(block => ({ kind: 'delete', id: block.id, version: block.version + 1 }) as const);
  const outcomes = await search.change(NAME, deleted);
  return outcomes.filter(({ kind }) => kind === 'written').length;
}

function anyOf(filters: readonly Filter[]): Filter {
  if (filters.length <= MAX_CONDITIONS) return { any: filters };
  const groups = Array.from({ length: Math.ceil(filters.length / MAX_CONDITIONS) }, (_, at) => {
    return anyOf(filters.slice(at * MAX_CONDITIONS, (at + 1) * MAX_CONDITIONS));
  });
  return anyOf(groups);
}
