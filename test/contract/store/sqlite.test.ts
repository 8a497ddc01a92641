// The contract of the store on SQLite.

import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { storeContract } from './store-contract.ts';

storeContract({
  name: 'SQLite',
  async create() {
    const folder = temporaryFolder();
    const world = createFakeWorld();
    let store = await openStore(folder.file, world);
    return {
      get store() {
        return store;
      },
      async reopen() {
        await store.close();
        store = await openStore(folder.file, world);
      },
      pass: ms => world.pass(ms),
      async destroy() {
        await store.close();
        folder.remove();
      },
    };
  },
});
