// The void park: an owner that was superseded parks an event, takes its source offset for done and
// commits; the new owner dies, and the third begins behind it.
import type { PartialPlan } from './make-plan.ts';

export const VOID_PARK: PartialPlan = {
  limits: { events: 30, owners: 3 },
  log: { overlap: 1, zombieMs: 5_000, shuffle: 1, slow: 0.3, slowMs: 5_000, readStale: 0.5 },
  functions: { flaky: 0.5, latencyMs: 500 },
  nudges: { killOnAppend: 0.05, forMs: 1_000 },
  happenings: [4_000, 8_000, 12_000, 16_000].map(at => ({ at, kind: 'rebalance' })),
};
