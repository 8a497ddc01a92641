// A target that is down: what was never delivered uses no attempt, the consumer leaves it alone,
// and goes on as soon as it is back.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
// `-1` is an event without a key.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Outcome } from '../../../worker/deliver/destination.ts';
import type { DispatchSettings } from '../../../worker/dispatch/settings.ts';
import { done, fail, Harness } from './harness.ts';

const refused: Outcome = { kind: 'later', down: true, afterMs: 1_000, error: { message: 'it refuses connections' } };
const RETRY = { attempts: 2, backoff: 'constant', initial: 100, max: 100 } as const;
const nameOf = (index: number) => [...String(index)].map(digit => 'abcdefghij'[Number(digit)]).join('');
const many = (count: number, number = 1) =>
  Array.from({ length: count }, (_, at) => `k${nameOf(at)}${number}`).join(' ');

/**
 * How a target can be away, and after how many events in a row it counts as that
 * though they were handed over.
 */
const AWAY: Readonly<Record<string, { readonly outcome: Outcome; readonly borne: number }>> = {
  'refuses connections': { outcome: refused, borne: 0 },
  'answers 503': { outcome: fail({ doubt: 'status' }), borne: 5 },
  'answers nothing': { outcome: fail({ doubt: 'lost' }), borne: 5 },
};

describe('a target that is down for all', () => {
  for (const [how, { outcome, borne }] of Object.entries(AWAY)) {
    it(`and ${how}: it is left alone but for a few calls, hardly any event loses an attempt, none is given up`, async () => {
      const harness = new Harness();
      harness.publish(many(200));
      let down = true;
      harness.script = () => (down ? outcome : done);
      const { dispatcher } = await harness.start({ retry: RETRY, concurrency: 4, onExhausted: 'hold' });
      await harness.pass(600_000);
      const { view } = dispatcher;
      assert.equal(view.flow, 'failing');
      assert.ok(harness.events.includes('trips'));
      assert.equal(view.attempts, borne, 'what opens the breaker was an attempt, what met it open is none');
      assert.ok(view.parkedKeys <= 8, `${view.parkedKeys} keys parked`);
      assert.deepEqual([harness.deadLettered.length, view.held], [0, 0]);
      // Each was asked once, and then a few every five seconds.
      assert.ok(harness.attempts.length < 200 + 8 * 130, `${harness.attempts.length} calls`);
      down = false;
      await harness.pass(8_000);
      assert.ok(harness.events.includes('recovers'));
      assert.deepEqual([dispatcher.view.delivered, dispatcher.view.flow], [200, 'flowing']);
    });
  }

  const SMALL: readonly (readonly [string, string, Partial<DispatchSettings>])[] = [
    ['one key', 'a1 a2 a3', {}],
    ['one event', 'a1', {}],
    ['three keys', 'a1 b1 c1', {}],
    ['order: partition', many(60), { order: 'partition' }],
    ['order: none', '-1 -2 -3', { order: 'none' }],
    ['batches', many(10), { batch: { size: 4, wait: 10, maxSize: 1e6 } }],
  ];
  for (const [what, texts, settings] of SMALL) {
    it(`with ${what}: no attempt is used, and it is tried every few seconds`, async () => {
      const harness = new Harness();
      harness.publish(texts);
      let down = true;
      harness.script = () => (down ? refused : done);
      const { dispatcher } = await harness.start({
        retry: { ...RETRY, attempts: 1 },
        onExhausted: 'hold',
        ...settings,
      });
      await harness.pass(3_600_000);
      assert.equal(dispatcher.view.flow, 'failing');
      assert.deepEqual([dispatcher.view.attempts, dispatcher.view.failures, harness.deadLettered.length], [0, 0, 0]);
      if (texts === 'a1') assert.equal(dispatcher.view.parkedKeys, 0, 'it is left where it is');
      const calls = new Set(harness.attempts.map(({ call }) => call)).size;
      assert.ok(calls > 700 && calls < 8 * 730, `${calls} calls in an hour`);
      const most = Math.max(
        ...Map.groupBy(harness.attempts, ({ text, at }) => `${text} ${Math.floor(at / 5000)}`)
          .values()
          .map(({ length }) => length)
          .drop(5),
      );
      assert.ok(most <= 2, `one event ${most} times in five seconds`);
      down = false;
      await harness.pass(6_000);
      assert.equal(dispatcher.view.delivered, texts.split(' ').length);
    });
  }

  it('asks what was not asked since: keys that fail for themselves do not delay the return of the others', async () => {
    const harness = new Harness();
    harness.publish(many(25));
    let down = true;
    harness.script = ({ text }) => {
      if (down) return refused;
      return text.endsWith('1') ? fail({ doubt: 'status' }) : done;
    };
    const { dispatcher } = await harness.start({ retry: { ...RETRY, attempts: 50, initial: 60_000, max: 60_000 } });
    await harness.pass(60_000);
    harness.publish(Array.from({ length: 25 }, (_, at) => `h${nameOf(at)}2`).join(' '));
    await harness.pass(5_000);
    down = false;
    await harness.pass(25_000);
    assert.equal(dispatcher.view.delivered, 25);
  });
});

describe('a single event whose target is answered 503 for it alone', () => {
  it('is put down to the target for ten minutes, then it is given up after its attempts', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = () => fail({ doubt: 'status' });
    await harness.start({ retry: { ...RETRY, attempts: 3 } });
    await harness.pass(590_000);
    assert.equal(harness.deadLettered.length, 0);
    await harness.pass(30_000);
    assert.deepEqual(
      harness.deadLettered.map(({ attempts, reason }) => [attempts, reason]),
      [[3, 'exhausted']],
    );
  });

  it('and one that is never answered is given up after its attempts, as it was worked on', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = () => fail({ doubt: 'lost' });
    await harness.start({ retry: { ...RETRY, attempts: 3 } });
    await harness.pass(10_000);
    assert.deepEqual([harness.attempts.length, harness.deadLettered.length], [3, 1]);
  });

  it('five of which no call was ever answered say that the target is down, also one after the other', async () => {
    const harness = new Harness();
    harness.publish(many(60));
    harness.script = () => fail({ doubt: 'lost' });
    await harness.start({ order: 'partition', retry: RETRY });
    await harness.pass(3_600_000);
    // From then on each attempt takes ten minutes.
    assert.ok(harness.deadLettered.length <= 5 + 3, `${harness.deadLettered.length} given up`);
  });
});

describe('a target that answers none of the events that it is given, and gets no others', () => {
  const TEN_MINUTES_MS = 600_000;
  const UNANSWERED = { lost: fail({ doubt: 'lost' }), status: fail({ doubt: 'status' }) };

  it('is taken to be down for ten minutes before an attempt counts, and no event holds up its key for longer than its attempts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          keys: fc.integer({ min: 1, max: 12 }),
          each: fc.integer({ min: 1, max: 4 }),
          attempts: fc.integer({ min: 1, max: 4 }),
          partitions: fc.integer({ min: 1, max: 2 }),
          order: fc.constantFrom('key' as const, 'none' as const),
          how: fc.constantFrom('lost' as const, 'status' as const),
          seed: fc.nat(1000),
        }),
        async ({ keys, each, attempts, partitions, order, how, seed }) => {
          const harness = new Harness(partitions, {}, seed);
          for (let number = 1; number <= each; number++)
            for (const [index, text] of many(keys, number).split(' ').entries())
              harness.publish(text, {}, index % partitions);
          harness.script = () => UNANSWERED[how];
          await harness.start({ order, retry: { ...RETRY, attempts } });
          // Rounds of calls are up to five seconds apart, and each has room for eight
          // events that were tried before.
          const longest = attempts * (TEN_MINUTES_MS + 60_000);
          await harness.pass(each * longest);
          assert.equal(harness.deadLettered.length, keys * each);
          assert.ok(
            harness.deadLettered.every(letter => letter.attempts === attempts && letter.reason === 'exhausted'),
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  for (const [how, outcome] of Object.entries(UNANSWERED)) {
    it(`costs few events an attempt in an hour, and gives up none that has eight: ${how}`, async () => {
      const harness = new Harness();
      harness.publish(many(300));
      harness.script = () => outcome;
      await harness.start({ retry: { attempts: 8, backoff: 'exponential', initial: 1_000, max: 300_000 } });
      await harness.pass(3_600_000);
      assert.deepEqual(harness.deadLettered, []);
      const most = Math.max(...harness.attempts.map(({ attempt }) => attempt));
      assert.ok(most <= 1 + 1 + 6, `attempt ${most}`);
    });

    it(`is down for the whole budget of time where attempts are not limited: ${how}`, async () => {
      const harness = new Harness();
      harness.publish(many(20));
      let down = true;
      harness.script = () => (down ? outcome : done);
      const { dispatcher } = await harness.start({
        retry: { backoff: 'exponential', initial: 1_000, max: 300_000, within: 86_400_000 },
      });
      await harness.pass(23 * 3_600_000);
      assert.ok(dispatcher.view.attempts <= 5, `${dispatcher.view.attempts} attempts`);
      down = false;
      await harness.pass(8_000);
      assert.deepEqual([dispatcher.view.delivered, harness.deadLettered.length], [20, 0]);
    });
  }

  it('costs none an attempt where nothing was ever sent, however long that is so', async () => {
    const harness = new Harness();
    harness.publish(many(20));
    harness.script = () => refused;
    const { dispatcher } = await harness.start({ retry: RETRY });
    await harness.pass(3 * 86_400_000);
    assert.deepEqual([dispatcher.view.attempts, harness.deadLettered.length], [0, 0]);
  });
});

describe('an event that has a target of its own', () => {
  it('waits by itself while that is away, without attempts, and is given up after a day', async () => {
    const harness = new Harness();
    harness.publish('a1 b1');
    harness.script = ({ text }) => (text === 'a1' ? { ...refused, own: true } : done);
    const { dispatcher } = await harness.start({
      retry: { attempts: 3, backoff: 'exponential', initial: 1_000, max: 300_000 },
    });
    await harness.pass(3_600_000);
    assert.deepEqual([dispatcher.view.delivered, dispatcher.view.parkedKeys, dispatcher.view.flow], [1, 1, 'flowing']);
    assert.ok(harness.attempts.length > 15 && harness.attempts.length < 40, `${harness.attempts.length} calls`);
    await harness.pass(24 * 3_600_000);
    assert.deepEqual(
      harness.deadLettered.map(({ attempts, reason }) => [attempts, reason]),
      [[0, 'exhausted']],
    );
  });

  it('whose target is away holds up no keys of others: half of them go to a target that is down', async () => {
    const harness = new Harness();
    const texts = many(200).split(' ');
    const isAway = (text: string) => /[acegi]1$/.test(text);
    harness.publish(texts.join(' '));
    harness.script = ({ text }) => (isAway(text) ? refused : done);
    const { dispatcher } = await harness.start({ concurrency: 4 });
    await harness.pass(20_000);
    assert.equal(dispatcher.view.delivered, texts.filter(text => !isAway(text)).length);
    assert.equal(dispatcher.view.attempts, dispatcher.view.delivered);
  });
});

describe('the budget of time', () => {
  it('counts from the first failure, over kills, and ends in a dead letter', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = () => fail();
    const settings = { retry: { backoff: 'exponential', initial: 1_000, max: 60_000, within: 3_600_000 } } as const;
    const first = await harness.start(settings);
    await harness.pass(1_800_000);
    first.process.kill();
    const second = await harness.start(settings, {}, 'q');
    await harness.pass(1_700_000);
    assert.equal(harness.deadLettered.length, 0);
    await harness.pass(300_000);
    assert.equal(harness.deadLettered[0]?.reason, 'exhausted');
    const last = harness.attempts.at(-1)?.at ?? 0;
    assert.ok(Math.abs(last - 3_600_000) < 10_000, `the last attempt at ${last}`);
    assert.equal(second.dispatcher.view.lag, 0);
  });
});
