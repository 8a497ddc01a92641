// Answers of brokers, and what members of a group tell each other: read or refused, never more
// than their bytes can hold.
import assert from 'node:assert/strict';
import { fetchRequest } from '../../../drivers/event-log/kafka/wire/fetch.ts';
import { packClaim, unpackAssignment, unpackClaim } from '../../../drivers/event-log/kafka/wire/groups.ts';
import { METADATA } from '../../../drivers/event-log/kafka/wire/metadata.ts';
import { produceRequest } from '../../../drivers/event-log/kafka/wire/produce.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const fetched = fetchRequest([], { waitMs: 0, maxBytes: 0 });
const produced = produceRequest([], 0);

export const kafkaAnswers: FuzzTarget = {
  name: 'kafka-answers',
  words: [
    '\0',
    '\0\0\0\x01',
    '\xff\xff\xff\xff',
    '\x7f\xff\xff\xff',
    '\0\x0f\x42\x3f',
    '\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01',
    '\xff\xff',
    '\x02',
  ],
  runs: 4_000,
  run: input =>
    [METADATA.decode, fetched.decode, produced.decode, unpackClaim, unpackAssignment]
      .map(decode => outcomeOf(() => decode(input), input))
      .join(' '),
};

function outcomeOf(decode: () => unknown, input: Buffer): string {
  let read: unknown;
  try {
    read = decode();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return '-';
  }
  assert.ok(!(read instanceof Promise));
  if (typeof read === 'object' && read !== null && 'owned' in read) {
    const claim = unpackClaim(input);
    assert.deepEqual(unpackClaim(packClaim(claim)), claim);
  }
  return String(Math.min(JSON.stringify(read).length >> 5, 6));
}
