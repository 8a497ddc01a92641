// When events are delivered: delays, times of their own, waits between
// attempts, and when it is too late.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
// `-1` is an event without a key.
import assert from 'node:assert/strict';
import { done, fail, Harness } from './harness.ts';

describe('times', () => {
  it('waits longer after each failure, up to the most, and at least as long as the destination says', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = ({ attempt }) => (attempt === 4 ? fail({ retryAfterMs: 30_000 }) : fail());
    await harness.start({ retry: { attempts: 6, backoff: 'exponential', initial: 1000, max: 4000 } });
    await harness.pass(120_000);
    const times = harness.attempts.map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / 1000);
    const between = [
      [0.5, 1.1],
      [1, 2.1],
      [2, 4.1],
      [30, 30.2],
      [2, 4.1],
    ];
    gaps.forEach((gap, index) => {
      const [least = 0, most = 0] = between[index] ?? [];
      assert.ok(gap >= least && gap <= most, `gap ${index} is ${gap} s`);
    });
    assert.equal(gaps.length, 5);
  });

  it('delivers nothing before its delay is over', async () => {
    const harness = new Harness();
    await harness.start({ delay: 5000 });
    harness.publish('a1 b1');
    await harness.pass(4900);
    assert.equal(harness.trace, '');
    await harness.pass(300);
    assert.equal(harness.attempts.length, 2);
  });

  it('lets an event wait for its own time in the parking log, over a restart, and others pass', async () => {
    const harness = new Harness();
    const dueAt = (record: { headers: Readonly<Record<string, string>> }) => Number(record.headers['due']) || undefined;
    harness.publish('a1', { due: String(harness.now + 60_000) });
    harness.publish('b1');
    const { process } = await harness.start({ dueAt });
    await harness.pass(10_000);
    assert.equal(harness.trace, 'b1');
    assert.equal(harness.position?.offset, 2);
    process.kill();
    await harness.start({ dueAt }, {}, 'q');
    await harness.pass(40_000);
    assert.equal(harness.trace, 'b1');
    await harness.pass(15_000);
    assert.equal(harness.trace, 'b1 a1');
  });

  it('gives up what is too old, by maxAge or by its own expirytime, without an attempt', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.publish('b1', { ce_expirytime: new Date(harness.now + 1000).toISOString() });
    harness.publish('c1', { ce_expirytime: 'never' });
    await harness.pass(5000);
    harness.publish('d1');
    await harness.start({ maxAge: 60_000 });
    await harness.pass(2000);
    assert.deepEqual(
      harness.deadLettered.map(({ offset, reason, attempts }) => [offset, reason, attempts]),
      [[1, 'expired', 0]],
    );
    const other = new Harness();
    other.publish('a1');
    await other.pass(5000);
    await other.start({ maxAge: 4000 });
    await other.pass(2000);
    assert.deepEqual(
      other.deadLettered.map(({ reason }) => reason),
      ['expired'],
    );
    assert.equal(other.trace, '');
  });

  it('expires a parked event when its next attempt would come too late', async () => {
    const harness = new Harness();
    harness.publish('a1 a2');
    harness.script = ({ text }) => (text === 'a1' ? fail() : done);
    await harness.start({ maxAge: 5000, retry: { attempts: 99, backoff: 'constant', initial: 4000, max: 4000 } });
    await harness.pass(20_000);
    assert.deepEqual(
      harness.deadLettered.map(({ offset, reason }) => `${offset} ${reason}`),
      ['0 expired', '1 expired'],
    );
  });

  it('leaves out what the filter leaves out, and gives up what it cannot be asked of', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 c1');
    const filter = ({ key }: { key: string | null }) => {
      if (key === 'c') throw new Error('no such field');
      return key !== 'b';
    };
    await harness.start({ filter });
    await harness.pass(2000);
    assert.equal(harness.trace, 'a1');
    assert.equal(harness.position?.offset, 3);
    assert.deepEqual(
      harness.deadLettered.map(({ offset, reason, error }) => [offset, reason, error?.message]),
      [[2, 'filter', 'no such field']],
    );
  });

  it('an owner whose clock is a day ahead waits no less and no longer than was meant', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = () => fail();
    const { process } = await harness.start({
      retry: { attempts: 2, backoff: 'constant', initial: 60_000, max: 60_000 },
    });
    await harness.pass(1000);
    process.kill();
    const starting = harness.start(
      { retry: { attempts: 2, backoff: 'constant', initial: 60_000, max: 60_000 } },
      {},
      'q',
    );
    const next = harness.simulation.processes.at(-1);
    if (next) next.clockError = -86_400_000;
    await starting;
    await harness.pass(70_000);
    assert.equal(harness.attempts.length, 2);
  });
});
