// Finds the due times between two moments: those that are due now, and those that were missed,
// counted as far as that is cheap.
import type { CronTimes } from '../../core/schedules/cron.ts';

export interface DueTimes {
  /** Not later than the grace allows; oldest first. */
  readonly now: readonly number[];
  /** The latest missed ones, oldest first. */
  readonly missed: readonly number[];
  /** All that were missed, the listed ones included. */
  readonly missedCount: number;
  readonly atLeast: boolean;
  /** The first that was missed. */
  readonly firstMissed: number | undefined;
}

const MINUTE_MS = 60_000;
/** A run that comes so much later than it is due is on time. */
export const GRACE_MS = 60_000;
/** More missed runs are never made up for. */
const MISSED_MOST = 100;
/** A due time takes 0.14 ms to find in a time zone. A longer outage is not counted to its end. */
const COUNTED_MOST = 2_000;
/** After so many the process sees to its other work. */
const SLICE = 50;

/** After `after`, up to `now`. `breathe`: lets other work of the process go first. */
export async function dueBetween(
  times: CronTimes,
  after: number,
  now: number,
  breathe: () => Promise<void>,
): Promise<DueTimes> {
  const found: number[] = [];
  let isWhole = true;
  for (let time = times.next(after); time !== undefined && time <= now; time = times.next(time)) {
    isWhole = found.length < COUNTED_MOST;
    if (!isWhole) break;
    found.push(time);
    // The next one is a minute later at the earliest, and costs time that a run waits for.
    if (time > now - MINUTE_MS) break;
    if (found.length % SLICE === 0) await breathe();
  }
  const [firstMissed = now] = found;
  const isLate = (due: number) => due < now - GRACE_MS;
  const late = found.filter(isLate);
  if (isWhole) {
    return {
      now: found.slice(late.length),
      missed: late.slice(-MISSED_MOST),
      missedCount: late.length,
      atLeast: false,
      firstMissed: late.length > 0 ? firstMissed : undefined,
    };
  }
  const newest = times.latest(MISSED_MOST + 2, now + 1_000).filter(due => due <= now);
  return {
    now: newest.filter(due => !isLate(due)),
    missed: newest.filter(isLate).slice(-MISSED_MOST),
    missedCount: late.length,
    atLeast: true,
    firstMissed,
  };
}
