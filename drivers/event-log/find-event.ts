// Looks for an event in the log: it may have been appended by a process that
// died before it could say so.
import { attributesOf, fromRecord, isStructured } from '../../core/cloudevents/record.ts';
import { eventNameOf } from '../../core/cloudevents/same-event.ts';
import type { AppendedAt, Bounds, EventLog, LogRecord, NewRecord } from './event-log.ts';
import { partitionFor } from './partitioner.ts';

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
  for (const [partition, { end }] of bounds.entries()) {
    if (only !== undefined && partition !== only) continue;
    const from = await log.offsetAt(topic, partition, since - SKEW_MS);
    const found = await scan(log, topic, record, { partition, from, end });
    if (found) return found;
  }
  return undefined;
}

/**
 * The same without a clock. `ends`: of the partitions as they were before the append; the topic may
 * have grown since.
 */
export async function findEventAfter(
  log: Pick<EventLog, 'bounds' | 'read'>,
  topic: string,
  record: NewRecord,
  ends: readonly number[],
): Promise<AppendedAt | undefined> {
  const bounds: readonly Bounds[] = (await log.bounds(topic)) ?? [];
  const [before, now] = [ends, bounds].map(({ length }) => partitionFor(record, Math.max(1, length)));
  for (const [partition, { start, end }] of bounds.entries()) {
    if (now !== undefined && partition !== now && partition !== before) continue;
    const from = Math.max(start, ends[partition] ?? start);
    const found = await scan(log, topic, record, { partition, from, end });
    if (found) return found;
  }
  return undefined;
}

interface Stretch {
  readonly partition: number;
  readonly from: number;
  readonly end: number;
}

async function scan(
  log: Pick<EventLog, 'read'>,
  topic: string,
  { headers }: NewRecord,
  { partition, from, end }: Stretch,
): Promise<AppendedAt | undefined> {
  const { ce_id: id = '', ce_source: source = '' } = headers;
  const name = eventNameOf({ source, id });
  for (let at = from; at < end; ) {
    const { records, next } = await log.read(topic, partition, at, READ);
    const found = records.find(each => nameOf(each) === name);
    if (found) return { partition, offset: found.offset };
    if (next <= at) break;
    at = next;
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
