// How long pauses are, for any chance.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jittered, pauseAfter, pauseUpTo, shortened } from '../../../core/retry/backoff.ts';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const times = fc.record({ base: fc.integer({ min: 1, max: 10_000 }), max: fc.integer({ min: 1, max: 1e9 }) });

describe('backoff', () => {
  it('doubles up to its limit', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 1_000].map(failures => pauseAfter(failures, { base: 100, max: 1_500 }, 0.5));
    assert.deepEqual(pauses, [75, 150, 300, 600, 1_125, 1_125, 1_125]);
  });

  it('waits for at least half of the pause, and never longer than the limit', () => {
    fc.assert(
      fc.property(fc.nat(2_000), times, chance, (failures, backoff, random) => {
        const ms = pauseAfter(failures + 1, backoff, random);
        const longest = Math.min(backoff.max, backoff.base * 2 ** Math.min(failures, 52));
        assert.ok(ms >= longest / 2 && ms <= longest, `${ms} of ${longest}`);
      }),
    );
  });

  it('is never shorter than the pause before, while it grows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), chance, chance, (failures, one, other) => {
        const backoff = { base: 10, max: Number.POSITIVE_INFINITY };
        assert.ok(pauseAfter(failures + 1, backoff, other) >= pauseAfter(failures, backoff, one));
      }),
    );
  });

  it('spreads callers that failed together over half of the pause', () => {
    assert.deepEqual(
      [0, 0.5, 0.999].map(random => pauseUpTo(1_000, random)),
      [500, 750, 999.5],
    );
  });

  it('keeps periods as long on average as they are meant to be', () => {
    assert.deepEqual(
      [0, 0.5, 0.999].map(random => jittered(1_000, random)),
      [750, 1_000, 1_249.5],
    );
  });

  it('lets a time end earlier by a part of it at most', () => {
    assert.deepEqual(
      [0, 0.5].map(random => shortened(1_000, 0.1, random)),
      [1_000, 950],
    );
    fc.assert(
      fc.property(chance, chance, (part, random) => {
        const ms = shortened(1_000, part, random);
        assert.ok(ms <= 1_000 && ms >= 1_000 * (1 - part));
      }),
    );
  });
});
