// Slices of a budget under lost, late and repeated messages, dead holders and a store that forgets:
// never more in use than the limit.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decideLease, type LeaseEpoch, type Slice } from '../../../drivers/store/lease-book.ts';
import type { LeaseRequest } from '../../../drivers/store/leases.ts';
import { type Ask, ask, type Failover, failover, PLAIN, run, TTL } from './lease-holders.ts';

/**
 * Two requests of one holder arrive after its slice is over and another holder has it: the first is
 * counted, and gives the second no right to it.
 */
const BOTH_LATE: readonly Ask[] = [
  { ...PLAIN, at: 0, holder: 3, demand: 1 },
  { ...PLAIN, at: 15, holder: 3, there: 86 },
  { ...PLAIN, at: 1, holder: 3, there: 100 },
  { ...PLAIN, at: 97, demand: 1, there: 3 },
];

/**
 * A request of a holder whose slice is over and is another's by now comes when the store
 * believes all that holders say.
 */
const LATE_AFTER_FAILOVER: readonly (Ask | Failover)[] = [
  { ...PLAIN, at: 0, holder: 3, demand: 1 },
  { ...PLAIN, at: 3, holder: 3, there: 98 },
  { ...PLAIN, at: 97, demand: 1, there: 3 },
  { kind: 'failover', at: 101, missed: 0 },
];

/**
 * While the store believes both, one says what another has: the first from before, the other by
 * right. Then it believes nobody any more.
 */
const BOTH_BELIEVED: readonly (Ask | Failover)[] = [
  { ...PLAIN, at: 0, holder: 1, demand: 1 },
  { ...PLAIN, at: 250, holder: 1, lingers: true, there: 79, repeated: true },
  { ...PLAIN, at: 324, demand: 1, there: 4 },
  { kind: 'failover', at: 330, missed: 3 },
  { ...PLAIN, at: 359 },
  { ...PLAIN, at: 420, holder: 1, lingers: true, there: 10 },
];

describe('slices of a budget', () => {
  it('never sum to more than the limit, whatever gets lost, late or repeated, and whoever dies', () => {
    fc.assert(
      fc.property(fc.array(ask, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (plan, limit) => {
        run(plan, limit, true, inUse => assert.ok(inUse <= limit, `${inUse} of ${limit}`));
      }),
      { numRuns: 3000, examples: [[[...BOTH_LATE], 1]] },
    );
  });

  it('never sum to more than the limit after a failover that forgets grants', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 12, arbitrary: ask }, failover), { minLength: 1, maxLength: 40 }),
        plan => {
          run(plan, 10, true, inUse => assert.ok(inUse <= 10, `${inUse} of 10`));
        },
      ),
      { numRuns: 3000, examples: [[[...LATE_AFTER_FAILOVER]], [[...BOTH_BELIEVED]]] },
    );
  });

  it('are counted as they are used while a limit is lowered and raised again, also when answers are lost', () => {
    const limits = fc.array(fc.constantFrom(4, 10), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(ask, { minLength: 1, maxLength: 40 }), limits, (plan, limits) => {
        run(
          plan,
          n => limits[n % 40]!,
          true,
          inUse => assert.ok(inUse <= 10, `${inUse} of 10`),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('are counted as they are used when a limit was lowered for a moment and the holder did not hear of it', () => {
    const ask = { ...PLAIN, demand: 10 };
    const plan = [
      { ...ask, at: 10, holder: 0 },
      { ...ask, at: 20, holder: 0, lost: 'back' as const },
      { ...ask, at: 30, holder: 1 },
    ];
    const limit = (now: number) => (now === 20 ? 4 : 10);
    run(plan, limit, true, inUse => assert.ok(inUse <= 10, `${inUse} of 10`));
  });

  it('would sum to more without the quiet time after a failover: this test can fail', () => {
    const ask = { ...PLAIN, demand: 10 };
    const plan = [
      { ...ask, at: 10, holder: 0 },
      { kind: 'failover' as const, at: 20, missed: 15 },
      { ...ask, at: 30, holder: 1 },
    ];
    const most = (quiet: boolean) => {
      let most = 0;
      run(plan, 10, quiet, inUse => {
        most = Math.max(most, inUse);
      });
      return most;
    };
    assert.equal(most(false), 20);
    assert.equal(most(true), 10);
  });

  it('are all given out, in proportion, when holders ask again and again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 40 }),
        (demands, limit) => {
          let slices: readonly Slice[] = [];
          const held = demands.map(() => 0);
          const shares = demands.map(() => 0);
          for (let turn = 1; turn <= 4; turn++) {
            for (const [index, demand] of demands.entries()) {
              const request = {
                holder: `h${index}`,
                turn,
                limit,
                held: Math.min(held[index]!, turn === 1 ? 0 : shares[index]!),
                demand,
                ttlMs: TTL,
              };
              const decision = decideLease(slices, request, turn, { id: 'e', quietUntil: 0 });
              slices = decision.slices;
              held[index] = decision.grant!.granted;
              shares[index] = decision.grant!.share;
            }
          }
          const wanted = demands.reduce((sum, demand) => sum + demand, 0);
          const given = held.reduce((sum, amount) => sum + amount, 0);
          assert.equal(given, wanted === 0 ? 0 : limit);
          for (const [a, demandA] of demands.entries())
            for (const [b, demandB] of demands.entries())
              if (demandA > demandB) assert.ok(held[a]! >= held[b]! - 1, `${demands} → ${held}`);
        },
      ),
      { numRuns: 2000 },
    );
  });

  const asking = (holder: string, turn: number, more: Partial<LeaseRequest> = {}): LeaseRequest => ({
    holder,
    turn,
    limit: 1,
    held: 0,
    demand: 1,
    ttlMs: 10_000,
    ...more,
  });
  const never: LeaseEpoch = { id: 'e', quietUntil: 0 };

  it('are had in turn where there is less than one for each, by those first who have waited longest', () => {
    let slices: readonly Slice[] = [];
    const ask = (now: number, request: LeaseRequest) => {
      const decision = decideLease(slices, request, now, never);
      slices = decision.slices;
      return [decision.grant?.granted, decision.grant?.share];
    };
    assert.deepEqual(ask(0, asking('a', 1)), [1, 1]);
    assert.deepEqual(ask(10, asking('c', 1)), [0, 0]);
    assert.deepEqual(ask(20, asking('b', 1)), [0, 0]);
    assert.deepEqual(ask(900, asking('a', 2, { held: 1 })), [1, 1]);
    assert.deepEqual(ask(1_000, asking('a', 3, { held: 1 })), [1, 0], 'its turn is over');
    assert.deepEqual(ask(1_010, asking('a', 4)), [0, 0], 'it has given up, and comes last');
    assert.deepEqual(ask(1_020, asking('b', 2)), [0, 0]);
    assert.deepEqual(ask(1_030, asking('c', 2)), [1, 1]);
    assert.deepEqual(ask(3_500, asking('c', 3, { held: 1 })), [1, 1], 'who does not ask any more does not wait');
  });

  it('sum to no more than the smallest limit that anybody believes in', () => {
    const { slices } = decideLease([], asking('old', 1, { limit: 50, demand: 10 }), 0, never);
    const { slices: both, grant } = decideLease(slices, asking('new', 1, { limit: 20, demand: 10 }), 1, never);
    assert.equal(grant?.granted, 0);
    const told = decideLease(both, asking('old', 2, { limit: 50, demand: 10, held: 50 }), 2, never);
    assert.ok(told.grant!.granted === 50 && told.grant!.share <= 20, JSON.stringify(told.grant));
  });

  it('are counted for as long as what was begun under them may go on', () => {
    const { slices } = decideLease([], asking('a', 1, { lingerMs: 5_000 }), 0, never);
    assert.equal(decideLease(slices, asking('b', 1), 14_999, never).grant?.granted, 0);
    assert.equal(decideLease(slices, asking('b', 1), 15_000, never).grant?.granted, 1);
  });
});
