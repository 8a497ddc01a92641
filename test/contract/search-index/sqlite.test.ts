// The contract of the search index on SQLite.
import { openSearch } from '../../drivers/search-index/sqlite/open-search.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { searchIndexContract } from './search-index-contract.ts';

searchIndexContract({
  name: 'SQLite',
  async create() {
    const folder = temporaryFolder();
    const world = createFakeWorld();
    let search = await openSearch(folder.file, world);
    return {
      get search() {
        return search;
      },
      async reopen() {
        await search.close();
        search = await openSearch(folder.file, world);
      },
      pass: ms => world.pass(ms),
      async destroy() {
        await search.close();
        folder.remove();
      },
    };
  },
});
