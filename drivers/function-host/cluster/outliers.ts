// Finds instances of a Function that only let calls time out. They get no calls for a while, then
// one by one again, and some instances always get calls.
import { longestPause } from '../../../core/retry/backoff.ts';
import type { World } from '../../../core/world.ts';

export interface Outliers {
  /** One that begins to answer is well. */
  answered(origin: string): void;
  /** It answered nothing within the time of a call. */
  timedOut(origin: string): void;
  /** The healthy ones of `origins`; all of them where none is healthy. */
  among(origins: readonly string[]): readonly string[];
  /** How many get no calls. */
  readonly count: number;
  /** Only these are there. */
  keep(origins: readonly string[]): void;
}

/** Time-outs one after the other, without an answer in between. */
const TIMEOUTS = 3;
const OUT = { base: 30_000, max: 5 * 60_000 };

interface Record {
  timeouts: number;
  /** How often it was taken out. */
  times: number;
  until: number;
}

export function createOutliers(world: World, changed: () => void): Outliers {
  const records = new Map<string, Record>();
  const isOut = ({ timeouts }: Record) => timeouts >= TIMEOUTS;
  const count = () => [...records.values()].filter(isOut).length;
  const change = (act: () => void) => {
    const before = count();
    act();
    if (count() !== before) changed();
  };
  return {
    answered: origin => {
      if (records.size > 0) change(() => records.delete(origin));
    },
    timedOut: origin =>
      change(() => {
        const record = records.get(origin) ?? { timeouts: 0, times: 0, until: 0 };
        records.set(origin, record);
        record.timeouts++;
        if (!isOut(record) || world.monotonic() < record.until) return;
        record.until = world.monotonic() + longestPause(++record.times, OUT);
      }),
    among(origins) {
      if (records.size === 0) return origins;
      const now = world.monotonic();
      const well = origins.filter(origin => {
        const record = records.get(origin);
        return record === undefined || !isOut(record) || now >= record.until;
      });
      return well.length === 0 ? origins : well;
    },
    get count() {
      return count();
    },
    keep: origins =>
      change(() => {
        for (const origin of records.keys()) if (!origins.includes(origin)) records.delete(origin);
      }),
  };
}
