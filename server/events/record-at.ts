// Reads one record of the log by its place. It asks for one partition alone, and so it works while
// another one has no leader.
import { TenfoldError } from '../../core/errors.ts';
import type { EventLog, LogRecord } from '../../drivers/event-log/event-log.ts';

const ONE = { maxRecords: 1, maxBytes: 1 };

/** `place`: `<partition>-<offset>`. Throws `bad-request` and `not-found`. */
export async function eventAt(
  log: Pick<EventLog, 'read'>,
  topic: string,
  place: string,
): Promise<{ readonly partition: number; readonly record: LogRecord }> {
  const [, partition, offset] = /^(\d{1,9})-(\d{1,16})$/.exec(place) ?? [];
  if (partition === undefined || offset === undefined) {
    throw new TenfoldError('bad-request', 'An event is named by PARTITION-OFFSET, such as 3-17.');
  }
  const record = await recordAt(log, topic, Number(partition), Number(offset));
  if (record !== undefined) return { partition: Number(partition), record };
  throw new TenfoldError('not-found', `The topic has no event ${place}: it never had, or retention has deleted it.`);
}

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
