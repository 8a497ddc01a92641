// Draws how often each call of the log fails in one run: half of the runs
// do not know a fault at all.
import type { Chance } from '../kernel/chance.ts';
import { type LogFaults, NO_LOG_FAULTS } from '../log/log-faults.ts';

/** In the order in which they are drawn. */
const LABELS = {
  slow: 'slow',
  appendRefused: 'refused',
  appendFails: 'append fails',
  appendUnknown: 'append unknown',
  appendHalf: 'append half',
  appendLate: 'append late',
  commitFails: 'commit fails',
  commitLate: 'commit late',
  readFails: 'read fails',
  callFails: 'call fails',
  gap: 'gap',
  overlap: 'overlap',
  shuffle: 'shuffle',
} as const satisfies Partial<Record<keyof LogFaults, string>>;

type Rates = { readonly [name in keyof typeof LABELS]?: number };
type Times = Partial<Pick<LogFaults, 'latencyMs' | 'slowMs' | 'zombieMs'>>;

/** Zero in half of the runs, and at most `most` in the others. */
export function drawRate(chance: Chance, label: string, most: number): number {
  return chance.happens(`${label} on`, 0.5) ? chance.unit(label) * most : 0;
}

/** `most`: the highest rate of each fault; what is not named never happens. */
export function drawLogFaults(chance: Chance, most: Rates, times: Times = {}): LogFaults {
  const rates: { -readonly [name in keyof Rates]: number } = {};
  for (const name of Object.keys(LABELS) as (keyof typeof LABELS)[]) {
    if (most[name] !== undefined) rates[name] = drawRate(chance, LABELS[name], most[name]);
  }
  return { ...NO_LOG_FAULTS, latencyMs: 20, zombieMs: 20_000, ...times, ...rates };
}
