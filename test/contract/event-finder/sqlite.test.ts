// Finding events in SQLite.
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { eventFinderContract } from './event-finder-contract.ts';

eventFinderContract({
  name: 'SQLite',
  runs: 60,
  many: 12_000,
  async create() {
    const folder = temporaryFolder();
    return {
      async open() {
        const log = await openLog(folder.file);
        return { log, index: log.index };
      },
      async destroy() {
        folder.remove();
      },
    };
  },
});
