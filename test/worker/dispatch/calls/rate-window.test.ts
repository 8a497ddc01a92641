// How many events may go in any stretch of time, and when the next one may.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RateWindow } from '../../../../worker/dispatch/calls/rate-window.ts';

describe('RateWindow', () => {
  it('never lets more than so many go in any stretch of the period, and always as many in the long run', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.nat(300), { maxLength: 100 }), (count, steps) => {
        const window = new RateWindow(count, 1000);
        const times: number[] = [];
        let now = 0;
        for (const step of steps) {
          now += step;
          const free = window.available(now, 3);
          assert.equal(free > 0, window.wait(now) === 0);
          window.spend(now, free);
          for (let each = 0; each < free; each++) times.push(now);
        }
        times.forEach((at, index) => {
          assert.ok(index < count || at - (times[index - count] ?? 0) >= 1000);
        });
        now += window.wait(now);
        assert.ok(window.available(now, 1) === 1);
      }),
    );
  });
});

describe('RateWindow of a rate beyond what it keeps', () => {
  it('lets as many go in all, in windows of a part of the period', () => {
    const window = new RateWindow(10_000, 1000);
    assert.deepEqual([window.count, window.periodMs], [4096, 409.6]);
    window.spend(0, 4096);
    assert.deepEqual([window.available(409, 1), window.available(410, 5000)], [0, 4096]);
    const small = new RateWindow(0.5, 1000);
    assert.deepEqual([small.count, small.periodMs], [1, 2000]);
  });

  it('where others have a part of it, waits for its own, or for them to leave some', () => {
    const window = new RateWindow(4, 1000);
    window.spend(0, 1);
    window.spend(100, 1);
    assert.deepEqual(
      [0, 0.5, 1, 2, 3].map(allowed => window.wait(200, allowed)),
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 900, 800, 0],
    );
    assert.deepEqual([window.available(200, 9, 1), window.available(200, 9, 3), window.used(1000)], [0, 1, 1]);
  });
});
