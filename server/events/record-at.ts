// Reads one record of the log by its place. It asks for one partition alone, and so it works while
// another one has no leader.
import { TenfoldError } from '../../core/errors.ts';
import type { EventLog, LogRecord } from '../../drivers/event-log/event-log.ts';

const ONE = { maxRecords: 1, maxBytes: 1 };

/** Undefined where there is no such topic, partition or record, or no more. */
export async function recordAt(
  log: Pick<EventLog, 'read'>,
  topic: string,
  partition: number,
  offset: number,
): Promise<LogRecord | undefined> {
  try {
    const [record] = (await log.read(topic, partition, offset, ONE)).records;
    return record?.offset === offset ? record : undefined;
  } catch (error) {
    if (error instanceof TenfoldError && error.code === 'not-found') return undefined;
    throw error;
  }
}
