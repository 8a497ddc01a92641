// SearchIndex over SQLite's full-text tables; questions go to a thread of their own and hold up no commits.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import type { Database } from '../../sqlite/database.ts';
import { startSweeper } from '../../sqlite/sweeper.ts';
import { assertDocumentChanges, assertIndexName, parsed } from '../assert-search.ts';
import { searchQuery, suggestQuery } from '../query.ts';
import type { ChangeOutcome, SearchIndex } from '../search-index.ts';
import { indexSettings } from '../settings.ts';
import { planOf } from '../text/plan.ts';
import { CHANGE_KIND, OUTCOME, packList, SEARCH_READ, SEARCH_WRITE, unpackFound, unpackList } from './wire.ts';

export interface SqliteSearchIndexOptions {
  readonly database: Database;
  readonly world: World;
}

/** Rows that one request removes at most, so that no commit waits long for it. */
const SLICE = 200;
const OVERHEAD = 256;

export function createSqliteSearchIndex({ database, world }: SqliteSearchIndexOptions): SearchIndex {
  const client = database.client('search', 'store-unavailable');
  const begin = (operation: number, pack: (out: ByteWriter) => void) => (out: ByteWriter) => {
    out.u8(operation);
    out.f64(world.now());
    pack(out);
  };
  const write = <T>(
    operation: number,
    bytes: number,
    pack: (out: ByteWriter) => void,
    unpack: (reply: ByteReader) => T,
  ) => client.write(bytes + OVERHEAD, begin(operation, pack), unpack);
  const ask = <T>(operation: number, pack: (out: ByteWriter) => void, unpack: (reply: ByteReader) => T) =>
    client.read(begin(operation, pack), unpack, true);
  const slice = (operation: number) =>
    write(
      operation,
      0,
      out => out.u32(SLICE),
      reply => reply.u8() === 1,
    );
  const sweeper = startSweeper({
    world,
    now: world.now,
    async nextExpiry() {
      const next = await ask(
        SEARCH_READ.upkeep,
        () => {},
        reply => reply.f64(),
      );
      return Number.isNaN(next) ? undefined : next;
    },
    sweep: async () => (await slice(SEARCH_WRITE.empty)) || (await slice(SEARCH_WRITE.sweep)),
  });

  return {
    async ensureIndex(name, settings) {
      assertIndexName(name);
      const checked = parsed(indexSettings, settings, 'The settings');
      planOf(checked);
      const text = JSON.stringify(checked);
      await write(
        SEARCH_WRITE.ensure,
        text.length,
        out => {
          out.text(name);
          out.text(text);
        },
        () => {},
      );
    },
    async dropIndex(name) {
      assertIndexName(name);
      await write(
        SEARCH_WRITE.drop,
        0,
        out => out.text(name),
        () => {},
      );
    },
    indexes: prefix =>
      ask(
        SEARCH_READ.indexes,
        out => out.text(prefix),
        reply => unpackList(reply, () => ({ name: reply.text(), aliases: unpackList(reply, () => reply.text()) })),
      ),
    async pointAliases(aliases) {
      const entries = Object.entries(aliases);
      for (const [alias] of entries) assertIndexName(alias);
      const pack = (out: ByteWriter) =>
        packList(out, entries, ([alias, index]) => {
          out.text(alias);
          out.text(index ?? null);
        });
      await write(SEARCH_WRITE.point, entries.length * 64, pack, () => {});
    },
    async change(index, changes) {
      assertIndexName(index);
      const { documents, bytes } = assertDocumentChanges(changes);
      return await write(
        SEARCH_WRITE.change,
        bytes,
        out => {
          out.text(index);
          out.u32(changes.length);
          for (const [at, change] of changes.entries()) {
            out.u8(CHANGE_KIND[change.kind]);
            out.text(change.id);
            out.f64(change.version);
            if (change.kind === 'delete') continue;
            out.f64(change.ttlMs ?? Number.NaN);
            out.text(documents[at] ?? '{}');
          }
        },
        reply => changes.map(() => unpackOutcome(reply)),
      );
    },
    // Every query sees all writes that were answered before it.
    async refresh() {},
    async search(name, query) {
      assertIndexName(name);
      const checked = parsed(searchQuery, query, 'The query');
      const pack = (out: ByteWriter) => {
        out.text(name);
        out.json(checked);
      };
      const { documents, total, isExact, next } = await ask(SEARCH_READ.search, pack, unpackFound);
      const hits = documents.map(({ document, highlights, ...hit }) => ({
        ...hit,
        document: toDocument(document),
        highlights: Object.fromEntries(highlights.map(({ field, fragments }) => [field, fragments])),
      }));
      return { hits, total: { count: total, isExact }, next };
    },
    async suggest(name, query) {
      assertIndexName(name);
      const { field, text, limit } = parsed(suggestQuery, query, 'The query');
      const pack = (out: ByteWriter) => {
        for (const part of [name, field, text]) out.text(part);
        out.u32(limit);
      };
      return await ask(SEARCH_READ.suggest, pack, reply => unpackList(reply, () => reply.text()));
    },
    async document(name, id) {
      assertIndexName(name);
      const pack = (out: ByteWriter) => {
        out.text(name);
        out.text(id);
      };
      return await client.read(begin(SEARCH_READ.document, pack), reply => {
        if (reply.u8() === 0) return undefined;
        const version = reply.f64();
        return { version, document: toDocument(reply.text()) };
      });
    },
    health: () => database.health(),
    close: () => sweeper.close(),
  };
}

function toDocument(text: string): unknown {
  return JSON.parse(text);
}

function unpackOutcome(reply: ByteReader): ChangeOutcome {
  const kind = reply.u8();
  if (kind === OUTCOME.refused) return { kind: 'refused', reason: reply.text() };
  if (kind !== OUTCOME.written && kind !== OUTCOME.outdated) throw new TenfoldError('internal', `no outcome ${kind}`);
  return { kind: kind === OUTCOME.written ? 'written' : 'outdated' };
}
