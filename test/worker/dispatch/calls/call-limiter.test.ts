// How many calls a dispatcher may make of a concurrency that all processes
// share, and what counts as one.
import assert from 'node:assert/strict';
import { wholeBudgets } from '../../../../drivers/budgets/budgets.ts';
import { CallLimiter } from '../../../../worker/dispatch/calls/call-limiter.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { settingsFor } from '../harness.ts';

describe('the call limiter of a dispatcher', () => {
  it('counts a call that was given up for ten seconds more, as it may be worked on all the same', async () => {
    const world = createFakeWorld();
    let grown = 0;
    const limiter = new CallLimiter({
      world,
      settings: settingsFor({ concurrency: 2, together: true }),
      budgets: wholeBudgets,
      couldCall: () => 0,
      grown: () => void grown++,
    });
    limiter.begin(1);
    limiter.begin(1);
    limiter.end();
    assert.deepEqual([limiter.inFlight, limiter.calls], [1, 2]);
    limiter.leave();
    assert.deepEqual([limiter.inFlight, limiter.calls], [0, 1]);
    await world.pass(9999);
    assert.deepEqual([limiter.inFlight, limiter.calls, grown], [0, 1, 0]);
    await world.pass(1);
    assert.deepEqual([limiter.inFlight, limiter.calls, grown], [0, 2, 1]);
  });
});
