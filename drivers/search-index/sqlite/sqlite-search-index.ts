// SearchIndex over SQLite's full-text tables; questions go to a thread of their
// own and hold up no commits.
import type { World } from '../../../core/world.ts';
import type { Database } from '../../sqlite/database.ts';
import { startSweeper } from '../../sqlite/sweeper.ts';
import { assertDocumentChanges, assertIndexName, parsed } from '../assert-search.ts';
import { searchQuery, suggestQuery } from '../query.ts';
import type { SearchIndex } from '../search-index.ts';
import { indexSettings } from '../settings.ts';
import { planOf } from '../text/plan.ts';
import { SearchRequests } from './requests.ts';

export interface SqliteSearchIndexOptions {
  readonly database: Database;
  readonly world: World;
}

export function createSqliteSearchIndex({ database, world }: SqliteSearchIndexOptions): SearchIndex {
  const requests = new SearchRequests(database.client('search', 'store-unavailable'), world);
  const sweeper = startSweeper({
    world,
    now: world.now,
    nextExpiry: () => requests.nextExpiry(),
    sweep: () => requests.sweep(),
  });

  return {
    async ensureIndex(name, settings) {
      assertIndexName(name);
      const checked = parsed(indexSettings, settings, 'The settings');
      planOf(checked);
      await requests.ensure(name, JSON.stringify(checked));
    },
    async dropIndex(name) {
      assertIndexName(name);
      await requests.drop(name);
    },
    indexes: prefix => requests.indexes(prefix),
    async pointAliases(aliases) {
      const entries = Object.entries(aliases);
      for (const [alias] of entries) assertIndexName(alias);
      await requests.point(entries);
    },
    async change(index, changes) {
      assertIndexName(index);
      const { documents, bytes } = assertDocumentChanges(changes);
      return await requests.change(index, changes, documents, bytes);
    },
    // Every query sees all writes that were answered before it.
    async refresh() {},
    async search(name, query) {
      assertIndexName(name);
      const checked = parsed(searchQuery, query, 'The query');
      const { documents, total, isExact, next, facets } = await requests.search(name, checked);
      const hits = documents.map(({ document, highlights, ...hit }) => ({
        ...hit,
        document: toDocument(document),
        highlights: Object.fromEntries(highlights.map(({ field, fragments }) => [field, fragments])),
      }));
      return { hits, total: { count: total, isExact }, next, facets: Object.fromEntries(facets) };
    },
    async suggest(name, query) {
      assertIndexName(name);
      const { field, text, limit } = parsed(suggestQuery, query, 'The query');
      return await requests.suggest(name, field, text, limit);
    },
    async document(name, id) {
      assertIndexName(name);
      const found = await requests.document(name, id);
      return found && { version: found.version, document: toDocument(found.text) };
    },
    health: () => database.health(),
    close: () => sweeper.close(),
  };
}

function toDocument(text: string): unknown {
  return JSON.parse(text);
}
