// Holders of slices of a budget as messages are lost, late and repeated, in front of a store that
// forgets; for tests of what the store decides.
import fc from 'fast-check';
import { decideLease, type LeaseEpoch, type Slice } from '../../../drivers/store/lease-book.ts';
import type { LeaseGrant, LeaseRequest } from '../../../drivers/store/leases.ts';

export const TTL = 100;

export interface Ask {
  readonly kind: 'ask';
  readonly at: number;
  readonly holder: number;
  readonly demand: number;
  /** How much of what it has it goes on using. */
  readonly keep: number;
  /** What it began when it had more, or under a slice that is over, has not ended yet. */
  readonly lingers: boolean;
  readonly there: number;
  readonly back: number;
  readonly lost: 'no' | 'there' | 'back';
  readonly repeated: boolean;
}
/** Asks for nothing, with nothing in the way. */
export const PLAIN: Ask = {
  ...{ kind: 'ask', at: 0, holder: 0, demand: 0, keep: 1, lingers: false },
  ...{ there: 0, back: 0, lost: 'no', repeated: false },
};
/** A replica takes over that has missed so much. */
export interface Failover {
  readonly kind: 'failover';
  readonly at: number;
  readonly missed: number;
}

export const ask: fc.Arbitrary<Ask> = fc.record({
  kind: fc.constant('ask' as const),
  at: fc.nat(600),
  holder: fc.nat(3),
  demand: fc.nat(12),
  keep: fc.constantFrom(1, 0.5, 0),
  lingers: fc.boolean(),
  there: fc.oneof(fc.nat(5), fc.nat(150)),
  back: fc.oneof(fc.nat(5), fc.nat(150)),
  lost: fc.oneof(
    { weight: 4, arbitrary: fc.constant('no' as const) },
    fc.constantFrom('there' as const, 'back' as const),
  ),
  repeated: fc.boolean(),
});
export const failover: fc.Arbitrary<Failover> = fc.record({
  kind: fc.constant('failover' as const),
  at: fc.nat(600),
  missed: fc.nat(80),
});

/**
 * Runs the plan; `check` sees what all may be using after each step. Answers the most
 * that was granted to anybody.
 */
export function run(
  plan: readonly (Ask | Failover)[],
  limit: number | ((now: number) => number),
  quiet: boolean,
  check: (inUse: number) => void,
): number {
  const steps: { at: number; run: () => void }[] = [];
  let now = 0;
  let slices: readonly Slice[] = [];
  let epoch: LeaseEpoch = { id: 'e0', quietUntil: 0 };
  let most = 0;
  const history: { at: number; slices: readonly Slice[] }[] = [];
  const holders = Array.from({ length: 4 }, (_, n) => ({ name: `h${n}`, turn: 0, cap: 0, using: 0, until: 0 }));
  const later = (ms: number, run: () => void) => steps.push({ at: now + ms, run });

  const take = (request: LeaseRequest): LeaseGrant | undefined => {
    const { slices: next, grant } = decideLease(slices, request, now, epoch);
    if (grant) slices = next;
    history.push({ at: now, slices });
    return grant;
  };
  for (const item of plan) {
    steps.push({
      at: item.at,
      run() {
        if (item.kind === 'failover') {
          slices = history.findLast(({ at }) => at <= now - item.missed)?.slices ?? [];
          epoch = { id: `e${now}`, quietUntil: quiet ? now + TTL : 0 };
          return;
        }
        const holder = holders[item.holder]!;
        const kept = now < holder.until ? Math.floor(holder.cap * item.keep) : 0;
        const held = item.lingers ? Math.max(kept, holder.using) : kept;
        holder.cap = kept;
        holder.using = held;
        const turn = ++holder.turn;
        const sent = now;
        const request = {
          holder: holder.name,
          turn,
          limit: typeof limit === 'number' ? limit : limit(now),
          held,
          demand: item.demand,
          ttlMs: TTL,
          lingerMs: item.lingers ? 150 : 0,
        };
        if (item.repeated) later(item.there + item.back + 30, () => take(request));
        if (item.lost === 'there') return;
        later(item.there, () => {
          const grant = take(request);
          if (!grant || item.lost === 'back') return;
          later(item.back, () => {
            if (holder.turn !== turn) return;
            // What a store knows by the holder's word alone is no right to
            // what that has lost meanwhile.
            holder.cap =
              grant.quietMs > 0 ? Math.min(grant.granted, now < holder.until ? holder.cap : 0) : grant.granted;
            holder.using = Math.max(holder.using, holder.cap);
            holder.until = sent + TTL;
            most = Math.max(most, holder.cap);
          });
        });
      },
    });
  }
  while (steps.length > 0) {
    steps.sort((a, b) => a.at - b.at);
    const step = steps.shift()!;
    now = step.at;
    step.run();
    check(holders.reduce((sum, { cap, until }) => sum + (now < until ? cap : 0), 0));
  }
  return most;
}
