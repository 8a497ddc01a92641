// When nothing, or less, is delivered: the destination asks for it, fails as a whole, the parking
// log is full, the rate is used up, somebody said so.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
// `a1!` is an attempt that did not handle its event: it failed, or nobody saw its end.
// `follows 3`: the event at offset 3 is parked behind another one of its key.
import assert from 'node:assert/strict';
import type { Outcome } from '../../../worker/deliver/destination.ts';
import { done, fail, Harness } from './harness.ts';

const later = (afterMs: number): Outcome => ({ kind: 'later', afterMs, error: { status: 429, message: 'slow down' } });
const RETRY = { backoff: 'constant', initial: 100, max: 100 } as const;
const many = (count: number, name = 'k') =>
  Array.from(
    { length: count },
    (_, index) =>
      `${name}${String.fromCharCode(97 + (index % 26))}${index > 25 ? 'x'.repeat(Math.floor(index / 26)) : ''}1`,
  ).join(' ');

describe('outcome later', () => {
  it('lets everything wait so long, uses up no attempt and parks nothing', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 c1 a2');
    let first = true;
    harness.script = ({ text }) => {
      if (text !== 'b1' || !first) return done;
      first = false;
      return later(5000);
    };
    const { dispatcher } = await harness.start({ concurrency: 1 });
    await harness.pass(1000);
    assert.equal(harness.trace, 'a1 b1!');
    assert.equal(dispatcher.view.flow, 'resting');
    await harness.pass(6000);
    assert.deepEqual(harness.attempts.map(({ text, attempt }) => `${text}/${attempt}`).sort(), [
      'a1/1',
      'a2/1',
      'b1/1',
      'b1/1',
      'c1/1',
    ]);
    assert.equal(dispatcher.view.parkedKeys, 0);
    assert.equal(dispatcher.view.attempts, 4);
  });

  it('goes on though a call that was under way fails meanwhile, and ends where one succeeds', async () => {
    for (const outcome of [fail(), done]) {
      const harness = new Harness();
      harness.publish('a1 b1 c1');
      harness.script = ({ text }) => {
        if (text === 'a1') return later(10_000);
        return new Promise(resolve => harness.simulation.after(1000, 'slow', () => resolve(outcome)));
      };
      await harness.start({ concurrency: 2, retry: { ...RETRY, attempts: 1 } });
      await harness.pass(5000);
      assert.equal(harness.attempts.length, outcome === done ? 3 : 2);
    }
  });

  it('goes on with one call at a time until one gets through', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 c1 d1');
    harness.script = () => (harness.simulation.now < 3000 ? later(1000) : done);
    harness.callMs = 100;
    await harness.start({ concurrency: 4 });
    await harness.pass(2900);
    const calls = harness.attempts.filter(({ at }) => at > 500).map(({ at }) => Math.floor(at / 1000));
    assert.deepEqual(calls, [1, 2]);
    await harness.pass(3000);
    assert.equal(harness.attempts.filter(({ outcome }) => outcome === 'done').length, 4);
  });
});

describe('a target that limits all callers alike', () => {
  for (const perWindow of [2, 4, 10, 40]) {
    it(`${perWindow} calls in ten seconds: gets little more than these, and all events in the time that takes`, async () => {
      const harness = new Harness();
      const events = perWindow * 12;
      harness.publish(many(events));
      const used = new Map<number, number>();
      const refused = new Map<number, number>();
      harness.script = () => {
        const { now } = harness.simulation;
        const window = Math.floor(now / 10_000);
        const left = perWindow - (used.get(window) ?? 0);
        const counts = left > 0 ? used : refused;
        counts.set(window, (counts.get(window) ?? 0) + 1);
        return left > 0 ? done : later((window + 1) * 10_000 - now);
      };
      const { dispatcher } = await harness.start({ concurrency: 8 });
      await harness.pass(13 * 10_000);

      assert.equal(dispatcher.view.delivered, events);
      assert.equal(dispatcher.view.parkedKeys, 0);
      const most = Math.max(...refused.values());
      assert.ok(most <= 16, `${most} calls in vain in ten seconds`);
    });
  }
});

describe('a destination that asks for an hour', () => {
  it('is called once a minute, which costs no attempt and is told, and gets all as soon as it is back', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 b1 c1');
    let isBack = false;
    harness.script = () => (isBack ? done : later(3_600_000));
    const { dispatcher } = await harness.start({ concurrency: 4, retry: { ...RETRY, attempts: 2 } });
    await harness.pass(600_000);
    const first = harness.attempts.filter(({ at }) => at < 1000);
    assert.equal(first.length, 3, 'of each key the first');
    const minutes = harness.attempts.slice(first.length).map(({ at }) => Math.floor(at / 60_000));
    assert.deepEqual(minutes, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(new Set(harness.events), new Set(['asks for 3600000 ms']));
    assert.equal(harness.events.length, 10, 'once for each rest');
    assert.equal(dispatcher.view.flow, 'resting');
    assert.equal(dispatcher.view.attempts, 0);
    isBack = true;
    await harness.pass(61_000);
    assert.deepEqual([dispatcher.view.delivered, dispatcher.view.flow, harness.deadLettered.length], [4, 'flowing', 0]);
    assert.equal(dispatcher.view.parkedKeys, 0);
  });
});

describe('a full parking log', () => {
  it('stops reading at its cap of keys, shows it, and reads on when keys go on', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 c1 d1 e1 f1');
    let broken = true;
    harness.script = () => (broken ? fail() : done);
    const { dispatcher } = await harness.start(
      {
        parking: { maxKeys: 2, maxSize: 1e6 },
        retry: { attempts: 99, backoff: 'constant', initial: 1000, max: 1000 },
        concurrency: 1,
      },
      { limits: { readRecords: 1, freshEvents: 1 } },
    );
    await harness.pass(10_000);
    assert.equal(dispatcher.view.partitions[0]?.state, 'full');
    assert.deepEqual([...new Set(harness.attempts.map(({ text }) => text))], ['a1', 'b1']);
    broken = false;
    await harness.pass(10_000);
    assert.equal(dispatcher.view.delivered, 6);
    assert.equal(dispatcher.view.partitions[0]?.state, 'running');
  });

  it('at its cap of bytes after a restart still lets the parked events go on', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 a3 b1');
    let broken = true;
    harness.script = () => (broken ? fail() : done);
    const settings = {
      parking: { maxKeys: 10, maxSize: 1200 },
      retry: { attempts: 99, backoff: 'constant', initial: 1000, max: 1000 },
    } as const;
    const { process } = await harness.start(settings);
    await harness.pass(300);
    process.kill();
    broken = false;
    const { dispatcher } = await harness.start(settings, {}, 'q');
    await harness.pass(20_000);
    assert.equal(dispatcher.view.lag, 0);
    assert.equal(harness.traceOf('a').replace(/a\d! /g, ''), 'a1 a2 a3');
  });
});

describe('rate, pause, concurrency', () => {
  it('delivers at most so many in any stretch of the period', async () => {
    const harness = new Harness();
    harness.publish(many(60));
    await harness.start({ rate: { count: 10, periodMs: 1000 }, concurrency: 50 });
    await harness.pass(10_000);
    const times = harness.attempts.map(({ at }) => at);
    assert.equal(times.length, 60);
    for (let index = 10; index < times.length; index++)
      assert.ok((times[index] ?? 0) - (times[index - 10] ?? 0) >= 1000);
  });

  it('has no more calls in flight than it may, over all partitions together', async () => {
    const harness = new Harness(3);
    for (const partition of [0, 1, 2]) harness.publish(many(20, `p${partition}`), {}, partition);
    const { dispatcher } = await harness.start({ concurrency: 4, paused: true });
    await harness.pass(1000);
    dispatcher.resume();
    await harness.pass(1000);
    assert.deepEqual([harness.mostInFlight, harness.attempts.length], [4, 60]);
    const first = harness.attempts.slice(0, 30).map(({ text }) => text.slice(0, 2));
    for (const name of ['p0', 'p1', 'p2'])
      assert.ok(first.filter(text => text === name).length >= 8, 'partitions take turns');
  });

  it('makes no calls while paused, and goes on when resumed', async () => {
    const harness = new Harness();
    harness.publish('a1');
    const { dispatcher } = await harness.start({ paused: true });
    await harness.pass(5000);
    assert.deepEqual([harness.trace, dispatcher.view.flow, dispatcher.view.lag], ['', 'paused', 1]);
    dispatcher.resume();
    await harness.pass(100);
    assert.equal(harness.trace, 'a1');
    dispatcher.pause();
    harness.publish('a2');
    await harness.pass(5000);
    assert.equal(harness.trace, 'a1');
  });

  it('a slow key does not hold up others, though more of it waits than memory may hold', async () => {
    const harness = new Harness();
    harness.publish(`${Array.from({ length: 30 }, (_, index) => `a${index}`).join(' ')} b1`);
    const { world } = harness.simulation.process('slow');
    harness.script = ({ text }) =>
      text.startsWith('a') ? new Promise(resolve => world.after(2000, () => resolve(done))) : done;
    await harness.start({}, { limits: { freshEvents: 8 } });
    await harness.pass(20_000);
    assert.equal(harness.traceOf('b'), 'b1');
    assert.ok(harness.events.some(event => event.startsWith('follows')));
    await harness.pass(80_000);
    assert.equal(harness.traceOf('a'), Array.from({ length: 30 }, (_, index) => `a${index}`).join(' '));
  });

  it('close waits for what is in flight, commits it and takes nothing new', async () => {
    const harness = new Harness();
    harness.publish('a1 a2');
    harness.callMs = 500;
    const { dispatcher } = await harness.start();
    await harness.pass(100);
    await harness.simulation.drive(dispatcher.close(2000));
    assert.equal(harness.trace, 'a1');
    assert.equal(harness.position?.offset, 1);
    assert.equal(dispatcher.view.flow, 'closed');
  });

  it('close does not wait longer than its grace', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.callMs = 60_000;
    const { dispatcher } = await harness.start();
    await harness.pass(100);
    const before = harness.simulation.now;
    await harness.simulation.drive(dispatcher.close(2000));
    assert.ok(harness.simulation.now - before < 5000);
    assert.equal(harness.position?.offset, 0);
  });
});
