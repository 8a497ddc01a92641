// Record batches: what was packed is unpacked, what was cut is left for later,
// what was damaged is named.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { crc32c } from '../../../../../drivers/crc32c.ts';
import type { NewRecord } from '../../../../../drivers/event-log/event-log.ts';
import { DamagedBatch, packBatch, unpackBatches } from '../../../../../drivers/event-log/kafka/wire/record-batch.ts';

const PLACE = { id: 7, epoch: 1, sequence: 0 };
const record = (key: string | null, text: string): NewRecord => ({ key, value: Buffer.from(text), headers: {} });

/** As the broker keeps it: with its offset. */
function at(offset: number, records: readonly NewRecord[], compression: 'none' | 'gzip' | 'zstd' = 'none'): Buffer {
  const bytes = Buffer.from(packBatch(records, PLACE, compression, 1_700_000_000_000));
  bytes.writeBigInt64BE(BigInt(offset), 0);
  return bytes;
}

describe('checksum of batches', () => {
  const vectors: readonly (readonly [name: string, data: Buffer, crc: number])[] = [
    ['nothing', Buffer.alloc(0), 0],
    ['the digits', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros (RFC 3720 B.4)', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones (RFC 3720 B.4)', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31 (RFC 3720 B.4)', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ];
  for (const [name, data, crc] of vectors) it(`of ${name}`, () => assert.equal(crc32c(data), crc));

  it('of a part is that of the part alone', () => {
    const data = Buffer.from('0123456789abcdefghijklmnop');
    for (let from = 0; from < 12; from++) assert.equal(crc32c(data, from, 20), crc32c(data.subarray(from, 20)));
  });
});

describe('record batches', () => {
  for (const compression of ['none', 'gzip', 'zstd'] as const)
    it(`are read as they were written, ${compression}`, () => {
      const text = fc.string({ unit: 'binary', maxLength: 200 }).map(value => value.toWellFormed());
      const any = fc.record({
        key: fc.option(text),
        value: fc.uint8Array({ maxLength: 2000 }),
        headers: fc.dictionary(fc.stringMatching(/^[a-z0-9_-]{1,20}$/), text, { maxKeys: 5, noNullPrototype: true }),
      });
      fc.assert(
        fc.property(fc.array(any, { minLength: 1, maxLength: 20 }), fc.nat(2 ** 40), (records, base) => {
          const { records: read, next } = unpackBatches(at(base, records, compression), base, []);
          assert.equal(next, base + records.length);
          for (const [index, found] of read.entries()) {
            assert.deepEqual(
              [found.offset, found.key, found.headers],
              [base + index, records[index]?.key, records[index]?.headers],
            );
            assert.ok(Buffer.from(records[index]!.value).equals(found.value));
          }
        }),
        { numRuns: 50 },
      );
    });

  it('keep a header whatever it is called', () => {
    const headers = JSON.parse('{"__proto__":"a","constructor":"b","ce_id":"c"}');
    const [found] = unpackBatches(at(0, [{ key: null, value: Buffer.of(), headers }]), 0, []).records;
    assert.equal(JSON.stringify(found?.headers), JSON.stringify(headers));
  });

  it('are read from the offset that was asked for', () => {
    const data = at(10, [record('a', '0'), record('a', '1'), record('a', '2')]);
    assert.deepEqual(
      unpackBatches(data, 12, []).records.map(({ offset }) => offset),
      [12],
    );
    assert.deepEqual(unpackBatches(data, 13, []), { records: [], next: 13 });
  });

  it('that are there in part are left for the next time', () => {
    const whole = Buffer.concat([at(0, [record('a', '0')]), at(1, [record('a', '1')])]);
    for (let size = 0; size < whole.length; size++) {
      const { records, next } = unpackBatches(whole.subarray(0, size), 0, []);
      assert.equal(next, records.length);
      assert.ok(records.length < 2);
    }
  });

  it('that say they have more than there is give nothing, behind others, and an error, alone', () => {
    const good = at(0, [record('a', '0')]);
    const false3 = at(1, [record('a', '1'), record('a', '2')]);
    false3.writeInt32BE(3, 57);
    false3.writeUInt32BE(crc32c(false3, 21), 17);
    const { records, next } = unpackBatches(Buffer.concat([good, false3]), 0, []);
    assert.deepEqual([records.map(({ offset }) => offset), next], [[0], 1]);
    assert.throws(() => unpackBatches(false3, 1, []));
  });

  describe('with a checksum that fits', () => {
    /** Where the first record of a batch without compression begins: its size. */
    const FIRST = 61;
    const rows: readonly (readonly [name: string, change: (batch: Buffer) => void])[] = [
      ['a record whose size leads back', batch => batch.writeUInt8(1, FIRST)],
      ['a record whose size leads beyond the end', batch => batch.writeUInt8(0x7e, FIRST)],
      ['a record that is longer than what is in it', batch => batch.writeUInt8(batch.readUInt8(FIRST) + 2, FIRST)],
      ['a record at a place behind the last one', batch => batch.writeUInt8(8, FIRST + 3)],
      ['a number of headers below zero', batch => batch.writeUInt8(1, FIRST + 8)],
      ['a million records in a few bytes', batch => batch.writeInt32BE(1_000_000, 57)],
      ['an end before its beginning', batch => batch.writeInt32BE(-1, 23)],
      ['fewer records than none', batch => batch.writeInt32BE(-1, 57)],
      ['fewer bytes than a batch has', batch => batch.writeInt32BE(20, 8)],
    ];
    for (const [name, change] of rows)
      it(`are refused for ${name}`, () => {
        const bad = at(1, [record('a', '1'), record('b', '2')]);
        change(bad);
        const end = bad.readInt32BE(8) + 12;
        bad.writeUInt32BE(crc32c(bad.subarray(0, end), 21), 17);
        assert.throws(() => unpackBatches(bad, 1, []), DamagedBatch);
      });

    it('are refused behind a batch that they do not follow', () => {
      const [first, again] = [at(4, [record('a', '1')]), at(4, [record('a', '1')])];
      const { records, next } = unpackBatches(Buffer.concat([first, again]), 0, []);
      assert.deepEqual([records.map(({ offset }) => offset), next], [[4], 5]);
    });
  });

  it('that are damaged anywhere are named, and those before them read', () => {
    const good = at(0, [record('a', '0')]);
    const bad = at(1, [record('key', 'some more of a value')]);
    for (let place = 16; place < bad.length; place++) {
      const broken = Buffer.from(bad);
      broken[place]! ^= 1 << (place % 8);
      assert.throws(
        () => unpackBatches(broken, 1, []),
        (error: unknown) => error instanceof DamagedBatch && error.offset === 1,
        String(place),
      );
      assert.equal(unpackBatches(Buffer.concat([good, broken]), 0, []).next, 1);
    }
  });
});
