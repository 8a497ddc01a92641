// A store on the engine without threads, closed together with its file.
import { realWorld } from '../../../../core/world.ts';
import { storeModule } from '../../../../drivers/store/sqlite/module.ts';
import { openSqliteStore } from '../../../../drivers/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { openInline } from '../../sqlite/inline-database.ts';

export async function openInlineStore(file: string): Promise<Store> {
  const database = openInline(file, storeModule);
  const store = await openSqliteStore({ database, world: realWorld });
  return {
    ...store,
    async close() {
      await store.close();
      await database.close();
    },
  };
}
