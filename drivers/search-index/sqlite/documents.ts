// Writes documents of one index: versions are compared, tables follow, tombstones stay for a while.
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { TenfoldError } from '../../../core/errors.ts';
import { maybeNumberColumn, maybeTextColumn, numberColumn, type SqlRow, textColumn } from '../../sqlite/columns.ts';
import type { ChangeOutcome } from '../search-index.ts';
import { type Indexed, indexDocument, Unfit } from '../text/document.ts';
import type { IndexPlan } from '../text/plan.ts';
import { TOMBSTONE_MS } from '../tombstone.ts';
import type { SqliteIndex } from './catalog.ts';
import type { SearchTables } from './schema.ts';
import { openVocabularyWriter, type VocabularyWriter } from './vocabulary.ts';

export class DocumentWriter {
  readonly #plan: IndexPlan;
  readonly #statements: DocumentStatements;
  readonly #vocabulary: VocabularyWriter;
  /** For the values of a document that is gone. */
  readonly #noValues: readonly null[];

  constructor(db: DatabaseSync, { plan, tables }: SqliteIndex) {
    const valueColumns = plan.values.flatMap(({ columns }) => columns);
    this.#plan = plan;
    this.#statements = prepareStatements(db, plan, tables, valueColumns);
    this.#vocabulary = openVocabularyWriter(db, tables);
    this.#noValues = valueColumns.map(() => null);
  }

  put(key: string, version: number, text: string, ttlMs: number | undefined, now: number): ChangeOutcome {
    const met = this.#statements.find.get(key);
    if (met && numberColumn(met, 'version') >= version) return { kind: 'outdated' };
    let next: Indexed;
    try {
      next = indexDocument(this.#plan, JSON.parse(text));
    } catch (error) {
      if (error instanceof Unfit) return { kind: 'refused', reason: error.message };
      throw error;
    }
    const before = this.#indexedOf(met);
    const expires = ttlMs === undefined ? null : now + ttlMs;
    if (met && before) this.#unindex(numberColumn(met, 'id'), before);
    const values = [version, expires, null, checksumOf(key, version, text), text, ...next.values];
    this.#index(this.#write(met, key, values), next);
    this.#countWords(before, next);
    return { kind: 'written' };
  }

  delete(key: string, version: number, now: number): ChangeOutcome {
    const met = this.#statements.find.get(key);
    if (met && numberColumn(met, 'version') >= version) return { kind: 'outdated' };
    const before = this.#indexedOf(met);
    if (met && before) this.#unindex(numberColumn(met, 'id'), before);
    this.#write(met, key, this.#tombstone(version, now));
    this.#countWords(before, undefined);
    return { kind: 'written' };
  }

  /** To be called after the last change of a request. */
  flush(): void {
    this.#vocabulary.flush();
  }

  /** Removes up to `limit` documents whose time is over, and old tombstones; how many. */
  sweep(now: number, limit: number): number {
    const { over, old, update, removeDoc } = this.#statements;
    const expired = over.all(now, limit);
    for (const row of expired) {
      const id = numberColumn(row, 'id');
      const before = this.#indexedOf(row);
      if (before) this.#unindex(id, before);
      // Late writes lose against it as they would have before.
      update.run(...this.#tombstone(numberColumn(row, 'version'), now), id);
      this.#countWords(before, undefined);
    }
    const tombstones = old.all(now, limit);
    for (const row of tombstones) removeDoc.run(numberColumn(row, 'id'));
    this.#vocabulary.flush();
    return expired.length + tombstones.length;
  }

  /** The current content of the tables for a document. */
  #indexedOf(row: SqlRow | undefined): Indexed | undefined {
    const text = row && maybeTextColumn(row, 'document');
    return text === undefined ? undefined : indexDocument(this.#plan, JSON.parse(text));
  }

  #index(id: number, { columns, tags }: Indexed): void {
    this.#statements.addWords.run(id, ...(columns.length > 0 ? columns : ['']));
    for (const { field, value } of tags) this.#statements.addTag.run(field, value, id);
  }

  #unindex(id: number, { tags }: Indexed): void {
    this.#statements.removeWords.run(id);
    for (const { field, value } of tags) this.#statements.removeTag.run(field, value, id);
  }

  #countWords(before: Indexed | undefined, after: Indexed | undefined): void {
    for (const field of this.#plan.texts)
      this.#vocabulary.change(field, before?.words.get(field.number) ?? NONE, after?.words.get(field.number) ?? NONE);
  }

  /** The id of its row. */
  #write(row: SqlRow | undefined, key: string, values: readonly (string | number | null)[]): number {
    if (!row) return Number(this.#statements.insert.run(key, ...values).lastInsertRowid);
    const id = numberColumn(row, 'id');
    this.#statements.update.run(...values, id);
    return id;
  }

  #tombstone(version: number, now: number): readonly (string | number | null)[] {
    return [version, null, now + TOMBSTONE_MS, 0, null, ...this.#noValues];
  }
}

type DocumentStatements = ReturnType<typeof prepareStatements>;

function prepareStatements(
  db: DatabaseSync,
  plan: IndexPlan,
  { docs, tags, words }: SearchTables,
  valueColumns: readonly string[],
) {
  const set = ['version', 'expires', 'deleted', 'crc', 'document', ...valueColumns];
  const textColumns = plan.columns.length > 0 ? plan.columns.map(({ name }) => name) : ['none'];
  const placesOf = (columns: readonly string[]) => columns.map(() => '?').join(', ');
  return {
    find: db.prepare(`SELECT id, key, version, expires, crc, document FROM ${docs} WHERE key = ?`),
    insert: db.prepare(`INSERT INTO ${docs} (key, ${set.join(', ')}) VALUES (?, ${placesOf(set)})`),
    update: db.prepare(`UPDATE ${docs} SET ${set.map(column => `${column} = ?`).join(', ')} WHERE id = ?`),
    addWords: db.prepare(
      `INSERT INTO ${words} (rowid, ${textColumns.join(', ')}) VALUES (?, ${placesOf(textColumns)})`,
    ),
    removeWords: db.prepare(`DELETE FROM ${words} WHERE rowid = ?`),
    addTag: db.prepare(`INSERT INTO ${tags} VALUES (?, ?, ?)`),
    removeTag: db.prepare(`DELETE FROM ${tags} WHERE field = ? AND value = ? AND doc = ?`),
    removeDoc: db.prepare(`DELETE FROM ${docs} WHERE id = ?`),
    over: db.prepare(`SELECT id, key, version, expires, crc, document FROM ${docs} WHERE expires <= ? LIMIT ? + 0`),
    old: db.prepare(`SELECT id FROM ${docs} WHERE deleted <= ? LIMIT ? + 0`),
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
