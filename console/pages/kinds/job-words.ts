// States of jobs look the same for Queues and for FanOuts.
import type { FanOutSummary } from '../../../admin/fan-out-view.ts';
import type { JobSummary } from '../../../admin/job-view.ts';
import type { Tone } from '../../parts/tone.ts';

export const toneOfJob: Readonly<Record<JobSummary['state'] | FanOutSummary['state'], Tone>> = {
  queued: 'quiet',
  running: 'busy',
  waiting: 'warn',
  splitting: 'busy',
  working: 'busy',
  gathering: 'busy',
  succeeded: 'good',
  failed: 'bad',
  expired: 'bad',
  cancelled: 'quiet',
  unknown: 'quiet',
};

/** Each but `unknown` can be chosen; the compiler knows when one is missing. */
export const queueJobStates = Object.keys({
  queued: true,
  running: true,
  waiting: true,
  succeeded: true,
  failed: true,
  expired: true,
  cancelled: true,
} satisfies Readonly<Record<Exclude<JobSummary['state'], 'unknown'>, true>>);

/** The store keeps no row for a queued one, so a list has none of these. */
export const fanOutJobStates = Object.keys({
  splitting: true,
  working: true,
  gathering: true,
  succeeded: true,
  failed: true,
  expired: true,
  cancelled: true,
} satisfies Readonly<Record<Exclude<FanOutSummary['state'], 'unknown' | 'queued'>, true>>);

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'failed', 'expired', 'cancelled']);

export function hasEnded({ state }: Pick<JobSummary | FanOutSummary, 'state'>): boolean {
  return ENDED.has(state);
}
