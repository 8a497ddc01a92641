// Orders for parked events through the control of the admin API, with a dispatcher that carries
// them out: which events they are for, what is said of the others, and what the log tells.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order. `a1!` is an attempt that did not handle its event.
import assert from 'node:assert/strict';
import type { ParkedCommand, ParkedProgress } from '../../../../admin/parked-view.ts';
import { createParkedControl } from '../../../../server/events/control/parked-control.ts';
import type { DispatchSettings } from '../../../../worker/dispatch/settings.ts';
import { SimulatedLog } from '../../../simulation/log/simulated-log.ts';
import { done, fail, Harness } from '../../../worker/dispatch/harness.ts';

const HOUR = 3_600_000;
const slow = { retry: { attempts: 5, backoff: 'constant', initial: HOUR, max: HOUR } } as const;
const consumer = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;

/** A control over the log of the harness, in a process of its own. */
function controlOf(harness: Harness, order: DispatchSettings['order'] = 'key') {
  const process = harness.simulation.process('gateway');
  const lines: string[] = [];
  const control = createParkedControl({
    world: process.world,
    log: new SimulatedLog(harness.broker, process),
    owners: async () => [{ name: consumer, settings: { group: 'g', topic: 't', order } }],
    tell: (level, message, fields) => lines.push(`${level} ${message} ${JSON.stringify(fields)}`),
  });
  const steps: ParkedProgress[] = [];
  const run = (command: Omit<ParkedCommand, 'consumer'>) => {
    const signal = new AbortController().signal;
    return harness.simulation.drive(control.command({ consumer, ...command }, step => steps.push(step), signal));
  };
  const keys = async () => {
    const { items } = await harness.simulation.drive(control.list({ limit: 1000 }));
    return items.map(({ id, key, events, state }) => `${id} ${key} ${events} ${state}`).join(', ');
  };
  return { run, keys, lines, steps };
}

describe('orders for parked events', () => {
  it('are for heads of keys by their ids, with one line in the log for each', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 a2', { ce_id: 'e' });
    harness.script = ({ text }) => (text.endsWith('1') ? fail() : done);
    await harness.start(slow);
    await harness.pass(2000);
    const { run, keys, lines } = controlOf(harness);
    assert.equal(await keys(), '0-0 a 2 retrying, 0-1 b 1 retrying');
    assert.deepEqual(await run({ action: 'retry', ids: ['0-1', '0-2', '0-7', '4-1'] }), {
      taken: 1,
      unconfirmed: 0,
      failed: [
        { id: '0-2', message: 'The event 0-0 of its key waits before it: name that one.' },
        { id: '0-7', message: 'It is not parked: it was handled, was given up, or never was parked.' },
        { id: '4-1', message: 'It is not parked: it was handled, was given up, or never was parked.' },
      ],
      total: 4,
    });
    await harness.pass(1000);
    assert.equal(harness.trace, 'a1! b1! b1!');
    assert.deepEqual(await run({ action: 'give-up', ids: ['0-0'] }), {
      taken: 1,
      unconfirmed: 0,
      failed: [],
      total: 1,
    });
    await harness.pass(1000);
    assert.deepEqual([harness.trace, await keys()], ['a1! b1! b1! a2', '0-1 b 1 retrying']);
    assert.deepEqual(lines, [
      'info an operator asked for a parked event to be tried now {"consumer":"Subscription/default/wall","id":"0-1","event":"e","key":"b"}',
      'info an operator asked for a parked event to be given up {"consumer":"Subscription/default/wall","id":"0-0","event":"e","key":"a"}',
    ]);
  });

  it('are for all keys that failed and match, page by page, and for none that only waits', async () => {
    const harness = new Harness();
    const count = 250;
    // Were none handled in between, the destination would be left alone.
    harness.publish(Array.from({ length: count }, (_, index) => `bad${index} good${index}`).join(' '));
    harness.publish('late1');
    let broken = true;
    harness.script = ({ text }) => (broken && text.startsWith('bad') ? fail() : done);
    const dueAt: DispatchSettings['dueAt'] = ({ key, timestamp }) => (key === 'late' ? timestamp + HOUR : undefined);
    // Each of them is a key of its own for a consumer without order.
    await harness.start({ ...slow, order: 'none', dueAt });
    await harness.pass(60_000);
    const { run, keys, steps } = controlOf(harness, 'none');
    assert.match(await keys(), / late 1 waiting$/);
    assert.equal((await run({ action: 'retry', query: { reason: 'Timeout' } })).total, 0);
    assert.equal((await run({ action: 'retry', query: { newerThanMs: 1 } })).total, 0);
    broken = false;
    const end = await run({ action: 'retry', query: { key: 'bad', reason: 'TargetFailed' } });
    assert.deepEqual(end, { taken: count, unconfirmed: 0, failed: [], total: count });
    assert.deepEqual(
      steps.map(({ taken }) => taken),
      [100, 200, 250],
    );
    await harness.pass(10_000);
    assert.equal(await keys(), `0-${2 * count} late 1 waiting`);
  });

  it('take whole keys, whichever event names them, and leave others alone', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 a2 a3 b2');
    harness.script = ({ text }) => (text.endsWith('1') ? fail() : done);
    await harness.start(slow);
    await harness.pass(2000);
    const { run, keys } = controlOf(harness);
    const end = await run({ action: 'give-up', ids: ['0-3'], wholeKey: true });
    assert.deepEqual(end, { taken: 3, unconfirmed: 0, failed: [], total: 3 });
    await harness.pass(1000);
    assert.deepEqual([harness.trace, await keys()], ['a1! b1!', '0-1 b 2 retrying']);
    assert.deepEqual(
      harness.deadLettered.map(({ offset, reason }) => `${offset} ${reason}`),
      ['0 abandoned', '2 abandoned', '3 abandoned'],
    );
  });

  it('are kept where nobody owns the partition, and said to be so', async () => {
    const harness = new Harness();
    harness.publish('a1 b1');
    harness.script = () => fail();
    const { process } = await harness.start(slow);
    await harness.pass(2000);
    process.kill();
    const { run } = controlOf(harness);
    const end = await run({ action: 'retry', query: {} });
    assert.deepEqual(end, { taken: 0, unconfirmed: 2, open: ['0-0', '0-1'], failed: [], total: 2 });
    await harness.start(slow, {}, 'q');
    await harness.pass(12_000);
    assert.equal(harness.trace, 'a1! b1! a1! b1!');
  });

  it('name partitions that a later release has written, and take events of the others', async () => {
    const harness = new Harness(2);
    harness.publish('a1');
    harness.publish('b1', {}, 1);
    harness.script = () => fail();
    await harness.start(slow);
    await harness.pass(2000);
    const value = Buffer.from('{"v":2}\n');
    harness.broker.append('g.parked', [{ key: null, partition: 0, headers: {}, value }], 'later');
    const { run } = controlOf(harness);
    const { unread, ...end } = await run({ action: 'retry', query: {} });
    assert.deepEqual(end, { taken: 1, unconfirmed: 0, failed: [], total: 1 });
    assert.deepEqual(
      unread?.map(({ partition }) => partition),
      [0],
    );
    await harness.pass(1000);
    assert.equal(harness.traceOf('b'), 'b1! b1!');
    const named = await run({ action: 'retry', ids: ['0-0', '1-7'] });
    const [never, hidden] = ['1-7', '0-0'].map(id => named.failed.find(each => each.id === id)?.message);
    assert.match(never ?? '', /It is not parked/);
    assert.equal(hidden, named.unread?.[0]?.message, 'nobody knows whether it is parked');
    assert.equal(named.total, 2);
  });

  it('are answered by an owner of an earlier release without any effect, and said to be so', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = () => fail();
    const { process } = await harness.start(slow);
    await harness.pass(2000);
    process.kill();
    // It confirms what it does not know, and says no more.
    const owned = harness.parkingLog().filter(({ type }) => type !== 'command');
    const { claim, seq } = owned.at(-1) ?? {};
    const { broker } = harness;
    broker.watches.push((topic, partition, { offset, value }) => {
      if (topic !== 'g.parked' || !Buffer.from(value).includes('"verb":"retry"')) return;
      const fields = { v: 1, type: 'acked', command: offset, claim, seq: Number(seq) + 1 };
      const acked = Buffer.from(`${JSON.stringify(fields)}\n`);
      broker.append('g.parked', [{ key: null, partition, headers: {}, value: acked }], 'earlier');
    });
    const { run } = controlOf(harness);
    const { taken, failed } = await run({ action: 'retry', ids: ['0-0'] });
    assert.equal(taken, 0);
    assert.match(failed[0]?.message ?? '', /Its owner is of an earlier release and left it as it was/);
  });
});
