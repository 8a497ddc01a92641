// Writes documents of one index: versions are compared, tables follow, tombstones stay for a while.
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { TenfoldError } from '../../../core/errors.ts';
import { maybeNumberColumn, maybeTextColumn, numberColumn, type SqlRow, textColumn } from '../../sqlite/columns.ts';
import type { ChangeOutcome } from '../search-index.ts';
import { type Indexed, indexDocument, Unfit } from '../text/document.ts';
import { TOMBSTONE_MS } from '../tombstone.ts';
import type { SqliteIndex } from './catalog.ts';
import { openVocabularyWriter } from './vocabulary.ts';

export interface DocumentWriter {
  put(key: string, version: number, text: string, ttlMs: number | undefined, now: number): ChangeOutcome;
  delete(key: string, version: number, now: number): ChangeOutcome;
  /** To be called after the last change of a request. */
  flush(): void;
  /** Removes up to `limit` documents whose time is over, and old tombstones; how many. */
  sweep(now: number, limit: number): number;
}

export function openDocumentWriter(db: DatabaseSync, { plan, tables }: SqliteIndex): DocumentWriter {
  const { docs, tags, words } = tables;
  const vocabulary = openVocabularyWriter(db, tables);
  const valueColumns = plan.values.flatMap(({ columns }) => columns);
  const set = ['version', 'expires', 'deleted', 'crc', 'document', ...valueColumns];
  const textColumns = plan.columns.length > 0 ? plan.columns.map(({ name }) => name) : ['none'];
  const find = db.prepare(`SELECT id, key, version, expires, crc, document FROM ${docs} WHERE key = ?`);
  const insert = db.prepare(
    `INSERT INTO ${docs} (key, ${set.join(', ')}) VALUES (?, ${set.map(() => '?').join(', ')})`,
  );
  const update = db.prepare(`UPDATE ${docs} SET ${set.map(column => `${column} = ?`).join(', ')} WHERE id = ?`);
  const addWords = db.prepare(
    `INSERT INTO ${words} (rowid, ${textColumns.join(', ')}) VALUES (?, ${textColumns.map(() => '?').join(', ')})`,
  );
  const removeWords = db.prepare(`DELETE FROM ${words} WHERE rowid = ?`);
  const addTag = db.prepare(`INSERT INTO ${tags} VALUES (?, ?, ?)`);
  const removeTag = db.prepare(`DELETE FROM ${tags} WHERE field = ? AND value = ? AND doc = ?`);
  const removeDoc = db.prepare(`DELETE FROM ${docs} WHERE id = ?`);
  const over = db.prepare(`SELECT id, key, version, expires, crc, document FROM ${docs} WHERE expires <= ? LIMIT ?`);
  const old = db.prepare(`SELECT id FROM ${docs} WHERE deleted <= ? LIMIT ?`);

  /** The current content of the tables for a document. */
  const indexedOf = (row: SqlRow | undefined): Indexed | undefined => {
    const text = row && maybeTextColumn(row, 'document');
    return text === undefined ? undefined : indexDocument(plan, JSON.parse(text));
  };
  const unindex = (id: number, indexed: Indexed) => {
    removeWords.run(id);
    for (const { field, value } of indexed.tags) removeTag.run(field, value, id);
  };
  const countWords = (before: Indexed | undefined, after: Indexed | undefined) => {
    for (const field of plan.texts)
      vocabulary.change(field, before?.words.get(field.number) ?? NONE, after?.words.get(field.number) ?? NONE);
  };
  const write = (row: SqlRow | undefined, key: string, values: (string | number | null)[]): number => {
    if (!row) return Number(insert.run(key, ...values).lastInsertRowid);
    const id = numberColumn(row, 'id');
    update.run(...values, id);
    return id;
  };
  return {
    put(key, version, text, ttlMs, now) {
      const met = find.get(key);
      if (met && numberColumn(met, 'version') >= version) return { kind: 'outdated' };
      let next: Indexed;
      try {
        next = indexDocument(plan, JSON.parse(text));
      } catch (error) {
        if (error instanceof Unfit) return { kind: 'refused', reason: error.message };
        throw error;
      }
      const before = indexedOf(met);
      const expires = ttlMs === undefined ? null : now + ttlMs;
      if (met && before) unindex(numberColumn(met, 'id'), before);
      const id = write(met, key, [version, expires, null, checksumOf(key, version, text), text, ...next.values]);
      addWords.run(id, ...(next.columns.length > 0 ? next.columns : ['']));
      for (const { field, value } of next.tags) addTag.run(field, value, id);
      countWords(before, next);
      return { kind: 'written' };
    },
    delete(key, version, now) {
      const met = find.get(key);
      if (met && numberColumn(met, 'version') >= version) return { kind: 'outdated' };
      const before = indexedOf(met);
      if (met && before) unindex(numberColumn(met, 'id'), before);
      write(met, key, [version, null, now + TOMBSTONE_MS, 0, null, ...valueColumns.map(() => null)]);
      countWords(before, undefined);
      return { kind: 'written' };
    },
    flush: vocabulary.flush,
    sweep(now, limit) {
      const expired = over.all(now, limit);
      for (const row of expired) {
        const before = indexedOf(row);
        if (before) unindex(numberColumn(row, 'id'), before);
        // Late writes lose against it as they would have before.
        update.run(
          numberColumn(row, 'version'),
          null,
          now + TOMBSTONE_MS,
          0,
          null,
          ...valueColumns.map(() => null),
          numberColumn(row, 'id'),
        );
        countWords(before, undefined);
      }
      const tombstones = old.all(now, limit);
      for (const row of tombstones) removeDoc.run(numberColumn(row, 'id'));
      vocabulary.flush();
      return expired.length + tombstones.length;
    },
  };
}

const NONE: ReadonlySet<string> = new Set();

function checksumOf(key: string, version: number, document: string): number {
  return crc32(document, crc32(`${key}\0${version}`));
}

/** The text of the document of a row; throws when it is damaged. */
export function intactDocument(row: SqlRow): string {
  const document = textColumn(row, 'document');
  const key = textColumn(row, 'key');
  if (checksumOf(key, numberColumn(row, 'version'), document) === maybeNumberColumn(row, 'crc')) return document;
  throw new TenfoldError(
    'data-corrupt',
    `Document '${key}' of the search index is damaged. It is not served; write it anew, or rebuild the index.`,
  );
}
