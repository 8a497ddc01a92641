// Places in a topic that clients give back: what is read writes the same text, and whatever was
// changed on the way is refused.
import assert from 'node:assert/strict';
import { decodePosition, encodePosition } from '../../../server/events/topics/scan-position.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { refusedBy } from '../refusals.ts';

const TOPIC = 'default.orders';

export const positions: FuzzTarget = {
  name: 'positions',
  words: ['at_', 'AQ', 'AQE', '_', '-', '=', '9007199254740991', '3-17'],
  runs: 20_000,
  run(input) {
    const text = input.toString('latin1');
    // The bytes as a place: nearly every text lacks the checksum.
    const places = [...input.subarray(0, 40)].map((byte, partition) => {
      const next = byte * 2 ** (byte % 40);
      return { partition: partition * 3, next, end: next + (byte % 7) };
    });
    const written = encodePosition(TOPIC, { places, total: input.length, all: input.length % 2 === 0 });
    assert.deepEqual(decodePosition(TOPIC, written), { places, total: input.length, all: input.length % 2 === 0 });
    const at = 3 + (input.length % (written.length - 3));
    const changed = `${written.slice(0, at)}${written[at] === 'A' ? 'B' : 'A'}${written.slice(at + 1)}`;
    assert.throws(() => decodePosition(TOPIC, changed), { code: 'bad-request' });
    assert.throws(() => decodePosition('other', written), { code: 'bad-request' });
    try {
      const found = decodePosition(TOPIC, text);
      if (found === undefined) return 'no position';
      assert.equal(encodePosition(TOPIC, found), text);
      return 'a position';
    } catch (error) {
      return refusedBy(error, 'bad-request');
    }
  },
};
