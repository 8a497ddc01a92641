// An index of events in a search index, for logs that have none: one document for each block of
// consecutive records, with the hashes of their names.
import { randomUUID } from 'node:crypto';
import { TenfoldError } from '../../../core/errors.ts';
import type { EventLog } from '../../event-log/event-log.ts';
import type { SearchIndex } from '../../search-index/search-index.ts';
import type { IndexSettingsInput } from '../../search-index/settings.ts';
import type { KeptEventIndex, Narrowed, NarrowQuery, Span } from '../event-index.ts';
import { textHash } from '../text-hash.ts';
import { INCARNATION, isObject, EVENT_INDEX as NAME, placeOf } from './blocks.ts';
import { createIndexFacts } from './index-facts.ts';
import { sweepBlocks } from './sweep-blocks.ts';

export interface SearchEventIndexOptions {
  readonly search: Pick<SearchIndex, 'ensureIndex' | 'dropIndex' | 'change' | 'refresh' | 'search' | 'document'>;
  readonly log: Pick<EventLog, 'bounds' | 'positions'>;
  /** The group whose positions say up to where a topic is indexed. */
  groupOf(topic: string): string;
}

const SETTINGS: IndexSettingsInput = {
  fields: {
    place: { type: 'keyword' },
    start: { type: 'number' },
    end: { type: 'number' },
    id: { type: 'keyword' },
    key: { type: 'keyword' },
    trace: { type: 'keyword' },
  },
};
/** Blocks of one answer; each comes with all of its hashes. */
const MAX_BLOCKS = 50;

export function createSearchEventIndex({ search, log, groupOf }: SearchEventIndexOptions): KeptEventIndex {
  const facts = createIndexFacts({ search, log, groupOf });
  return {
    async open(topic) {
      await search.ensureIndex(NAME, SETTINGS);
      const known = await facts.markOf(topic);
      if (known !== undefined) return known;
      // Another process may write it first.
      await search.change(NAME, [{ kind: 'put', id: INCARNATION, version: 1, document: { mark: randomUUID() } }]);
      const made = await facts.markOf(topic);
      if (made === undefined) throw new Error(`The search index ${NAME} does not keep what is written to it.`);
      return made;
    },
    async write({ topic, partition, start, end, hashes }) {
      const place = placeOf(topic, partition);
      const id = `${place}-${start}`;
      const [ids, key, trace] = [hashes.id, hashes.key, hashes.trace].map(toWords);
      const document = { place, start, end, id: ids, key, trace };
      for (let version = end; ; version += 2) {
        const [outcome] = await search.change(NAME, [{ kind: 'put', id, version, document }]);
        if (outcome?.kind === 'refused') throw new Error(`The search index refused a block: ${outcome.reason}`);
        // One that was deleted has a higher version, by one.
        if (outcome?.kind !== 'outdated' || (await search.document(NAME, id)) !== undefined) return;
      }
    },
    narrow: query => narrow(query).catch(error => unknownOf(query, error)),
    sweep: kept => sweepBlocks({ search, log }, kept),
  };

  async function narrow(query: NarrowQuery): Promise<Narrowed> {
    const { topic, partition, start, end } = query;
    const { mark, positions } = await facts.of(topic);
    const position = positions[partition];
    // A position that belongs to another index says nothing.
    const known = mark !== undefined && position?.metadata === mark ? Math.min(end, position.offset) : start;
    const unknown: Span[] = known < end ? [{ start: Math.max(start, known), end }] : [];
    const unindexed = Math.max(0, end - Math.max(start, known));
    if (known <= start) return { spans: unknown, from: start, unindexed };
    const found = await blocksWith(query, known);
    const from = found.length < MAX_BLOCKS ? start : Math.max(start, reachOf(found, known));
    return { spans: [...unknown, ...joined(found, from, known)], from, unindexed };
  }

  /** Blocks that end last come first. */
  async function blocksWith({ topic, partition, field, value, start }: NarrowQuery, end: number): Promise<Span[]> {
    const { hits } = await search.search(NAME, {
      filter: {
        all: [
          { field: 'place', in: [placeOf(topic, partition)] },
          { field, in: [wordOf(textHash(value))] },
          { field: 'start', to: end - 1 },
          { field: 'end', from: start + 1 },
        ],
      },
      sort: [{ field: 'end', order: 'descending' }],
      limit: MAX_BLOCKS,
    });
    return hits.map(({ document }) => spanIn(document));
  }
}

/** Other blocks than these have nothing from here on. */
function reachOf(blocks: readonly Span[], end: number): number {
  const last = blocks.at(-1);
  return last === undefined ? end : last.end < end ? last.end : last.start;
}

/**
 * It is what blocks have between two places. Blocks may overlap: a reader whose position was lost
 * begins anew, and its blocks begin at other events.
 */
function joined(blocks: readonly Span[], from: number, below: number): Span[] {
  const spans: { start: number; end: number }[] = [];
  for (const block of blocks) {
    const [start, end] = [Math.max(from, block.start), Math.min(below, block.end)];
    const before = spans.at(-1);
    if (before !== undefined && end > before.start) before.start = Math.min(before.start, start);
    else if (start < end) spans.push({ start, end });
  }
  return spans;
}

function toWords(hashes: ReadonlySet<number>): string[] {
  return [...hashes].map(wordOf);
}

function wordOf(hash: number): string {
  return hash.toString(36);
}

function spanIn(document: unknown): Span {
  if (isObject(document)) return { start: Number(document['start']), end: Number(document['end']) };
  throw new Error(`The search index ${NAME} has a document that is no block.`);
}

/** While the search index is away, all is read. */
function unknownOf({ start, end }: Span, error: unknown): Narrowed {
  const isAway = error instanceof TenfoldError && error.code === 'store-unavailable';
  if (isAway) return { spans: [{ start, end }], from: start, unindexed: end - start };
  throw error;
}
