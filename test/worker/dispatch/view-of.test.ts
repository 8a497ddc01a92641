// The view of a dispatcher, as it is put together from those of its partitions.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import type { CallScheduler } from '../../../worker/dispatch/calls/call-scheduler.ts';
import { createTotals, type PartitionView } from '../../../worker/dispatch/view.ts';
import { viewOf } from '../../../worker/dispatch/view-of.ts';

const partition = (some: Partial<PartitionView>): PartitionView => ({
  ...{ partition: 0, state: 'running', claim: 1, watermark: 0, read: 0, end: 0, lag: 0, oldestAgeMs: undefined },
  ...{ parkedKeys: 0, parkedEvents: 0, parkedBytes: 0, failingKeys: 0, failedFirst: undefined, held: 0 },
  ...{ heldFirst: undefined, unwrittenDeadLetters: 0, openCommands: 0, parkingLog: { watermark: 0, read: 0 } },
  ...{ finished: false, trouble: undefined },
  ...some,
});

function of(partitions: readonly PartitionView[], some: object = {}, breaker: object = {}) {
  const scheduler = {
    ...{ closed: false, paused: false, goesOnAt: 0, inFlight: 3, limitedBy: 'rate', shares: undefined },
    breaker: { tripped: false, isFlowing: true, ...breaker },
    ...some,
  } as unknown as CallScheduler;
  const world = { ...realWorld, now: () => 10_500, monotonic: () => 100 };
  const context = { world, scheduler, totals: createTotals(), newest: { failure: undefined } };
  return viewOf({ group: 'g', label: 'l' }, context, partitions);
}

describe('the view of a dispatcher', () => {
  it('adds up its partitions, and has them in their order', () => {
    const view = of([
      partition({ partition: 2, lag: 5, parkedKeys: 1, parkedEvents: 4, failingKeys: 1, held: 1, oldestAgeMs: 7 }),
      partition({ partition: 0, lag: 6, parkedKeys: 2, parkedEvents: 3, failingKeys: 2, held: 2, oldestAgeMs: 9 }),
      partition({ partition: 1 }),
    ]);
    const { lag, parkedKeys, parkedEvents, failingKeys, held, oldestAgeMs } = view;
    assert.deepEqual(
      { lag, parkedKeys, parkedEvents, failingKeys, held, oldestAgeMs },
      {
        ...{ lag: 11, parkedKeys: 3, parkedEvents: 7, failingKeys: 3, held: 3, oldestAgeMs: 9 },
      },
    );
    assert.deepEqual(
      view.partitions.map(each => each.partition),
      [0, 1, 2],
    );
    assert.deepEqual([view.inFlight, view.limitedBy, view.heldBack, view.group], [3, 'rate', [], 'g']);
    assert.deepEqual(of([], { shares: { heldBack: ['a'] } }).heldBack, ['a']);
  });

  it('does not know what one partition does not know', () => {
    const view = of([partition({ lag: 5 }), partition({ lag: undefined })]);
    assert.deepEqual([view.lag, view.oldestAgeMs], [undefined, undefined]);
  });

  it('tells the first failure, and the first of two at the same time', () => {
    const at = (since: number, message: string) => ({ since, error: { message } });
    const view = of([
      partition({ failedFirst: at(5, 'a'), heldFirst: at(9, 'a') }),
      partition({}),
      partition({ failedFirst: at(4, 'b'), heldFirst: at(9, 'b') }),
      partition({ failedFirst: at(6, 'c') }),
    ]);
    assert.deepEqual([view.failedFirst, view.heldFirst], [at(4, 'b'), at(9, 'a')]);
    assert.deepEqual([of([]).failedFirst, of([]).heldFirst], [undefined, undefined]);
  });

  it('has finished where all of its partitions have, and it has some', () => {
    const [yes, no] = [partition({ finished: true }), partition({})];
    assert.deepEqual([of([]).finished, of([yes, no]).finished, of([yes, yes]).finished], [false, false, true]);
  });

  it('goes on at a whole second, or at once, or nobody knows when', () => {
    const goesOnAt = (at: number) => of([], { goesOnAt: at }).goesOnAt;
    assert.deepEqual([goesOnAt(700), goesOnAt(600), goesOnAt(601)], [12_000, 11_000, 12_000]);
    assert.deepEqual([goesOnAt(100), goesOnAt(99)], [undefined, undefined]);
    assert.equal(goesOnAt(Number.POSITIVE_INFINITY), undefined);
  });

  it('says how it flows', () => {
    const flows = [
      of([], { closed: true, paused: true }),
      of([], { paused: true }, { tripped: true }),
      of([], {}, { tripped: true, isFlowing: false }),
      of([], {}, { isFlowing: false }),
      of([]),
    ];
    assert.deepEqual(
      flows.map(({ flow }) => flow),
      ['closed', 'paused', 'failing', 'resting', 'flowing'],
    );
  });
});
