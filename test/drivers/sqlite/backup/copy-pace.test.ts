// A back-up is never faster than it may be, takes a quarter of a disk or processor at most however
// slow others make it, and always comes to its end.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createCopyPace } from '../../../../drivers/sqlite/backup/copy-pace.ts';

const STEP = 256 * 1024;

/**
 * Steps that take these milliseconds each; answers with what was worked and what
 * was paused, milliseconds.
 */
function copy(stepsMs: readonly number[], bytesPerSecond: number) {
  let clock = 0;
  let paused = 0;
  const pause = (ms: number) => {
    clock += ms;
    paused += ms;
  };
  const pace = createCopyPace({ bytesPerSecond, now: () => clock, pause });
  for (const ms of stepsMs) {
    clock += ms;
    pace(STEP);
  }
  return { clock, paused, worked: clock - paused };
}

describe('the pace of a back-up', () => {
  const rate = fc.integer({ min: 65_536, max: 1 << 28 });

  it('is never faster than was asked for', () => {
    const steps = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 100, maxLength: 300 });
    fc.assert(
      fc.property(steps, rate, (stepsMs, bytesPerSecond) => {
        const { clock } = copy(stepsMs, bytesPerSecond);
        // Pauses shorter than 5 ms are not made yet.
        assert.ok(clock + 5.001 >= ((stepsMs.length * STEP) / bytesPerSecond) * 1000, `${clock} ms`);
      }),
    );
  });

  it('leaves three quarters of a slow disk to others, and gives them all of one that stands still no longer than two seconds', () => {
    const steps = fc.array(fc.double({ min: 5, max: 5000, noNaN: true }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(steps, stepsMs => {
        const { worked, paused } = copy(stepsMs, 1 << 30);
        const expected = stepsMs.reduce((sum, ms) => sum + Math.min(ms * 3, 2000), 0);
        assert.ok(Math.abs(paused - expected) < 0.001, `${paused} ms of pauses for ${worked} ms of work`);
      }),
    );
  });

  it('goes as fast as it may where nobody else wants anything', () => {
    const { clock } = copy(
      Array.from({ length: 1000 }, () => 0.2),
      64 * 1024 ** 2,
    );
    const fastest = ((1000 * STEP) / (64 * 1024 ** 2)) * 1000;
    assert.ok(clock < fastest * 1.01, `${clock} instead of ${fastest} ms`);
  });
});
