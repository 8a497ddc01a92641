// Record batches of Kafka, with a checksum that fits: what is unpacked kafkajs unpacks, too, and it
// is never more than what is there.
import assert from 'node:assert/strict';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import readRecord from 'kafkajs/src/protocol/recordBatch/record/v0/decoder.js';
import { crc32c } from '../../../drivers/crc32c.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { inflateLz4, inflateSnappy } from '../../../drivers/event-log/kafka/wire/inflate.ts';
import { DamagedBatch, type Unpacked, unpackBatches } from '../../../drivers/event-log/kafka/wire/record-batch.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const HEADER_BYTES = 61;
/** Of a record that has nothing: sizes and deltas of a byte each. */
const LEAST_RECORD_BYTES = 7;

export const recordBatch: FuzzTarget = {
  name: 'kafka-record-batch',
  words: [
    '\0',
    '\0\0\0\0',
    '\xff\xff\xff\xff',
    '\x7f\xff\xff\xff',
    '\x01',
    '\x02',
    '\x03',
    '\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01',
    '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01',
  ],
  runs: 20_000,
  run(input) {
    const data = sealed(input);
    let unpacked: Unpacked;
    try {
      unpacked = unpackBatches(data, 0, []);
    } catch (error) {
      if (!(error instanceof DamagedBatch)) throw error;
      return error.message.replaceAll(/[0-9]/g, '');
    }
    const { records, next } = unpacked;
    const codec = data.length >= HEADER_BYTES ? data.readUInt8(22) & 7 : 0;
    if (codec === 0) assert.ok(records.length * LEAST_RECORD_BYTES <= data.length, `${records.length} records`);
    let last = -1;
    for (const { offset, value } of records) {
      assert.ok(offset > last && offset < next, `offset ${offset} after ${last}, before ${next}`);
      last = offset;
      if (codec === 0) assert.ok(value.byteLength <= data.length);
    }
    if (codec === 0 && records.length > 0) assertKafkajsAgrees(data, records);
    return `${Math.min(records.length, 3)} ${codec} ${Math.min(next, 5)} ${Object.keys(records[0]?.headers ?? {}).length}`;
  },
};

/**
 * The first batch with the length and the checksum of what is there: else hardly any
 * change would be looked at.
 */
function sealed(input: Buffer): Buffer {
  if (input.length < HEADER_BYTES) return input;
  const length = input.readInt32BE(8);
  const end = length < HEADER_BYTES - 12 || length > input.length - 12 ? input.length : length + 12;
  input.writeInt32BE(end - 12, 8);
  input.writeUInt32BE(crc32c(input.subarray(0, end), 21), 17);
  return input;
}

/** As far as kafkajs reads: the first batch, of records in plain. */
function assertKafkajsAgrees(data: Buffer, records: readonly LogRecord[]): void {
  const batch = { firstOffset: data.readBigInt64BE(0).toString(), firstTimestamp: '0' };
  const decoder = new Decoder(data.subarray(0, data.readInt32BE(8) + 12));
  decoder.offset = HEADER_BYTES;
  for (let left = data.readInt32BE(57); left > 0; left--) {
    const size = decoder.readVarInt();
    const inside = new Decoder(data.subarray(decoder.offset, decoder.offset + size));
    const read = readRecord(inside, batch);
    decoder.offset += size;
    // It takes sizes below -1 for a way back; for Kafka itself, and here, they are all null.
    if (inside.offset !== size) continue;
    const ours = records.find(({ offset }) => String(offset) === read.offset);
    if (Number(read.offset) < 0) continue;
    assert.ok(ours !== undefined, `record ${read.offset} is there`);
    assert.ok(Buffer.from(read.value ?? []).equals(ours.value), `value of ${read.offset}`);
    assert.equal(ours.isTombstone === true, read.value === null);
    assert.equal(ours.key === null, read.key === null);
    if (read.key !== null && !ours.key?.startsWith('base64:')) assert.equal(ours.key, read.key.toString('utf8'));
    assert.deepEqual(
      new Set(Object.keys(ours.headers)),
      new Set(Object.keys(read.headers).map(name => name.toLowerCase())),
    );
  }
}

/** Bytes that one of theirs may become at most: a length of LZ4 grows by 255 with each. */
const LARGEST_GROWTH = 256;

export const inflating: FuzzTarget = {
  name: 'kafka-inflate',
  words: ['\x04\x22\x4d\x18', '\0\0\0\0', '\x82SNAPPY\0', '\xff\xff\xff', '\x80', '\x01\0', '\xfe\xff\xff\xff'],
  runs: 20_000,
  run(input) {
    const outcomes = [inflateLz4, inflateSnappy].map(inflate => {
      try {
        const { length } = inflate(input);
        assert.ok(length <= LARGEST_GROWTH * input.length, `${length} bytes of ${input.length}`);
        return Math.min(length, 8);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return 'refused';
      }
    });
    return outcomes.join(' ');
  },
};
