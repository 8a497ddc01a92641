// The tables of the search index: the catalog that is always there, and those that each
// index gets when it is made.
import type { IndexPlan, ValueField } from '../text/plan.ts';

const FIRST = `
CREATE TABLE search_index (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- never comes back: it names the index's own tables
  name TEXT UNIQUE,                     -- null: dropped, its tables are being emptied
  settings TEXT NOT NULL
) STRICT;
CREATE TABLE search_alias (
  name TEXT PRIMARY KEY,
  idx INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

export const searchMigrations: readonly string[] = [FIRST];

export interface SearchTables {
  /** Documents; those that were deleted stay a while as tombstones, with no text. */
  readonly docs: string;
  /** All values of keywords, as a document may have several. */
  readonly tags: string;
  /** Full text. Holds no copy of it. */
  readonly words: string;
  /**
   * Words that occur, with the number of documents: for suggestions by field, for
   * typos of all fields together.
   */
  readonly terms: string;
  /** Parts of three letters of the words for typos. */
  readonly grams: string;
}

export function tablesOf(id: number): SearchTables {
  const base = `search_${id}`;
  return {
    docs: `${base}_docs`,
    tags: `${base}_tags`,
    words: `${base}_words`,
    terms: `${base}_terms`,
    grams: `${base}_grams`,
  };
}

export function createTables(
  { docs, tags, words, terms, grams }: SearchTables,
  { columns, values }: IndexPlan,
): string {
  const valueColumns = values.flatMap(columnsOf);
  const indexes = values.map(
    ({ columns: [first] }) => `CREATE INDEX ${docs}_${first} ON ${docs} (${first}) WHERE ${first} IS NOT NULL;`,
  );
  // A full-text table needs a column, also when no field is text.
  const textColumns = columns.length > 0 ? columns.map(({ name }) => name) : ['none'];
  return `
CREATE TABLE ${docs} (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  expires REAL,
  deleted REAL,
  crc INTEGER NOT NULL,
  ${valueColumns.map(column => `${column},`).join(' ')}
  document TEXT
);
CREATE INDEX ${docs}_expires ON ${docs} (expires) WHERE expires IS NOT NULL;
CREATE INDEX ${docs}_deleted ON ${docs} (deleted) WHERE deleted IS NOT NULL;
${indexes.join('\n')}
CREATE TABLE ${tags} (field INTEGER NOT NULL, value TEXT NOT NULL, doc INTEGER NOT NULL, PRIMARY KEY (field, value, doc)) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE ${words} USING fts5(${textColumns.join(', ')}, content='', contentless_delete=1, tokenize='ascii', prefix='2 3');
CREATE TABLE ${terms} (field INTEGER NOT NULL, term TEXT NOT NULL, docs INTEGER NOT NULL, PRIMARY KEY (field, term)) STRICT, WITHOUT ROWID;
CREATE TABLE ${grams} (gram TEXT NOT NULL, length INTEGER NOT NULL, term TEXT NOT NULL, PRIMARY KEY (gram, length, term)) STRICT, WITHOUT ROWID;
`;
}

function columnsOf({ type, columns }: ValueField): string[] {
  return columns.map(column => `${column} ${type === 'keyword' ? 'TEXT' : 'REAL'}`);
}
