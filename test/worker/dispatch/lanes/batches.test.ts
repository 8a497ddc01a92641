// Several events in one call: who goes together, outcomes one by one, and finding the bad
// one when a call fails whole.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
// `a1!` is an attempt that did not handle its event: it failed, or nobody saw its end.
import assert from 'node:assert/strict';
import type { DispatchSettings } from '../../../../worker/dispatch/settings.ts';
import { done, fail, Harness } from '../harness.ts';

const batch = (size: number, wait = 0): Partial<DispatchSettings> => ({ batch: { size, wait, maxSize: 1e6 } });

function calls(harness: Harness): string[] {
  const byCall = Map.groupBy(harness.attempts, ({ call }) => call);
  return [...byCall.values()].map(attempts => attempts.map(({ text }) => text).join(' '));
}

describe('batches', () => {
  it('carry events of different keys, one of each', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 b1 c1 a3 b2');
    await harness.start({ ...batch(10, 20), concurrency: 1 });
    await harness.pass(2000);
    assert.deepEqual(calls(harness), ['a1 b1 c1', 'a2 b2', 'a3']);
  });

  it('go when they are full, or when the first has waited long enough', async () => {
    const harness = new Harness();
    await harness.start(batch(2, 300));
    await harness.pass(1000);
    harness.publish('a1 b1 c1');
    await harness.pass(100);
    assert.deepEqual(calls(harness), ['a1 b1']);
    await harness.pass(300);
    assert.deepEqual(calls(harness), ['a1 b1', 'c1']);
  });

  it('stay below their size in bytes', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 c1');
    await harness.start({ batch: { size: 10, wait: 10, maxSize: 1100 } });
    await harness.pass(1000);
    assert.deepEqual(calls(harness), ['a1 b1', 'c1']);
  });

  it('have one outcome for each event', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 c1 b2');
    harness.script = ({ text, attempt }) => (text === 'b1' && attempt < 3 ? fail() : done);
    await harness.start(batch(10, 20));
    await harness.pass(20_000);
    assert.equal(harness.traceOf('b'), 'b1! b1! b1 b2');
    assert.equal(harness.traceOf('a'), 'a1');
    assert.equal(harness.position?.offset, 4);
  });

  it('that fail whole are cut in two until the bad event is alone; the others lose no attempt', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 c1 d1 e1');
    let together: readonly string[] = [];
    harness.script = async ({ record }) => {
      const call = harness.attempts.findLast(({ offset }) => offset === record.offset)?.call;
      together = harness.attempts.filter(attempt => attempt.call === call).map(({ text }) => text);
      return together.includes('d1') ? fail({ retryable: false }) : done;
    };
    await harness.start(batch(10, 20));
    await harness.pass(10_000);
    assert.deepEqual(calls(harness), ['a1 b1 c1 d1 e1', 'a1 b1 c1', 'd1 e1', 'd1', 'e1']);
    assert.ok(harness.attempts.every(({ attempt }) => attempt === 1));
    assert.deepEqual(
      harness.deadLettered.map(({ offset, attempts }) => [offset, attempts]),
      [[3, 1]],
    );
    assert.equal(harness.parkingLog().filter(({ type }) => type === 'park').length, 0);
  });
});
