// How many calls a dispatcher may make of a concurrency that all processes share, and what counts as one.
import assert from 'node:assert/strict';
import { wholeBudgets } from '../../../drivers/budgets/budgets.ts';
import { Pace } from '../../../worker/dispatch/calls/pace.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { settingsFor } from './harness.ts';

describe('the pace of a dispatcher', () => {
  it('counts a call that was given up for ten seconds more, as it may be worked on all the same', async () => {
    const world = createFakeWorld();
    let grown = 0;
    const pace = new Pace({
      world,
      settings: settingsFor({ concurrency: 2, together: true }),
      budgets: wholeBudgets,
      couldCall: () => 0,
      grown: () => void grown++,
    });
    pace.begin(1);
    pace.begin(1);
    pace.end();
    assert.deepEqual([pace.inFlight, pace.calls], [1, 2]);
    pace.leave();
    assert.deepEqual([pace.inFlight, pace.calls], [0, 1]);
    await world.pass(9999);
    assert.deepEqual([pace.inFlight, pace.calls, grown], [0, 1, 0]);
    await world.pass(1);
    assert.deepEqual([pace.inFlight, pace.calls, grown], [0, 2, 1]);
  });
});
