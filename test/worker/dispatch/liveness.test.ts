// Events that fail hold up no others, however many there are and in whatever way they fail;
// and each comes to its end.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Outcome } from '../../../worker/deliver/destination.ts';
import { done, fail, Harness, type Script } from './harness.ts';

const RETRY = { attempts: 3, backoff: 'constant', initial: 200, max: 200 } as const;
const range = (count: number, name: (index: number) => string) => Array.from({ length: count }, (_, at) => name(at));
/** A name without digits, as the harness takes a key from what stands before them. */
const nameOf = (index: number) => [...String(index)].map(digit => 'abcdefghij'[Number(digit)]).join('');
const bad = (count: number, number = 1) => range(count, index => `bad${nameOf(index)}${number}`);
const good = (count: number, name = 'good') => range(count, index => `${name}${nameOf(index)}1`);

/** How an event may fail while the target answers others. */
const WAYS: Readonly<Record<string, (harness: Harness) => Outcome | Promise<Outcome>>> = {
  'is answered 500': () => fail(),
  'is answered 503': () => fail({ doubt: 'status' }),
  'takes its instance down': () => fail({ doubt: 'lost' }),
  'is never answered': harness =>
    new Promise(resolve => harness.simulation.after(2_000, 'deadline', () => resolve(fail({ doubt: 'lost' })))),
};

/** Everything that begins with "bad" fails so. */
const poison =
  (harness: Harness, way: keyof typeof WAYS): Script =>
  ({ text }) =>
    text.startsWith('bad') ? (WAYS[way]?.(harness) ?? fail()) : done;

/** When the last of them was handled, milliseconds after `from`; Infinity: it was not. */
function lastOf(harness: Harness, texts: readonly string[], from = 0): number {
  const at = new Map<string, number>();
  for (const attempt of harness.attempts) if (attempt.outcome === 'done') at.set(attempt.text, attempt.at);
  return Math.max(...texts.map(text => (at.get(text) ?? Number.POSITIVE_INFINITY) - from));
}

/** For an order that has nothing to do with that of the names. */
const hashOf = (text: string) => createHash('sha1').update(text).digest().readUInt32BE(0);

const deadOf = (harness: Harness) =>
  harness.deadLettered.map(({ record }) => Buffer.from(record.value).toString()).sort();

describe('a queue with bad jobs in front', () => {
  for (const count of [40, 400]) {
    it(`${count} of them: the good ones behind are worked at once, and each bad one is given up after its attempts`, async () => {
      const harness = new Harness();
      const jobs = good(20);
      harness.publish([...bad(count), ...jobs].join(' '));
      harness.script = poison(harness, 'is answered 500');
      const { dispatcher } = await harness.start({ order: 'none', concurrency: 8, retry: RETRY });
      await harness.pass(3_000);
      assert.ok(lastOf(harness, jobs) < 2_000, `the last good one after ${lastOf(harness, jobs)} ms`);
      await harness.pass(10_000);
      assert.deepEqual(deadOf(harness), bad(count).sort());
      assert.ok(harness.deadLettered.every(({ attempts, reason }) => attempts === 3 && reason === 'exhausted'));
      assert.deepEqual([dispatcher.view.failures, dispatcher.view.attempts], [3 * count, 3 * count + 20]);
      assert.ok(!harness.events.includes('trips'));
    });
  }
});

describe('keys that fail', () => {
  // So long a healthy event may wait: it does not depend on how many others are bad, but for the
  // time that one first try of each takes.
  const BOUND_MS = {
    'is answered 500': 1_500,
    'is answered 503': 40_000,
    'takes its instance down': 40_000,
    'is never answered': 40_000,
  };
  for (const [way, boundMs] of Object.entries(BOUND_MS)) {
    for (const count of [1, 4, 25, 40, 200]) {
      it(`${count}, each of which ${way}: healthy keys are delivered soon, and what is bad becomes dead letters`, async () => {
        const harness = new Harness(2);
        const first = bad(count);
        const behind = bad(count, 2).map(text => text.replace('bad', 'bad'));
        harness.publish(first.join(' '));
        harness.publish(behind.join(' '));
        harness.script = ({ text, ...item }) => (text.endsWith('2') ? done : poison(harness, way)({ text, ...item }));
        await harness.start({ concurrency: 8, retry: RETRY });
        await harness.pass(2_000);
        const healthy = good(50);
        const from = harness.simulation.now;
        for (const [index, text] of healthy.entries()) harness.publish(text, {}, index % 2);
        const firstTries = way === 'is never answered' ? (count * 2_000) / 8 : 0;
        await harness.pass(boundMs + firstTries + 1_000);
        const took = lastOf(harness, healthy, from);
        assert.ok(took < boundMs + firstTries, `the last healthy one after ${took} ms`);
        // Something is answered now and then, as in any consumer that is used.
        for (let round = 0; round < 600 && harness.deadLettered.length < count; round++) {
          harness.publish(good(1, `later${nameOf(round)}`).join(' '));
          await harness.pass(1_000);
        }
        assert.deepEqual(deadOf(harness), [...first].sort());
        await harness.pass(5_000);
        assert.ok(Number.isFinite(lastOf(harness, behind)), 'what is behind them in their keys goes on');
      });
    }
  }

  it('amid steady traffic, many of them at once, do not slow it down', async () => {
    const harness = new Harness(3);
    harness.script = poison(harness, 'is answered 500');
    harness.callMs = 12;
    await harness.start({
      concurrency: 8,
      retry: { backoff: 'exponential', initial: 1_000, max: 300_000, within: 3_600_000 },
    });
    const healthy: string[] = [];
    for (let second = 0; second < 60; second++) {
      if (second === 10) for (const [index, text] of bad(200).entries()) harness.publish(text, {}, index % 3);
      for (let each = 0; each < 5; each++) {
        const [text = ''] = good(1, `good${nameOf(second)}x${nameOf(each)}`);
        healthy.push(text);
        harness.publish(text, {}, each % 3);
      }
      await harness.pass(1_000);
    }
    assert.ok(lastOf(harness, healthy, 59_000) < 1_500);
    assert.equal(harness.deadLettered.length, 0, 'an hour is not over');
    await harness.pass(3_700_000);
    assert.equal(harness.deadLettered.length, 200);
  });

  it('whatever their number, order, partitions and concurrency: each healthy event is delivered within the same time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          poisoned: fc.integer({ min: 0, max: 60 }),
          healthy: fc.integer({ min: 1, max: 20 }),
          partitions: fc.integer({ min: 1, max: 3 }),
          concurrency: fc.integer({ min: 1, max: 9 }),
          order: fc.constantFrom('key' as const, 'none' as const),
          batch: fc.constantFrom(undefined, { size: 5, wait: 50, maxSize: 1e6 }),
          seed: fc.nat(1000),
        }),
        async ({ poisoned, healthy, partitions, concurrency, order, batch, seed }) => {
          const harness = new Harness(partitions, {}, seed);
          const texts = good(healthy);
          for (const [index, text] of [...bad(poisoned), ...texts].entries())
            harness.publish(text, {}, index % partitions);
          harness.script = poison(harness, 'is answered 500');
          await harness.start({ concurrency, order, batch, retry: RETRY });
          await harness.pass(5_000);
          assert.ok(lastOf(harness, texts) < 4_000, `${lastOf(harness, texts)} ms`);
          await harness.pass(20_000);
          assert.equal(harness.deadLettered.length, poisoned);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('events that ask for a pause, each for itself', () => {
  const PAUSE_MS = 10_000;
  it('hold up the others for a few pauses, however many they are and however few calls may be made at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          asking: fc.integer({ min: 0, max: 1_500 }),
          healthy: fc.integer({ min: 1, max: 200 }),
          partitions: fc.integer({ min: 1, max: 3 }),
          concurrency: fc.integer({ min: 1, max: 16 }),
          pauseMs: fc.constantFrom(1_000, PAUSE_MS, 60_000),
          among: fc.boolean(),
          seed: fc.nat(1000),
        }),
        async ({ asking, healthy, partitions, concurrency, pauseMs, among, seed }) => {
          const harness = new Harness(partitions, {}, seed);
          const texts = good(healthy);
          const all = [...bad(asking), ...texts];
          // In front of them, or among them.
          const mixed = among ? all.sort((one, other) => hashOf(one) - hashOf(other)) : all;
          for (const [index, text] of mixed.entries()) harness.publish(text, {}, index % partitions);
          const later = { kind: 'later', afterMs: pauseMs, error: { status: 503, message: 'not now' } } as const;
          harness.script = ({ text }) => (text.startsWith('bad') ? later : done);
          const { dispatcher } = await harness.start({ concurrency, parking: { maxKeys: 10_000, maxSize: 1e9 } });
          // Twice as many after each pause, up to 16 for each second of it; what memory has no room
          // for goes to the parking log first.
          const within = (Math.log2(asking + 1) + 8) * pauseMs + (asking / 16) * 1_000;
          const moved = (Math.max(0, asking / partitions - 512) / 5) * 1_000;
          await harness.pass(within + moved + 5_000);
          assert.ok(Number.isFinite(lastOf(harness, texts)), `not within ${within + moved} ms`);
          assert.equal(dispatcher.view.attempts, healthy, 'a pause that is asked for is no attempt');
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are not many at once where all were tried: a target that asks everybody for pauses gets one call after each', async () => {
    const harness = new Harness();
    harness.publish(bad(8).join(' '));
    harness.script = () => ({ kind: 'later', afterMs: PAUSE_MS, error: { status: 429, message: 'not now' } });
    await harness.start({ concurrency: 8 });
    await harness.pass(20 * PAUSE_MS + 5_000);
    const later = harness.attempts.filter(({ at }) => at > 1_000).map(({ at }) => Math.floor(at / PAUSE_MS));
    assert.deepEqual(
      later,
      range(20, String).map(text => Number(text) + 1),
    );
  });
});

describe('more keys that fail than may be parked', () => {
  it('do not stop the others for their whole time: what was tried most often makes room, with a reason that says so', async () => {
    const harness = new Harness();
    const texts = bad(30);
    harness.publish(texts.join(' '));
    harness.publish('good1');
    harness.script = poison(harness, 'is answered 500');
    await harness.start(
      {
        parking: { maxKeys: 10, maxSize: 1e6 },
        retry: { backoff: 'constant', initial: 200, max: 200, within: 86_400_000 },
        concurrency: 4,
      },
      { limits: { readRecords: 1, freshEvents: 4 } },
    );
    await harness.pass(60_000);
    assert.ok(lastOf(harness, ['good1']) < 60_000);
    assert.ok(
      harness.deadLettered.length >= 20 && harness.deadLettered.length < 30,
      `${harness.deadLettered.length} given up`,
    );
    assert.ok(
      harness.deadLettered.every(
        ({ attempts, reason, error }) =>
          attempts >= 8 && reason === 'exhausted' && /no more may be parked/.test(error?.message ?? ''),
      ),
    );
  });

  for (const cap of [10, 600]) {
    it(`three times a cap of ${cap}: those behind them wait no longer than with any other cap`, async () => {
      const harness = new Harness();
      const texts = good(5);
      harness.publish([...bad(3 * cap), ...texts].join(' '));
      harness.script = poison(harness, 'is answered 500');
      await harness.start(
        {
          parking: { maxKeys: cap, maxSize: 1e9 },
          retry: { backoff: 'exponential', initial: 200, max: 20_000, within: 86_400_000 },
          concurrency: 50,
        },
        { limits: { freshEvents: 4 } },
      );
      // Eight attempts, then a hundredth each second of twice as many.
      await harness.pass(280_000);
      assert.ok(Number.isFinite(lastOf(harness, texts)));
      const given = harness.deadLettered.length;
      assert.ok(given >= 2 * cap - 4 && given <= 2 * cap + cap / 10 + 10, `${given} given up`);
      assert.ok(harness.deadLettered.every(({ attempts }) => attempts >= 8));
    });
  }
});

describe('what never ends', () => {
  it('takes at most half of the calls from what was not tried yet', async () => {
    const harness = new Harness();
    harness.script = ({ text }) =>
      text.startsWith('bad')
        ? new Promise(resolve => harness.simulation.after(900_000, 'deadline', () => resolve(fail({ doubt: 'lost' }))))
        : done;
    harness.publish(bad(30).join(' '));
    await harness.start({ concurrency: 4, retry: { attempts: 50, backoff: 'constant', initial: 10, max: 10 } });
    // All have been tried once, and are due again.
    await harness.pass(10 * 900_000);
    for (let round = 0; round < 20; round++) {
      const [text = ''] = good(1, `good${nameOf(round)}`);
      const from = harness.simulation.now;
      harness.publish(text);
      await harness.pass(100_000);
      assert.ok(lastOf(harness, [text], from) < 6_000, `after ${lastOf(harness, [text], from)} ms`);
    }
  });
});
