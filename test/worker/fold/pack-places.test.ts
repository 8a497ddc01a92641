// Places are short while they follow one another, and the same when they come back.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { packPlaces, unpackPlaces } from '../../../worker/fold/pack-places.ts';

describe('packed places', () => {
  it('come back the same', () => {
    const place = fc.tuple(fc.nat({ max: 40 }), fc.constantFrom(0, 0, 0, 1, 16_384)).map(([o, i]) => `${o}.${i}`);
    fc.assert(
      fc.property(fc.uniqueArray(place, { maxLength: 60 }), places => {
        assert.deepEqual([...unpackPlaces(packPlaces(places))].sort(), [...places].sort());
      }),
    );
  });

  it('are short for what follows one another, in whatever order it came', () => {
    assert.deepEqual(packPlaces(['7.0', '5.0', '6.0', '9.0', '5.1']), ['5.1', '5-7', '9.0']);
    const many = Array.from({ length: 100_000 }, (_, offset) => `${offset + 1}.0`);
    assert.deepEqual(packPlaces(many), ['1-100000']);
  });

  it('are read as they were written before', () => {
    assert.deepEqual([...unpackPlaces(['5.0', '7.1'])], ['5.0', '7.1']);
  });
});
