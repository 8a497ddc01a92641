// A log on the engine without threads, closed together with its file.
import { realWorld, type World } from '../../../../core/world.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { eventLogModule } from '../../../../drivers/event-log/sqlite/module.ts';
import { createSqliteEventLog } from '../../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openInline } from '../../sqlite/inline-database.ts';

export async function openInlineLog(
  file: string,
  world: World = realWorld,
  retentionEveryMs = 60_000,
): Promise<EventLog> {
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
