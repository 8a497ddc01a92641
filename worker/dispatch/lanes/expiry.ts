// Decides when an event is too old to be delivered: by the subscription's `maxAge`, or by its own
// `expirytime` (CloudEvents extension).

import { parseTimestamp } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';

/**
 * Milliseconds since 1970 by the log's clock; Infinity: never. An `expirytime` that is no timestamp
 * does not count.
 */
export function expiresAt(record: LogRecord, maxAge: number | undefined): number {
  const byAge = maxAge === undefined ? Number.POSITIVE_INFINITY : record.timestamp + maxAge;
  const header = record.headers['ce_expirytime'];
  if (header === undefined) return byAge;
  const byEvent = parseTimestamp(header);
  return byEvent === undefined ? byAge : Math.min(byAge, byEvent);
}
