// Opens a store on a database file of its own, with the real threads and
// the time that a test wants.
import { realWorld, type World } from '../../../../core/world.ts';
import { openDatabase } from '../../../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../../../drivers/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { THREAD } from '../../event-log/sqlite/open-log.ts';

/** Closing the store closes its database. */
export async function openStore(file: string, world: World = realWorld): Promise<Store> {
  const database = await openDatabase({ world: realWorld, file, thread: THREAD });
  const store = await openSqliteStore({ database, world });
  return {
    ...store,
    async close() {
      await store.close();
      await database.close();
    },
  };
}
