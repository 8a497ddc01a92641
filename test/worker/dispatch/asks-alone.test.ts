// Events that ask for a pause each time while others are answered: they hold up others for a few
// pauses, then each waits by itself.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
import assert from 'node:assert/strict';
import { done, Harness } from './harness.ts';

const RETRY = { attempts: 2, backoff: 'constant', initial: 100, max: 100 } as const;
const nameOf = (index: number) => [...String(index)].map(digit => 'abcdefghij'[Number(digit)]).join('');

describe('an event that asks for a pause each time', () => {
  it('holds up others three times, then it waits by itself, and uses no attempt', async () => {
    const harness = new Harness();
    harness.publish('a1');
    /** For each of its calls: whether what it asks for is told to be for itself alone. */
    const alone: boolean[] = [];
    harness.script = ({ text, asksAlone = false }) => {
      if (text !== 'a1') return done;
      alone.push(asksAlone);
      return { kind: 'later', afterMs: 20_000, error: { status: 503, message: 'later' } };
    };
    const { dispatcher } = await harness.start({ retry: RETRY });
    let rested = 0;
    for (let second = 0; second < 600; second++) {
      harness.publish(`h${nameOf(second)}1`);
      await harness.pass(1_000);
      if (dispatcher.view.flow !== 'flowing') rested++;
    }
    assert.ok(rested <= 3 * 21, `left alone for ${rested} s`);
    await harness.pass(60_000);
    assert.deepEqual([dispatcher.view.delivered, dispatcher.view.parkedKeys, harness.deadLettered.length], [600, 1, 0]);
    assert.ok(alone.length > 5, `called ${alone.length} times`);
    assert.deepEqual(
      alone.map((isAlone, index) => [index, isAlone]),
      alone.map((_, index) => [index, index >= 3]),
    );
  });

  it('holds up other callers of the target for a few pauses, however many such events there are', async () => {
    const harness = new Harness();
    harness.publish(Array.from({ length: 200 }, (_, index) => `p${nameOf(index)}1`).join(' '));
    let asks = 0;
    let pausedUntil = 0;
    let pausedMs = 0;
    harness.script = ({ text, asksAlone }) => {
      if (!text.startsWith('p')) return done;
      asks++;
      if (!asksAlone) {
        const until = harness.simulation.now + 20_000;
        pausedMs += until - Math.max(pausedUntil, harness.simulation.now);
        pausedUntil = until;
      }
      return { kind: 'later', afterMs: 20_000, error: { status: 503, message: 'later' } };
    };
    await harness.start({ retry: RETRY });
    for (let second = 0; second < 1800; second++) {
      harness.publish(`h${nameOf(second)}1`);
      await harness.pass(1_000);
    }
    assert.ok(asks > 1000, `${asks} asks`);
    assert.ok(pausedMs < 300_000, `others were held up for ${pausedMs} ms of half an hour`);
  });
});
