// SearchIndex over Elasticsearch 9 or later: texts are taken apart here as on the laptop, so the
// server needs no plugin and finds the same.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import { createServedClock, type ServedClock } from '../../served-clock.ts';
import { assertDocumentChanges, assertIndexName, parsed } from '../assert-search.ts';
import { invalidSearch } from '../invalid.ts';
import { searchQuery, suggestQuery } from '../query.ts';
import type { ChangeOutcome, DocumentChange, SearchIndex } from '../search-index.ts';
import { textField } from '../text/fields.ts';
import { type Asking, requestSuggestions, search } from './ask.ts';
import { askTime } from './ask-time.ts';
import { type ElasticsearchCatalog, openElasticsearchCatalog } from './catalog.ts';
import { ClusterState } from './cluster-state.ts';
import type { ElasticsearchConnection } from './connection-options.ts';
import { elasticsearchRefusalOf, OutOfDate } from './es-error.ts';
import { IndexAdmin } from './index-admin.ts';
import { type ElasticsearchLink, openElasticsearchLink } from './link.ts';
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
  /**
   * Shards of each index; 1 when left out, which is enough for some ten million small documents.
   */
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

interface IndexParts {
  readonly world: World;
  readonly link: ElasticsearchLink;
  readonly catalog: ElasticsearchCatalog;
  readonly clock: ServedClock;
  /** The indexes that this process wrote, by their names in Elasticsearch. */
  readonly written: Map<string, ElasticsearchIndex>;
}

const MAX_ID = 512;
const MAX_BYTES = 64 * 1024 * 1024;
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
  const clock = createServedClock(world, () => askTime(world, link));
  const nameOf = (name: string) => {
    assertIndexName(name);
    return prefix + name;
  };
  const parts = { world, link, catalog, clock, written: new Map<string, ElasticsearchIndex>() };
  const sweeping = startSweep({ world, clock, link, indexes: () => [...parts.written.values()] });
  const admin = new IndexAdmin({
    link,
    catalog,
    prefix,
    nameOf,
    shards: options.shards,
    replicas: options.replicas,
  });
  const state = new ClusterState(link, prefix, log);
  const ask: Asking['ask'] = (bytes, send) => link.ask(bytes, send);
  const asking = (name: string): Asking => ({ clock, ask, name });

  return {
    ensureIndex: (name, settings) => admin.ensureIndex(name, settings),
    dropIndex: name => admin.dropIndex(name),
    indexes: start => admin.indexes(start),
    pointAliases: aliases => admin.pointAliases(aliases),
    async change(index, changes) {
      return await changeDocuments(parts, { asked: index, name: nameOf(index) }, changes);
    },
    async refresh(index) {
      const name = nameOf(index);
      await link.ask(0, (client, request) => client.indices.refresh({ index: name }, request));
    },
    async search(asked, query) {
      const name = nameOf(asked);
      const checked = parsed(searchQuery, query, 'The query');
      return await upToDate(catalog, name, index => search(asking(name), index, checked));
    },
    async suggest(asked, query) {
      const name = nameOf(asked);
      const { field, text, limit } = parsed(suggestQuery, query, 'The query');
      return await upToDate(catalog, name, index =>
        requestSuggestions(asking(name), index, textField(index.plan, field), text, limit),
      );
    },
    async document(index, id) {
      return await readDocument(parts, nameOf(index), id);
    },
    health: () => state.health(),
    async close() {
      await sweeping.close();
      await link.close();
    },
  };
}

/** Once more with what the index is now, when it is not what it was taken for. */
async function upToDate<T>(
  catalog: ElasticsearchCatalog,
  name: string,
  work: (index: ElasticsearchIndex) => Promise<T>,
): Promise<T> {
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

async function changeDocuments(
  { world, link, catalog, clock, written }: IndexParts,
  { asked, name }: { readonly asked: string; readonly name: string },
  changes: readonly DocumentChange[],
): Promise<readonly ChangeOutcome[]> {
  const { documents } = assertDocumentChanges(changes);
  return await upToDate(catalog, name, async open => {
    if (open.name !== name) throw new TenfoldError('not-found', `'${asked}' is an alias; indexes are written.`);
    const { outcomes, operations } = toOperations(open, changes, documents, await clock.now());
    await write(world, link, open, operations, outcomes);
    written.set(name, open);
    return outcomes.map((outcome): ChangeOutcome => {
      if (outcome) return outcome;
      throw new TenfoldError('internal', 'A document has no outcome.');
    });
  });
}

async function readDocument({ link, clock }: IndexParts, index: string, id: string) {
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
}

function assertPrefix(prefix: string): void {
  if (!/^[a-z0-9][a-z0-9._-]{0,49}$/.test(prefix))
    throw invalidSearch(
      `'${prefix}' cannot be what names of indexes begin with: 1 to 50 lower-case letters, digits, '.', '_' and '-', a letter or digit first.`,
    );
}
