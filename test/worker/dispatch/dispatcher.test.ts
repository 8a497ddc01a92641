// A dispatcher over a log without faults: order, parking, attempts, restarts.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
// `a1!` is an attempt that did not handle its event: it failed, or nobody saw its end.
// `parks 3`: the event at offset 3 is parked.
import assert from 'node:assert/strict';
import { done, fail, Harness } from './harness.ts';

describe('dispatcher', () => {
  it('delivers everything, each key in order, different keys at the same time, and commits', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 a2 c1 a3 b2');
    await harness.start();
    await harness.pass(2000);
    assert.equal(harness.traceOf('a'), 'a1 a2 a3');
    assert.equal(harness.traceOf('b'), 'b1 b2');
    assert.equal(harness.mostInFlight, 3);
    assert.equal(harness.position?.offset, 6);
  });

  it('delivers what is published while it runs, and nothing twice after an orderly restart', async () => {
    const harness = new Harness();
    const { dispatcher } = await harness.start();
    harness.publish('a1 a2');
    await harness.pass(100);
    await harness.simulation.drive(dispatcher.close(1000));
    harness.publish('a3');
    await harness.start({}, {}, 'q');
    await harness.pass(2000);
    assert.equal(harness.trace, 'a1 a2 a3');
  });

  it('parks a key that fails with what comes behind it, while all other keys go on', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 a2 b2');
    harness.script = ({ text, attempt }) => (text === 'a1' && attempt < 3 ? fail() : done);
    await harness.start();
    await harness.pass(500);
    harness.publish('b3 a3');
    await harness.pass(10_000);
    assert.equal(harness.traceOf('a'), 'a1! a1! a1 a2 a3');
    assert.equal(harness.traceOf('b'), 'b1 b2 b3');
    const last = harness.attempts.find(({ text }) => text === 'b3');
    assert.ok((last?.at ?? 1e9) < 700);
    assert.equal(harness.position?.offset, 6);
  });

  it('counts attempts over a kill: the budget is not given anew', async () => {
    const harness = new Harness();
    harness.publish('a1 a2');
    harness.script = ({ text }) => (text === 'a1' ? fail() : done);
    const { process } = await harness.start();
    await harness.pass(1500);
    assert.equal(harness.traceOf('a'), 'a1! a1!');
    process.kill();
    await harness.start({}, {}, 'q');
    await harness.pass(20_000);
    assert.equal(harness.traceOf('a'), 'a1! a1! a1! a2');
    assert.deepEqual(
      harness.deadLettered.map(({ offset, reason, attempts }) => ({ offset, reason, attempts })),
      [{ offset: 0, reason: 'exhausted', attempts: 3 }],
    );
  });
});
