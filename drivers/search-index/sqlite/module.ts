// The search index's part in the database, and what answers its questions in
// a thread that only reads.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import { maybeNumberColumn, numberColumn, textColumn } from '../../sqlite/columns.ts';
import type { ModuleReader, SqliteModule } from '../../sqlite/module.ts';
import { searchQuery } from '../query.ts';
import { textField } from '../text/fields.ts';
import { openSqliteCatalog } from './catalog.ts';
import { intactDocument } from './documents.ts';
import { examineSearch } from './examine-search.ts';
import { geoDistance } from './filter.ts';
import { searchMigrations, tablesOf } from './schema.ts';
import { openSearcher } from './search.ts';
import { suggestFromVocabulary } from './suggest.ts';
import { openVocabulary, type Vocabulary } from './vocabulary.ts';
import { packFound, packList, SEARCH_READ } from './wire.ts';
import { openSearchWriter } from './writer.ts';

export const searchModule: SqliteModule = {
  name: 'search',
  migrations: searchMigrations,
  smallTables: ['search_index', 'search_alias'],
  openWriter: ({ db }) => openSearchWriter(db),
  openReader: ({ db }) => openSearchReader(db),
  doctor: { examine: examineSearch },
};

const MAX_STATEMENTS = 200;
const MAX_INDEXES = 1000;

function openSearchReader(db: DatabaseSync): ModuleReader {
  db.function('tenfold_distance', { deterministic: true }, geoDistance);
  const catalog = openSqliteCatalog(db);
  const prepare = openStatements(db);
  const searcher = openSearcher(prepare);
  const vocabularies = new Map<number, Vocabulary>();
  const find = (name: string) => {
    const index = catalog.find(name, true);
    const vocabulary = vocabularies.get(index.id) ?? openVocabulary(db, index.tables);
    if (vocabularies.size >= 64) vocabularies.clear();
    vocabularies.set(index.id, vocabulary);
    return { index, vocabulary };
  };
  return {
    read(request, reply) {
      const operation = request.u8();
      const now = request.f64();
      if (operation === SEARCH_READ.indexes) {
        listIndexes(db, request.text(), reply);
      } else if (operation === SEARCH_READ.search) {
        const { index, vocabulary } = find(request.text());
        packFound(reply, searcher.search(index, vocabulary, searchQuery.parse(request.json()), now));
      } else if (operation === SEARCH_READ.suggest) {
        const { index, vocabulary } = find(request.text());
        const field = textField(index.plan, request.text());
        packList(reply, suggestFromVocabulary(vocabulary, field, request.text(), request.u32()), text =>
          reply.text(text),
        );
      } else if (operation === SEARCH_READ.document) {
        const { index } = find(request.text());
        readDocument(
          prepare(
            `SELECT key, version, crc, document FROM ${index.tables.docs} WHERE key = ? AND deleted IS NULL AND (expires IS NULL OR expires > ?)`,
          ),
          request,
          reply,
          now,
        );
      } else if (operation === SEARCH_READ.upkeep) {
        reply.f64(nextUpkeep(db, prepare) ?? Number.NaN);
      } else {
        throw new RangeError(`no operation ${operation}`);
      }
    },
  };
}

function readDocument(statement: StatementSync, request: ByteReader, reply: ByteWriter, now: number): void {
  const row = statement.get(request.text(), now);
  reply.u8(row ? 1 : 0);
  if (!row) return;
  reply.f64(numberColumn(row, 'version'));
  reply.text(intactDocument(row));
}

function listIndexes(db: DatabaseSync, prefix: string, reply: ByteWriter): void {
  const rows = db.prepare('SELECT id, name FROM search_index WHERE name >= ? AND name < ? ORDER BY name LIMIT ? + 0');
  const aliases = db.prepare('SELECT name FROM search_alias WHERE idx = ? ORDER BY name');
  packList(reply, rows.all(prefix, `${prefix}\u{10FFFF}`, MAX_INDEXES), row => {
    reply.text(textColumn(row, 'name'));
    packList(reply, aliases.all(numberColumn(row, 'id')), alias => reply.text(textColumn(alias, 'name')));
  });
}

/** When something is to be removed next; zero: at once, of a dropped index. */
function nextUpkeep(db: DatabaseSync, prepare: (sql: string) => StatementSync): number | undefined {
  const times: number[] = [];
  for (const row of db.prepare('SELECT id, name FROM search_index').all()) {
    if (row['name'] === null) return 0;
    const { docs } = tablesOf(numberColumn(row, 'id'));
    for (const column of ['expires', 'deleted']) {
      const next = prepare(`SELECT min(${column}) AS at FROM ${docs} WHERE ${column} IS NOT NULL`).get();
      const at = next && maybeNumberColumn(next, 'at');
      if (at !== undefined) times.push(at);
    }
  }
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Statements that are asked again and again are prepared once. */
function openStatements(db: DatabaseSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>();
  return sql => {
    const known = statements.get(sql);
    if (known) return known;
    if (statements.size >= MAX_STATEMENTS) statements.clear();
    const statement = db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
}
