// How long what an event made lives from now on: less where the event is older, as when a View is
// built anew or was behind.
import { SOURCE_TIME_HEADER } from '../../../core/wire.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';

/**
 * By how much the clocks of the log and of a worker may differ, and how long folding
 * may take, before it counts.
 */
const TOLERANCE_MS = 60_000;

/** The time to live of a row that is over already: it replaces the former row, and goes. */
export const OVER_MS = 1;

/** A second row of the fold outlives its row by this: longer than an event waits to be read. */
export const KEPT_AFTER_MS = 86_400_000;

/** `ttlMs`: from when the event was appended. Undefined: for ever. */
export function timeToLiveOf(record: LogRecord, ttlMs: number | undefined, now: number): number | undefined {
  return ttlMs === undefined ? undefined : timeToLiveSince(appendedAt(record), ttlMs, now);
}

export function timeToLiveSince(at: number, ttlMs: number, now: number): number {
  const ageMs = now - at;
  return ageMs <= TOLERANCE_MS ? ttlMs : Math.max(OVER_MS, ttlMs - ageMs);
}

/** Whether a row may have gone by itself. */
export function isOver(at: number, ttlMs: number, now: number): boolean {
  return at + ttlMs <= now + TOLERANCE_MS;
}

/** When the event was appended to its Topic, by the clock of the log, milliseconds since 1970. */
export function appendedAt({ headers, timestamp }: Pick<LogRecord, 'headers' | 'timestamp'>): number {
  return Number(headers[SOURCE_TIME_HEADER] ?? timestamp);
}
