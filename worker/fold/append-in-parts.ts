// Appends many records in their order, in parts that the log takes at once.
import type { EventLog, NewRecord } from '../../drivers/event-log/event-log.ts';

/** Records in one append. */
const MAX_APPEND = 1000;
const MAX_APPEND_BYTES = 4 * 1024 * 1024;

/**
 * Appends part after part. After a failure any part may be there, but none without all before it in
 * its partition.
 */
export async function appendInParts(
  log: Pick<EventLog, 'append'>,
  topic: string,
  records: readonly NewRecord[],
  signal?: AbortSignal,
): Promise<void> {
  for (const part of split(records)) {
    signal?.throwIfAborted();
    await log.append(topic, part);
  }
}

function* split(records: readonly NewRecord[]): Generator<NewRecord[]> {
  let part: NewRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (part.length > 0 && (part.length === MAX_APPEND || bytes + record.value.length > MAX_APPEND_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += record.value.length;
  }
  if (part.length > 0) yield part;
}
