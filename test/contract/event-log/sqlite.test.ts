// The contract of the log on SQLite.
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { eventLogContract } from './event-log-contract.ts';

eventLogContract({
  name: 'SQLite',
  hasManyClients: false,
  rebalanceMs: 1000,
  async create() {
    const folder = temporaryFolder();
    return {
      open: () => openLog(folder.file),
      async destroy() {
        folder.remove();
      },
    };
  },
});
