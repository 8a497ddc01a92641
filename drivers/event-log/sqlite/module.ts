// The log as a part of the database.
import type { SqliteModule } from '../../sqlite/module.ts';
import { examineLog } from './examine-log.ts';
import { LogReader } from './log-reader.ts';
import { LogWriter } from './log-writer.ts';
import { EVENT_LOG, MIGRATIONS, SMALL_TABLES } from './schema.ts';

export const eventLogModule: SqliteModule = {
  name: EVENT_LOG,
  migrations: MIGRATIONS,
  smallTables: SMALL_TABLES,
  openWriter: context => new LogWriter(context),
  openReader: context => new LogReader(context),
  doctor: { examine: examineLog },
};
