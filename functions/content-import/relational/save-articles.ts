// Saves articles in one transaction: each kind of relation in its order, looked up and created
// where it is missing, then the articles.
import type { Article } from '../article.ts';
import type { Row, Table, Tables } from './tables.ts';

export type Saved = 'created' | 'updated' | 'unchanged';

const JOINS = ['article_categories', 'article_authors', 'article_assets', 'article_tags'] as const;

/**
 * One outcome for each article, in their order. Saving the same version again, or an older one,
 * changes nothing. Throws what SQLite throws; then nothing has been saved, and the transaction is
 * the caller's to roll back.
 */
export function saveArticles(tables: Tables, articles: readonly Article[]): Saved[] {
  const newest = newestOf(articles);
  // The write lock is taken only where the first thing is missing; until then others may commit
  // and make this try worthless.
  tables.execute('BEGIN DEFERRED');
  for (const [table, rows] of relationsOf(newest)) tables.insert(table, tables.missing(table, rows));

  const versions = tables.versions(newest.map(({ id }) => id));
  const outcomeOf = ({ id, version }: Article): Saved => {
    const kept = versions.get(id);
    return kept === undefined ? 'created' : kept < version ? 'updated' : 'unchanged';
  };
  const changed = newest.filter(article => outcomeOf(article) !== 'unchanged');
  const replaced = changed.map(({ id }) => id).filter(id => versions.has(id));
  for (const table of JOINS) tables.remove(table, 'article', replaced);
  tables.remove('articles', 'id', replaced);
  tables.insert('articles', changed.map(toRow));
  for (const [table, rows] of joinsOf(changed)) tables.insert(table, rows);
  tables.execute('COMMIT');
  return articles.map(outcomeOf);
}

function newestOf(articles: readonly Article[]): Article[] {
  const newest = new Map<string, Article>();
  for (const article of articles) {
    if ((newest.get(article.id)?.version ?? 0) < article.version) newest.set(article.id, article);
  }
  return [...newest.values()];
}

/** In the order in which they lead to each other. */
function relationsOf(articles: readonly Article[]): [Table, Row[]][] {
  return [
    ['sections', articles.map(({ section: { id, name } }) => [id, name])],
    [
      'categories',
      articles.flatMap(({ categories }) => categories.map(({ id, name, section }): Row => [id, name, section])),
    ],
    ['authors', articles.flatMap(({ authors }) => authors.map(({ id, name }): Row => [id, name]))],
    ['assets', articles.flatMap(({ assets }) => assets.map(({ id, url, credit }): Row => [id, url, credit]))],
    ['tags', articles.flatMap(({ tags }) => tags.map(({ id, name }): Row => [id, name]))],
  ];
}

function joinsOf(articles: readonly Article[]): [Table, Row[]][] {
  const pairs = (others: (article: Article) => readonly { readonly id: string }[]) =>
    articles.flatMap(article => [...new Set(others(article).map(({ id }) => id))].map((id): Row => [article.id, id]));
  return [
    ['article_categories', pairs(({ categories }) => categories)],
    ['article_authors', pairs(({ authors }) => authors)],
    ['article_assets', pairs(({ assets }) => assets)],
    ['article_tags', pairs(({ tags }) => tags)],
  ];
}

function toRow({ id, version, title, body, publishedAt, section }: Article): Row {
  return [id, version, title, body, publishedAt, section.id];
}
