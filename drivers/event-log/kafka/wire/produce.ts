// Sends record batches to the leader of their partitions.
import { WireReader, WireWriter } from './bytes.ts';
import type { KafkaRequest } from './request.ts';

export interface ProducedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

export interface ProducedAt {
  readonly topic: string;
  readonly partition: number;
  /** 0: it is durable. */
  readonly error: number;
  readonly baseOffset: number;
}

/** One batch a partition at most. Answered when all replicas that are in sync have them. */
export function produceRequest(batches: readonly ProducedBatch[], timeoutMs: number): KafkaRequest<ProducedAt[]> {
  return {
    apiKey: 0,
    apiVersion: 7,
    flexible: false,
    encode() {
      const topics = Map.groupBy(batches, batch => batch.topic);
      const out = new WireWriter(batches.reduce((sum, batch) => sum + batch.bytes.length + 64, 256));
      out.string(null).i16(-1).i32(timeoutMs);
      out.array([...topics], ([topic, those]) => {
        out.string(topic).array(those, ({ partition, bytes }) => out.i32(partition).sized(bytes));
      });
      return out.bytes;
    },
    decode(payload) {
      const reader = new WireReader(payload);
      const all = reader.array(() => {
        const topic = reader.string() ?? '';
        return reader.array(() => {
          const partition = reader.i32();
          const error = reader.i16();
          const baseOffset = reader.i64();
          reader.i64();
          reader.i64();
          return { topic, partition, error, baseOffset };
        });
      });
      return all.flat();
    },
  };
}
