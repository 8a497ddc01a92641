// Parking log records as bytes: what is written is read, what is foreign is nobody's,
// what is newer is refused.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeParkingLogRecord, encodeParkingLogRecord } from '../../../worker/parking-log/parking-log-codec.ts';
import type { ParkingLogRecord } from '../../../worker/parking-log/parking-log-record.ts';

const offset = fc.nat(1e9);
const small = fc.nat(9);
const record = fc.record({
  offset,
  timestamp: fc.nat(),
  key: fc.option(fc.string({ unit: 'grapheme' })),
  value: fc.uint8Array(),
  headers: fc.dictionary(
    fc.string({ minLength: 1 }).filter(name => name !== '__proto__'),
    fc.string({ unit: 'grapheme' }),
  ),
});
const error = fc.record({ status: fc.nat(599), message: fc.string({ unit: 'grapheme' }) });
const signed = { claim: offset, seq: offset };
const type = <T extends string>(name: T) => fc.constant(name);
const reason = fc.constantFrom('exhausted', 'refused', 'expired', 'filter', 'cancelled');
const held = fc.boolean();
const checkpoint = fc.record({ position: offset, top: offset, holes: fc.array(offset) });
const verb = fc.constantFrom('redrive', 'skip', 'purge', 'cancel');
const waits = { attempts: small, at: offset, wait: offset, error };

const records: fc.Arbitrary<ParkingLogRecord> = fc.oneof(
  fc.record({ type: type('claim'), nonce: fc.uuid() }),
  fc.record({ type: type('claim'), nonce: fc.uuid(), checkpoint }),
  record.chain(of =>
    fc.record({
      type: type('park'),
      event: fc.constant(of.offset),
      generation: small,
      record: fc.constant(of),
      ...waits,
      ...signed,
    }),
  ),
  fc.record({ type: type('retry'), event: offset, ...waits, ...signed }),
  fc.record({ type: type('done'), event: offset, ...signed }),
  fc.record({
    type: type('dead'),
    event: offset,
    generation: small,
    attempts: small,
    reason,
    since: offset,
    held,
    error,
    ...signed,
  }),
  fc.record({ type: type('dead-lettered'), event: offset, generation: small, held, ...signed }),
  fc.record({ type: type('acked'), command: offset, ...signed }),
  fc.record({ type: type('command'), verb, event: offset, generation: small, letter: offset, asOf: offset }),
);

const stored = (value: Uint8Array) => ({ offset: 7, timestamp: 0, key: null, headers: {}, value });
const plain = (what: ParkingLogRecord | undefined) =>
  JSON.parse(
    JSON.stringify(what, (_, value) =>
      ArrayBuffer.isView(value) || value?.type === 'Buffer' ? [...(value.data ?? value)] : value,
    ),
  );

describe('parking log records', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(records, what => {
        const { value, partition } = encodeParkingLogRecord(what, 3);
        assert.equal(partition, 3);
        assert.deepEqual(plain(decodeParkingLogRecord(stored(value))), plain(what));
      }),
    );
  });

  it('have the bytes of their event for themselves, not all that was read with them', () => {
    const value = Buffer.alloc(100, 'x');
    const record = { offset: 5, timestamp: 0, key: null, headers: {}, value };
    const waits = { attempts: 1, at: 0, wait: 0, error: undefined };
    const park = encodeParkingLogRecord(
      { type: 'park', event: 5, generation: 0, claim: 0, seq: 1, record, ...waits },
      0,
    );
    const answer = Buffer.concat([Buffer.alloc(1_000_000), park.value, Buffer.alloc(1_000_000)]);
    const read = answer.subarray(1_000_000, 1_000_000 + park.value.length);
    const decoded = decodeParkingLogRecord(stored(read));
    assert.ok(decoded?.type === 'park');
    assert.equal(decoded.record.value.buffer.byteLength, 100);
    assert.deepEqual(Buffer.from(decoded.record.value), value);
  });

  it('that are no records of ours are nobody’s', () => {
    const foreign = [
      '',
      'x',
      '{}',
      '{}\n',
      '[1]\n',
      '{"v":"1"}\n',
      '{"v":1,"type":"dance"}\n',
      '{"v":1,"type":"park"}\n',
      '{"v":1,"type":"acked","claim":1,"seq":1}\n',
      '{"v":1,"type":"done"',
      '17\n',
      '"text"\n',
    ];
    for (const text of [...foreign, '{"v":1,', 'null\n']) {
      assert.equal(decodeParkingLogRecord(stored(Buffer.from(text))), undefined, text);
    }
    fc.assert(fc.property(fc.uint8Array(), bytes => decodeParkingLogRecord(stored(bytes)) === undefined));
  });

  it('of a later version are refused: whoever cannot read a parking log must not act on it', () => {
    const value = Buffer.from('{"v":2,"type":"park"}\n');
    assert.throws(() => decodeParkingLogRecord(stored(value)), {
      code: 'later-release',
      message: /parking log record 7 has version 2/,
    });
  });
});
