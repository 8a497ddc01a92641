// Events of Topics in SQLite.
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { topicEventsContract } from './topic-events-contract.ts';

topicEventsContract({
  name: 'SQLite',
  runs: 60,
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
