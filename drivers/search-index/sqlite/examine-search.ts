// Looks at what a damaged file holds of the search index, document by document; in a new file every
// index is built anew from those that are sound.
import type { DatabaseSync } from 'node:sqlite';
import { maybeNumberColumn, numberColumn, textColumn } from '../../sqlite/columns.ts';
import { checkStructure } from '../../sqlite/integrity/examine-tables.ts';
import { messageOf, type RawRow, readTolerantly } from '../../sqlite/integrity/tolerant-rows.ts';
import type { PartReport } from '../../sqlite/module.ts';
import { indexSettings } from '../settings.ts';
import { planOf } from '../text/plan.ts';
import { TOMBSTONE_MS } from '../tombstone.ts';
import type { SqliteIndex } from './catalog.ts';
import { DocumentWriter, intactDocument } from './documents.ts';
import { createTables, tablesOf } from './schema.ts';

/** Documents after which counts of words are written. */
const SLICE = 1000;

export function* examineSearch(from: DatabaseSync, to: DatabaseSync | undefined): Iterable<PartReport> {
  const problems = [...checkStructure(from, 'search_index'), ...checkStructure(from, 'search_alias')];
  const indexes: { readonly name: string; readonly index: SqliteIndex }[] = [];
  for (const row of readTolerantly(from, 'SELECT id, name, settings FROM search_index', ['id'], problems)) {
    if (row['name'] === null) continue; // dropped, and being emptied
    try {
      indexes.push({ name: textColumn(row, 'name'), index: openIndex(row, to) });
    } catch (error) {
      problems.push(`what is known of an index is damaged (${messageOf(error)})`);
    }
  }
  const known = new Set(indexes.map(({ index }) => index.id));
  const point = to?.prepare('INSERT INTO search_alias VALUES (?, ?)');
  for (const row of readTolerantly(from, 'SELECT name, idx FROM search_alias', ['name'], problems)) {
    if (known.has(Number(row['idx']))) point?.run(textColumn(row, 'name'), numberColumn(row, 'idx'));
    else problems.push(`alias '${row['name']}' leads to an index that is not there`);
  }
  yield { part: 'search indexes', sound: indexes.length, problems };
  for (const { name, index } of indexes) yield examineIndex(name, index, from, to);
}

/** Made in the new file, under its number. */
function openIndex(row: RawRow, to: DatabaseSync | undefined): SqliteIndex {
  const id = numberColumn(row, 'id');
  const settings = textColumn(row, 'settings');
  const index = { id, plan: planOf(indexSettings.parse(JSON.parse(settings))), tables: tablesOf(id) };
  if (to) {
    to.prepare('INSERT INTO search_index (id, name, settings) VALUES (?, ?, ?)').run(
      id,
      textColumn(row, 'name'),
      settings,
    );
    to.exec(createTables(index.tables, index.plan));
  }
  return index;
}

function examineIndex(name: string, index: SqliteIndex, from: DatabaseSync, to: DatabaseSync | undefined): PartReport {
  const { docs, tags, words, terms, grams } = index.tables;
  const problems = [docs, tags, words, terms, grams].flatMap(table => checkStructure(from, table));
  const writer = to && new DocumentWriter(to, index);
  const select = `SELECT id, key, version, expires, deleted, crc, document FROM ${docs}`;
  let sound = 0;
  for (const row of readTolerantly(from, select, ['id'], problems)) {
    try {
      copyDocument(row, writer);
      sound++;
    } catch (error) {
      problems.push(messageOf(error).split('. ', 1)[0] ?? '');
    }
    if (sound % SLICE === 0) writer?.flush();
  }
  writer?.flush();
  return { part: `search index ${name}`, sound, problems };
}

/** Times are as they were: the writer's clock stands at zero, or where the deletion was. */
function copyDocument(row: RawRow, writer: DocumentWriter | undefined): void {
  const [key, version] = [textColumn(row, 'key'), numberColumn(row, 'version')];
  const deleted = maybeNumberColumn(row, 'deleted');
  if (deleted !== undefined) {
    writer?.delete(key, version, deleted - TOMBSTONE_MS);
    return;
  }
  const text = intactDocument(row);
  const outcome = writer?.put(key, version, text, maybeNumberColumn(row, 'expires'), 0);
  if (outcome?.kind === 'refused') throw new TypeError(`document '${key}' does not fit: ${outcome.reason}`);
}
