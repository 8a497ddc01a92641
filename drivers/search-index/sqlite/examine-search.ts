// Looks at what a damaged file holds of the search index, document by document; in a new file every index is built anew from those that are sound.
import type { DatabaseSync } from 'node:sqlite';
import { maybeNumberOf, numberOf, textOf } from '../../sqlite/columns.ts';
import { checkStructure } from '../../sqlite/examine-tables.ts';
import type { PartReport } from '../../sqlite/module.ts';
import { messageOf, type Row, readTolerantly } from '../../sqlite/tolerant-rows.ts';
import { indexSettings } from '../settings.ts';
import { planOf } from '../text/plan.ts';
import type { OpenIndex } from './catalog.ts';
import { type DocumentWriter, intactDocument, openDocumentWriter, TOMBSTONE_MS } from './documents.ts';
import { createTables, tablesOf } from './schema.ts';

/** Documents after which counts of words are written. */
const SLICE = 1000;

export function* examineSearch(from: DatabaseSync, to: DatabaseSync | undefined): Iterable<PartReport> {
  const problems = [...checkStructure(from, 'search_index'), ...checkStructure(from, 'search_alias')];
  const indexes: { readonly name: string; readonly index: OpenIndex }[] = [];
  for (const row of readTolerantly(from, 'SELECT id, name, settings FROM search_index', ['id'], problems)) {
    if (row['name'] === null) continue; // dropped, and being emptied
    try {
      indexes.push({ name: textOf(row, 'name'), index: openIndex(row, to) });
    } catch (error) {
      problems.push(`what is known of an index is damaged (${messageOf(error)})`);
    }
  }
  const known = new Set(indexes.map(({ index }) => index.id));
  const point = to?.prepare('INSERT INTO search_alias VALUES (?, ?)');
  for (const row of readTolerantly(from, 'SELECT name, idx FROM search_alias', ['name'], problems)) {
    if (known.has(Number(row['idx']))) point?.run(textOf(row, 'name'), numberOf(row, 'idx'));
    else problems.push(`alias '${row['name']}' leads to an index that is not there`);
  }
  yield { part: 'search indexes', sound: indexes.length, problems };
  for (const { name, index } of indexes) yield examineIndex(name, index, from, to);
}

/** Made in the new file, under its number. */
function openIndex(row: Row, to: DatabaseSync | undefined): OpenIndex {
  const id = numberOf(row, 'id');
  const settings = textOf(row, 'settings');
  const index = { id, plan: planOf(indexSettings.parse(JSON.parse(settings))), tables: tablesOf(id) };
  if (to) {
    to.prepare('INSERT INTO search_index (id, name, settings) VALUES (?, ?, ?)').run(id, textOf(row, 'name'), settings);
    to.exec(createTables(index.tables, index.plan));
  }
  return index;
}

function examineIndex(name: string, index: OpenIndex, from: DatabaseSync, to: DatabaseSync | undefined): PartReport {
  const { docs, tags, words, terms, grams } = index.tables;
  const problems = [docs, tags, words, terms, grams].flatMap(table => checkStructure(from, table));
  const writer = to && openDocumentWriter(to, index);
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
function copyDocument(row: Row, writer: DocumentWriter | undefined): void {
  const [key, version] = [textOf(row, 'key'), numberOf(row, 'version')];
  const deleted = maybeNumberOf(row, 'deleted');
  if (deleted !== undefined) {
    writer?.delete(key, version, deleted - TOMBSTONE_MS);
    return;
  }
  const text = intactDocument(row);
  const outcome = writer?.put(key, version, text, maybeNumberOf(row, 'expires'), 0);
  if (outcome?.kind === 'refused') throw new TypeError(`document '${key}' does not fit: ${outcome.reason}`);
}
