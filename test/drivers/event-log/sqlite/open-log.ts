// A log on a SQLite file whose database is closed with it.
import { realWorld, type World } from '../../../../core/world.ts';
import {
  createSqliteEventLog,
  type SqliteEventLog,
  type SqliteEventLogOptions,
} from '../../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { type DatabaseOptions, openDatabase } from '../../../../drivers/sqlite/open-database.ts';
import { databaseThread } from '../../../../server/storage/embedded.ts';

export const THREAD = databaseThread();

export interface OpenLogOptions
  extends Partial<DatabaseOptions>,
    Partial<Pick<SqliteEventLogOptions, 'retentionEveryMs'>> {
  readonly world?: World;
}

export async function openLog(
  file: string,
  { retentionEveryMs, ...options }: OpenLogOptions = {},
): Promise<SqliteEventLog> {
  const world = options.world ?? realWorld;
  const database = await openDatabase({ world, file, thread: THREAD, ...options });
  try {
    const log = await createSqliteEventLog({ world, database, ...(retentionEveryMs && { retentionEveryMs }) });
    return {
      ...log,
      async close() {
        await log.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
