// Several targets with weights: keys stay where they are, shares are kept,
// outcomes come back in order.
import assert from 'node:assert/strict';
import { createWeightedDestination } from '../../../worker/deliver/weighted-destination.ts';
import { destinationOf, itemOf, never } from './items.ts';

describe('weighted destinations', () => {
  const items = Array.from({ length: 400 }, (_, offset) => itemOf({}, { offset, key: `k${offset % 200}` }));

  it('gives events of one key to one target, by weight, and outcomes in the order of the events', async () => {
    const old = destinationOf(() => ({ kind: 'done' }));
    const fresh = destinationOf(item => ({ kind: 'later', afterMs: item.record.offset, error: { message: '' } }));
    const both = createWeightedDestination([
      { destination: old, weight: 75 },
      { destination: fresh, weight: 25 },
    ]);
    const outcomes = await both.deliver(items, never);
    for (const [index, outcome] of outcomes.entries()) {
      const twin = outcomes[(index + 200) % 400];
      assert.equal(outcome.kind, twin?.kind);
      if (outcome.kind === 'later') assert.equal(outcome.afterMs, index);
    }
    assert.ok(fresh.seen.length > 50 && fresh.seen.length < 150, `${fresh.seen.length} of 400`);
  });

  it('gives nothing to a target without weight', async () => {
    const off = destinationOf(() => ({ kind: 'done' }));
    const on = destinationOf(() => ({ kind: 'done' }));
    const both = createWeightedDestination([
      { destination: on, weight: 1 },
      { destination: off, weight: 0 },
    ]);
    await both.deliver(items, never);
    assert.equal(off.seen.length, 0);
  });
});
