// Writes the search index: indexes made and dropped, aliases pointed, documents changed.
import type { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../../core/errors.ts';
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import { numberColumn, textColumn } from '../../sqlite/columns.ts';
import type { ModuleWriter } from '../../sqlite/module.ts';
import type { ChangeOutcome } from '../search-index.ts';
import { indexSettings } from '../settings.ts';
import { planOf } from '../text/plan.ts';
import { openSqliteCatalog } from './catalog.ts';
import { DocumentWriter } from './documents.ts';
import { createTables, tablesOf } from './schema.ts';
import { CHANGE_KIND, OUTCOME, SEARCH_WRITE, unpackList } from './wire.ts';

/** Writers whose statements are kept ready. */
const MAX_OPEN = 32;

export function openSearchWriter(db: DatabaseSync): ModuleWriter {
  const catalog = openSqliteCatalog(db);
  const open = new Map<number, DocumentWriter>();
  const writerOf = (name: string) => {
    const index = catalog.find(name, false);
    const known = open.get(index.id);
    if (known) return known;
    if (open.size >= MAX_OPEN) open.clear();
    const writer = new DocumentWriter(db, index);
    open.set(index.id, writer);
    return writer;
  };
  const indexes = openIndexWriter(db);
  return {
    write(request, reply) {
      const operation = request.u8();
      const now = request.f64();
      switch (operation) {
        case SEARCH_WRITE.ensure:
          indexes.ensure(request.text(), request.text());
          return;
        case SEARCH_WRITE.drop:
          indexes.drop(request.text());
          return;
        case SEARCH_WRITE.empty:
          reply.u8(indexes.empty(request.u32()) ? 1 : 0);
          return;
        case SEARCH_WRITE.point:
          indexes.point(unpackList(request, () => ({ alias: request.text(), index: request.textOrNull() })));
          return;
        case SEARCH_WRITE.change:
          changeAll(writerOf(request.text()), request, reply, now);
          return;
        case SEARCH_WRITE.sweep:
          reply.u8(sweep(db, writerOf, now, request.u32()) ? 1 : 0);
          return;
        default:
          throw new RangeError(`no operation ${operation}`);
      }
    },
    // Forgets gathered words that were not written, and statements of tables
    // that do not exist after all.
    rolledBack: () => open.clear(),
  };
}

function changeAll(writer: DocumentWriter, request: ByteReader, reply: ByteWriter, now: number): void {
  for (let count = request.u32(); count > 0; count--) {
    const kind = request.u8();
    const [id, version] = [request.text(), request.f64()];
    if (kind === CHANGE_KIND.delete) {
      packOutcome(reply, writer.delete(id, version, now));
      continue;
    }
    const ttlMs = request.f64();
    packOutcome(reply, writer.put(id, version, request.text(), Number.isNaN(ttlMs) ? undefined : ttlMs, now));
  }
  writer.flush();
}

function packOutcome(reply: ByteWriter, outcome: ChangeOutcome): void {
  reply.u8(OUTCOME[outcome.kind]);
  if (outcome.kind === 'refused') reply.text(outcome.reason);
}

function sweep(db: DatabaseSync, writerOf: (name: string) => DocumentWriter, now: number, limit: number): boolean {
  const names = db.prepare('SELECT name FROM search_index WHERE name IS NOT NULL').all();
  for (const row of names) if (writerOf(textColumn(row, 'name')).sweep(now, limit) > 0) return true;
  return false;
}

function openIndexWriter(db: DatabaseSync) {
  const find = db.prepare('SELECT id, settings FROM search_index WHERE name = ?');
  const insert = db.prepare('INSERT INTO search_index (name, settings) VALUES (?, ?) RETURNING id');
  const retire = db.prepare('UPDATE search_index SET name = NULL WHERE id = ?');
  const retired = db.prepare('SELECT id FROM search_index WHERE name IS NULL LIMIT 1');
  const forget = db.prepare('DELETE FROM search_index WHERE id = ?');
  const findAlias = db.prepare('SELECT 1 FROM search_alias WHERE name = ?');
  const setAlias = db.prepare('INSERT OR REPLACE INTO search_alias VALUES (?, ?)');
  const dropAlias = db.prepare('DELETE FROM search_alias WHERE name = ?');
  const dropAliases = db.prepare('DELETE FROM search_alias WHERE idx = ?');

  return {
    ensure(name: string, settings: string) {
      const met = find.get(name);
      if (met) {
        if (textColumn(met, 'settings') === settings) return;
        throw new TenfoldError(
          'conflict',
          `The search index '${name}' is there with other settings. Make another one, and point the alias to it.`,
        );
      }
      if (findAlias.get(name)) throw new TenfoldError('conflict', `'${name}' is an alias of another search index.`);
      const plan = planOf(indexSettings.parse(JSON.parse(settings)));
      const id = numberColumn(insert.get(name, settings) ?? {}, 'id');
      db.exec(createTables(tablesOf(id), plan));
    },
    drop(name: string) {
      const met = find.get(name);
      if (!met) return;
      dropAliases.run(numberColumn(met, 'id'));
      retire.run(numberColumn(met, 'id'));
    },
    /**
     * Removes about `limit` rows of dropped indexes, so that no commit waits long;
     * false when nothing is left.
     */
    empty(limit: number): boolean {
      const row = retired.get();
      if (!row) return false;
      const id = numberColumn(row, 'id');
      const { docs, tags, words, terms, grams } = tablesOf(id);
      const ids = db.prepare(`SELECT id FROM ${docs} LIMIT ? + 0`).all(limit);
      const removeWords = db.prepare(`DELETE FROM ${words} WHERE rowid = ?`);
      for (const doc of ids) removeWords.run(numberColumn(doc, 'id'));
      let left =
        limit -
        Number(db.prepare(`DELETE FROM ${docs} WHERE id IN (SELECT id FROM ${docs} LIMIT ? + 0)`).run(limit).changes);
      const rest = [
        [tags, 'field, value, doc'],
        [terms, 'field, term'],
        [grams, 'gram, length, term'],
      ] as const;
      for (const [table, key] of rest) {
        if (left <= 0) return true;
        left -= Number(
          db.prepare(`DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} LIMIT ? + 0)`).run(left)
            .changes,
        );
      }
      if (left <= 0) return true;
      for (const table of [docs, tags, words, terms, grams]) db.exec(`DROP TABLE ${table}`);
      forget.run(id);
      return true;
    },
    point(aliases: readonly { readonly alias: string; readonly index: string | null }[]) {
      for (const { alias, index } of aliases) {
        if (find.get(alias))
          throw new TenfoldError('conflict', `'${alias}' is a search index itself and cannot be an alias.`);
        if (index === null) {
          dropAlias.run(alias);
          continue;
        }
        const target = find.get(index);
        if (!target) throw new TenfoldError('not-found', `There is no search index '${index}' to point '${alias}' to.`);
        setAlias.run(alias, numberColumn(target, 'id'));
      }
    },
  };
}
