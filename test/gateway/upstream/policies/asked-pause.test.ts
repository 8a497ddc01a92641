// The pause that a function asks for: which answers count, and for how long.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LONGEST_ASKED_MS } from '../../../../core/retry/retry-after.ts';
import { AskedPause } from '../../../../gateway/upstream/policies/asked-pause.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const ASKS = ['Retry-After', '7'];
const CLIENT = {};
const DELIVERY = { workMs: 29_000 };
const MARKED = [...ASKS, 'Tenfold-Refused', 'shutting-down'];

describe('the pause that a function asks for', () => {
  for (const [what, status, fields, call, ms] of [
    ['503 to a client', 503, ASKS, CLIENT, 7000],
    ['503 to a delivery', 503, ASKS, DELIVERY, 7000],
    ['429 to a delivery', 429, ASKS, DELIVERY, 7000],
    ['429 to a client', 429, ASKS, CLIENT, 0],
    ['503 of one instance that ends', 503, MARKED, CLIENT, 0],
    ['429 of one instance that is full', 429, MARKED, DELIVERY, 0],
    ['503 to an event that asks alone', 503, ASKS, { ...DELIVERY, asksAlone: true }, 0],
    ['429 to an event that asks alone', 429, ASKS, { ...DELIVERY, asksAlone: true }, 0],
    ['503 that says nothing of when', 503, [], DELIVERY, 0],
    ['503 that says nonsense', 503, ['Retry-After', 'soon'], DELIVERY, 0],
    ['503 for now', 503, ['Retry-After', '0'], DELIVERY, 0],
    ['503 for 31 years', 503, ['Retry-After', '999999999'], CLIENT, LONGEST_ASKED_MS],
  ] as const)
    it(`${what}: ${ms} ms`, () => {
      const pause = new AskedPause(createFakeWorld());
      pause.answered(
        status,
        fields.map(text => Buffer.from(text)),
        call,
      );
      assert.equal(pause.leftMs, ms);
    });

  it('lasts as long as the longest that was asked for, whatever comes after it', async () => {
    const answer = fc.record({
      afterMs: fc.integer({ min: 0, max: 20_000 }),
      seconds: fc.integer({ min: 0, max: 200_000 }),
      status: fc.constantFrom(429, 503),
      isDelivery: fc.boolean(),
      isMarked: fc.boolean(),
      asksAlone: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { maxLength: 20 }), async answers => {
        const world = createFakeWorld();
        const pause = new AskedPause(world);
        let until = 0;
        for (const { afterMs, seconds, status, isDelivery, isMarked, asksAlone } of answers) {
          await world.pass(afterMs);
          pause.answered(
            status,
            ['retry-after', String(seconds), ...(isMarked ? ['tenfold-refused', 'overloaded'] : [])],
            { asksAlone, workMs: isDelivery ? 1000 : undefined },
          );
          const counts = !isMarked && !asksAlone && (status === 503 || isDelivery);
          if (counts) until = Math.max(until, world.monotonic() + Math.min(seconds * 1000, LONGEST_ASKED_MS));
          assert.equal(pause.leftMs, Math.max(0, until - world.monotonic()));
        }
      }),
    );
  });
});
