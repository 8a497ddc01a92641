// Looks for an event in the log: it may have been appended by a process that
// died before it could say so.
import { attributesOf, fromRecord, isStructured } from '../../core/cloudevents/record.ts';
import { eventNameOf } from '../../core/cloudevents/same-event.ts';
import type { AppendedAt, EventLog, LogRecord, NewRecord } from '../../drivers/event-log/event-log.ts';
import { partitionFor } from '../../drivers/event-log/partitioner.ts';

/** By so much the clocks of the log and of who had published may differ. */
const SKEW_MS = 60_000;
const READ = { maxRecords: 1_000, maxBytes: 4 * 1024 * 1024 };

/**
 * Position of the event, if it was appended at `since` (milliseconds since 1970) or later. Reads
 * what its partition has of that time.
 */
export async function findEvent(
  log: Pick<EventLog, 'bounds' | 'read' | 'offsetAt'>,
  topic: string,
  record: NewRecord,
  since: number,
): Promise<AppendedAt | undefined> {
  const bounds = (await log.bounds(topic)) ?? [];
  const only = partitionFor(record, Math.max(1, bounds.length));
  const { ce_id: id = '', ce_source: source = '' } = record.headers;
  const name = eventNameOf({ source, id });
  for (const [partition, { end }] of bounds.entries()) {
    if (only !== undefined && partition !== only) continue;
    let from = await log.offsetAt(topic, partition, since - SKEW_MS);
    while (from < end) {
      const { records, next } = await log.read(topic, partition, from, READ);
      const found = records.find(each => nameOf(each) === name);
      if (found) return { partition, offset: found.offset };
      if (next <= from) break;
      from = next;
    }
  }
  return undefined;
}

function nameOf(record: LogRecord): string | undefined {
  try {
    return eventNameOf(isStructured(record.headers) ? fromRecord(record) : attributesOf(record.headers));
  } catch {
    return undefined;
  }
}
