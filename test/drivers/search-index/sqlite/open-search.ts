// A search index on a database file of its own, with the real threads, closed together.
import { realWorld, type World } from '../../../../core/world.ts';
import type { SearchIndex } from '../../../../drivers/search-index/search-index.ts';
import { createSqliteSearchIndex } from '../../../../drivers/search-index/sqlite/sqlite-search-index.ts';
import { openDatabase } from '../../../../drivers/sqlite/open-database.ts';
import { THREAD } from '../../event-log/sqlite/open-log.ts';

export async function openSearch(file: string, world: World = realWorld): Promise<SearchIndex> {
  const database = await openDatabase({ world: realWorld, file, thread: THREAD });
  const search = createSqliteSearchIndex({ database, world });
  return {
    ...search,
    async close() {
      await search.close();
      await database.close();
    },
  };
}
