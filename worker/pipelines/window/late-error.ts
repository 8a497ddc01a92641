// The error for an event that came too late: by how much, and for which window.
import { formatDuration } from '../../../core/units/duration.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { Missed } from './window-set.ts';

/** `byMs`: how long the window had been closed by then, in event time. */
export function lateError({ start, end, count }: Missed, time: number, byMs: number): Error {
  const span = `from ${toTimestamp(start)} to ${toTimestamp(end)}`;
  const more = count === 1 ? '' : ` and ${count - 1} before it`;
  return new Error(
    `It came ${formatDuration(Math.max(1, byMs))} too late for the window ${span}${more}: it happened at ${toTimestamp(time)}. Raise time.maxDisorder or allowedLateness by as much, or lead late events to a Topic (late).`,
  );
}
