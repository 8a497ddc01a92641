// The tables of the relational service. Rows that an article refers to must exist before it: the
// foreign keys demand that order.
import { DatabaseSync } from 'node:sqlite';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sections (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS categories (id TEXT PRIMARY KEY, name TEXT NOT NULL, section TEXT NOT NULL REFERENCES sections) STRICT;
  CREATE TABLE IF NOT EXISTS authors (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS assets (id TEXT PRIMARY KEY, url TEXT NOT NULL, credit TEXT NOT NULL REFERENCES authors) STRICT;
  CREATE TABLE IF NOT EXISTS tags (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS articles (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, published_at TEXT NOT NULL,
    section TEXT NOT NULL REFERENCES sections
  ) STRICT;
  CREATE TABLE IF NOT EXISTS article_categories (
    article TEXT NOT NULL REFERENCES articles, category TEXT NOT NULL REFERENCES categories, PRIMARY KEY (article, category)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS article_authors (
    article TEXT NOT NULL REFERENCES articles, author TEXT NOT NULL REFERENCES authors, PRIMARY KEY (article, author)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS article_assets (
    article TEXT NOT NULL REFERENCES articles, asset TEXT NOT NULL REFERENCES assets, PRIMARY KEY (article, asset)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS article_tags (
    article TEXT NOT NULL REFERENCES articles, tag TEXT NOT NULL REFERENCES tags, PRIMARY KEY (article, tag)
  ) STRICT;
`;

export const TABLES = [
  'sections',
  'categories',
  'authors',
  'assets',
  'tags',
  'articles',
  'article_categories',
  'article_authors',
  'article_assets',
  'article_tags',
] as const;

/** How long SQLite itself waits for a lock before it says that the database is busy. */
const BUSY_MS = 100;

/**
 * The rollback journal, as when the service was built: who reads keeps others from committing, who
 * commits keeps others out.
 */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;`);
  return database;
}

export function createTables(file: string): void {
  const database = openDatabase(file);
  database.exec(`PRAGMA journal_mode = DELETE; ${SCHEMA}`);
  database.close();
}

/**
 * Another connection holds a lock that this one needs: SQLITE_BUSY or
 * SQLITE_LOCKED, in all their variants.
 */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  const primary = Number(error.errcode) & 0xff;
  return primary === 5 || primary === 6;
}
