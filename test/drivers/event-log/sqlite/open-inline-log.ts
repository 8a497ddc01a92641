// A log on the engine without threads, closed together with its file.
import { realWorld, type World } from '../../../../core/world.ts';
import { eventLogModule } from '../../../../drivers/event-log/sqlite/module.ts';
import { createSqliteEventLog, type SqliteEventLog } from '../../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openInline } from '../../sqlite/inline-database.ts';

export async function openInlineLog(
  file: string,
  world: World = realWorld,
  retentionEveryMs = 60_000,
): Promise<SqliteEventLog> {
  const database = openInline(file, eventLogModule);
  try {
    const log = await createSqliteEventLog({ world, database, retentionEveryMs });
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
