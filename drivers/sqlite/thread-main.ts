// Entry of the threads that own the database file: all modules that live in it.
import { blobModule } from '../blob-store/folder/module.ts';
import { eventLogModule } from '../event-log/sqlite/module.ts';
import { searchModule } from '../search-index/sqlite/module.ts';
import { storeModule } from '../store/sqlite/module.ts';
import { runThread } from './thread/thread.ts';

runThread([eventLogModule, storeModule, blobModule, searchModule]);
