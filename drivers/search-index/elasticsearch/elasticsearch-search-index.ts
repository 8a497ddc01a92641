// SearchIndex over Elasticsearch 9 or later: texts are taken apart here as on the laptop, so the server needs no plugin and finds the same.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import { createServedClock } from '../../served-clock.ts';
import { assertDocumentChanges, assertIndexName, parsed } from '../assert-search.ts';
import { invalidSearch } from '../invalid.ts';
import { searchQuery, suggestQuery } from '../query.ts';
import type { ChangeOutcome, SearchIndex } from '../search-index.ts';
import { textField } from '../text/fields.ts';
import { type Asking, requestSuggestions, search } from './ask.ts';
import { askTime } from './ask-time.ts';
import { openElasticsearchCatalog } from './catalog.ts';
import type { ElasticsearchConnection } from './connection-options.ts';
import { elasticsearchRefusalOf, OutOfDate } from './es-error.ts';
import { createIndexes } from './indexes.ts';
import { openElasticsearchLink } from './link.ts';
import { DOCUMENT, type ElasticsearchIndex, EXPIRES, GONE } from './mapping.ts';
import { startSweep } from './sweep.ts';
import { toOperations, write } from './write.ts';

export interface ElasticsearchOptions {
  readonly world: World;
  readonly connection: ElasticsearchConnection;
  /**
   * Prefix of the names of all indexes, so that several installations share a cluster; `tenfold-`
   * when left out.
   */
  readonly prefix?: string | undefined;
  /** Shards of each index; 1 when left out, which is enough for some ten million small documents. */
  readonly shards?: number | undefined;
  /** Copies of each shard; when left out one where there is a second node. */
  readonly replicas?: number | undefined;
  /** The longest time of a whole call; three times as long for writes. 10 seconds when left out. */
  readonly requestTimeoutMs?: number | undefined;
  readonly maxPendingBytes?: number | undefined;
  readonly maxAnswerBytes?: number | undefined;
  /** Told when Elasticsearch cannot be used, and when it can again. */
  readonly log?: ((level: 'info' | 'warn', message: string) => void) | undefined;
}

interface Stored {
  readonly [DOCUMENT]?: unknown;
  readonly [EXPIRES]?: number;
  readonly [GONE]?: number;
}

const MAX_ID = 512;
const MAX_BYTES = 64 * 1024 * 1024;
const HEALTH_MS = 3_000;
/** Times that a question is made anew for an index that has changed under it. */
const ANEW = 3;

/** Does not fail when nobody answers: calls do, with `store-unavailable`, until somebody does. */
export async function openElasticsearch(options: ElasticsearchOptions): Promise<SearchIndex> {
  const { world, connection, prefix = 'tenfold-', requestTimeoutMs = 10_000, log = () => {} } = options;
  assertPrefix(prefix);
  const link = await openElasticsearchLink({
    world,
    connection,
    requestTimeoutMs,
    maxPendingBytes: options.maxPendingBytes ?? MAX_BYTES,
    maxAnswerBytes: options.maxAnswerBytes ?? MAX_BYTES,
    log,
  });
  const catalog = openElasticsearchCatalog(link);
  const written = new Map<string, ElasticsearchIndex>();
  let wasRed = false;
  const clock = createServedClock(world, () => askTime(world, link));
  const sweeping = startSweep({ world, clock, link, indexes: () => [...written.values()] });
  const nameOf = (name: string) => {
    assertIndexName(name);
    return prefix + name;
  };

  /** Once more with what the index is now, when it is not what it was taken for. */
  async function upToDate<T>(name: string, work: (index: ElasticsearchIndex) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(await catalog.find(name));
      } catch (error) {
        const isStale = error instanceof OutOfDate;
        if (isStale || (error instanceof TenfoldError && error.code === 'not-found')) catalog.forget(name);
        if (!isStale) throw error;
        if (attempt < ANEW) continue;
        throw new TenfoldError('store-unavailable', `Index '${name}' changes all the time.`, { cause: error });
      }
    }
  }
  const asking = (name: string): Asking => ({ clock, ask: link.ask, name });

  return {
    ...createIndexes({ link, catalog, prefix, nameOf, shards: options.shards, replicas: options.replicas }),
    async change(index, changes) {
      const name = nameOf(index);
      const { documents } = assertDocumentChanges(changes);
      return await upToDate(name, async open => {
        if (open.name !== name) throw new TenfoldError('not-found', `'${index}' is an alias; indexes are written.`);
        const { outcomes, operations } = toOperations(open, changes, documents, await clock.now());
        await write(world, link, open, operations, outcomes);
        written.set(name, open);
        return outcomes.map((outcome): ChangeOutcome => {
          if (outcome) return outcome;
          throw new TenfoldError('internal', 'A document has no outcome.');
        });
      });
    },
    async refresh(index) {
      const name = nameOf(index);
      await link.ask(0, (client, options) => client.indices.refresh({ index: name }, options));
    },
    async search(asked, query) {
      const name = nameOf(asked);
      const checked = parsed(searchQuery, query, 'The query');
      return await upToDate(name, index => search(asking(name), index, checked));
    },
    async suggest(asked, query) {
      const name = nameOf(asked);
      const { field, text, limit } = parsed(suggestQuery, query, 'The query');
      return await upToDate(name, index =>
        requestSuggestions(asking(name), index, textField(index.plan, field), text, limit),
      );
    },
    async document(asked, id) {
      const index = nameOf(asked);
      if (id === '' || Buffer.byteLength(id) > MAX_ID || !id.isWellFormed()) return undefined;
      const found = await link.ask(0, async (client, options) => {
        try {
          return await client.get<Stored>({ index, id, _source_includes: [DOCUMENT, EXPIRES, GONE] }, options);
        } catch (error) {
          const refusal = elasticsearchRefusalOf(error);
          if (refusal?.status === 404 && refusal.type === '') return undefined;
          throw error;
        }
      });
      const stored = found?._source;
      if (stored === undefined || stored[GONE] !== undefined) return undefined;
      if (stored[EXPIRES] !== undefined && stored[EXPIRES] <= (await clock.now())) return undefined;
      return { document: stored[DOCUMENT], version: found?._version ?? 0 };
    },
    async health() {
      try {
        const { status, unassigned_shards: unassigned } = await link.ask(
          0,
          (client, options) => client.cluster.health({ index: `${prefix}*`, timeout: '1s' }, options),
          HEALTH_MS,
        );
        const isRed = status === 'red' || status === 'RED';
        const reason = `Elasticsearch is red: ${unassigned} shards of ${prefix}* are on no node.`;
        if (isRed !== wasRed) log(isRed ? 'warn' : 'info', isRed ? reason : 'Elasticsearch is not red any more.');
        wasRed = isRed;
        return isRed ? { ok: false, reason } : { ok: true };
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
    async close() {
      await sweeping.close();
      await link.close();
    },
  };
}

function assertPrefix(prefix: string): void {
  if (!/^[a-z0-9][a-z0-9._-]{0,49}$/.test(prefix))
    throw invalidSearch(
      `'${prefix}' cannot be what names of indexes begin with: 1 to 50 lower-case letters, digits, '.', '_' and '-', a letter or digit first.`,
    );
}
