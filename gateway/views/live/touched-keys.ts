// Which keys of a View have changed between two positions, from its internal topic: exact, in
// whatever process the View is folded.
import type { EventLog } from '../../../drivers/event-log/event-log.ts';

/** More records than these are not read: then anything may have changed. */
const MOST_RECORDS = 2_000;
const LIMITS = { maxRecords: MOST_RECORDS, maxBytes: 4 * 1024 * 1024 };

/** Undefined: any key may have changed. */
export async function touchedKeys(
  log: Pick<EventLog, 'read'>,
  topic: string,
  partition: number,
  from: number,
  to: number,
): Promise<ReadonlySet<string> | undefined> {
  if (to < from || to - from > MOST_RECORDS) return undefined;
  const keys = new Set<string>();
  for (let at = from; at < to; ) {
    const { records, next, bounds } = await log.read(topic, partition, at, LIMITS);
    if (bounds.start > at || next <= at) return undefined;
    for (const { key, offset } of records) if (offset < to) keys.add(key ?? '');
    at = next;
  }
  return keys;
}
