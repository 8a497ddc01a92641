// Reads from partitions of a broker, waiting for new records if it is told to.
import { WireReader, WireWriter } from './bytes.ts';
import type { AbortedTransaction } from './record-batch.ts';
import type { KafkaRequest } from './request.ts';

export interface FetchedFrom {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly maxBytes: number;
}

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly error: number;
  /**
   * First offset that nobody may read yet: it is not committed, or of a transaction that is open.
   */
  readonly end: number;
  readonly start: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly data: Buffer;
}

export interface FetchAnswer {
  readonly error: number;
  readonly partitions: readonly FetchedPartition[];
}

const READ_COMMITTED = 1;
const NO_SESSION = -1;
const NONE = Buffer.alloc(0);

/** A partition once at most. `waitMs`: answered sooner when there is anything. */
export function fetchRequest(
  wanted: readonly FetchedFrom[],
  { waitMs, maxBytes }: { readonly waitMs: number; readonly maxBytes: number },
): KafkaRequest<FetchAnswer> {
  return {
    apiKey: 1,
    apiVersion: 11,
    flexible: false,
    encode() {
      const topics = Map.groupBy(wanted, ({ topic }) => topic);
      const out = new WireWriter(256 + 64 * wanted.length);
      out.i32(-1).i32(waitMs).i32(1).i32(maxBytes).i8(READ_COMMITTED).i32(0).i32(NO_SESSION);
      out.array([...topics], ([topic, those]) => {
        out.string(topic).array(those, each => {
          out.i32(each.partition).i32(-1).i64(each.from).i64(-1).i32(each.maxBytes);
        });
      });
      return out.i32(0).string('').bytes;
    },
    decode(payload) {
      const reader = new WireReader(payload);
      reader.i32();
      const error = reader.i16();
      reader.i32();
      const partitions = reader.array(() => {
        const topic = reader.string() ?? '';
        return reader.array(() => readPartition(reader, topic));
      });
      return { error, partitions: partitions.flat() };
    },
  };
}

function readPartition(reader: WireReader, topic: string): FetchedPartition {
  const partition = reader.i32();
  const error = reader.i16();
  reader.i64();
  const end = reader.i64();
  const start = reader.i64();
  const aborted = reader.array(() => ({ producer: reader.i64(), first: reader.i64() }));
  reader.i32();
  const size = reader.i32();
  return { topic, partition, error, end, start, aborted, data: size <= 0 ? NONE : reader.bytes(size) };
}
