// Reads articles with their relations, page by page, and counts rows.
import type { DatabaseSync } from 'node:sqlite';
import { TABLES } from './schema.ts';

export interface Summary {
  readonly id: string;
  readonly title: string;
  readonly section: string;
  readonly characters: number;
}

export function readArticle(database: DatabaseSync, id: string): Record<string, unknown> | undefined {
  const article = database.prepare('SELECT * FROM articles WHERE id = ?').get(id);
  if (!article) return undefined;
  const related = (table: string, join: string, column: string) =>
    database
      .prepare(`SELECT ${table}.* FROM ${join} JOIN ${table} ON ${table}.id = ${column} WHERE article = ? ORDER BY id`)
      .all(id);
  const { published_at: publishedAt, section, ...rest } = article;
  return {
    ...rest,
    publishedAt,
    section: database.prepare('SELECT * FROM sections WHERE id = ?').get(String(section)),
    categories: related('categories', 'article_categories', 'category'),
    authors: related('authors', 'article_authors', 'author'),
    assets: related('assets', 'article_assets', 'asset'),
    tags: related('tags', 'article_tags', 'tag'),
  };
}

/** By id, beginning after `after`. */
export function readPage(database: DatabaseSync, after: string, limit: number): Summary[] {
  const rows = database
    .prepare('SELECT id, title, section, length(body) AS characters FROM articles WHERE id > ? ORDER BY id LIMIT ?')
    .all(after, limit);
  return rows.map(({ id, title, section, characters }) => ({
    id: String(id),
    title: String(title),
    section: String(section),
    characters: Number(characters),
  }));
}

export function countRows(database: DatabaseSync): Record<string, number> {
  const count = (table: string) => Number(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.rows);
  return Object.fromEntries(TABLES.map(table => [table, count(table)]));
}
