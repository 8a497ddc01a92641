// Ids are drawn from a pool that is filled again and again.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomHex } from '../../core/random-hex.ts';

describe('random hex digits', () => {
  it('are as many as asked for, and none are given out twice', () => {
    // Any piece of 8 bytes that came again would show that the pool was read twice.
    const seen = new Set<string>();
    let pieces = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(8, 16, 24, 128), { maxLength: 200, size: 'max' }), sizes => {
        for (const size of sizes) {
          const id = randomHex(size);
          assert.match(id, /^[0-9a-f]+$/);
          assert.equal(id.length, 2 * size);
          for (let at = 0; at < id.length; at += 16) seen.add(id.slice(at, at + 16));
          pieces += id.length / 16;
        }
      }),
    );
    assert.equal(seen.size, pieces);
    assert.ok(pieces > 10_000, String(pieces));
  });

  it('have each digit about as often', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 10_000; index++)
      for (const digit of randomHex(16)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
    assert.equal(counts.size, 16);
    // 20,000 are expected, give or take ten standard deviations.
    for (const count of counts.values()) assert.ok(Math.abs(count - 20_000) < 1400, String(count));
  });
});
