// Whether anything is left to read in a partition: below its end there may be offsets that hold
// nothing, which nobody ever gets past by reading.
import type { EventLog } from './event-log.ts';

const ONE = { maxRecords: 1, maxBytes: 1 };

/** Whether a record stands at `from` or after it, below `end`. */
export async function hasRecord(
  log: Pick<EventLog, 'read'>,
  topic: string,
  partition: number,
  from: number,
  end: number,
): Promise<boolean> {
  if (from >= end) return false;
  const [record] = (await log.read(topic, partition, from, ONE)).records;
  return record !== undefined && record.offset < end;
}
