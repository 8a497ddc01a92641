// Finds the chunk that holds an offset, and refuses one that is missing or whose head
// does not match its checksum.
import type { DatabaseSync } from 'node:sqlite';
import { damaged, type PartitionRow } from './rows.ts';
import { rowCrc } from './schema.ts';

export interface StoredChunk {
  readonly base: number;
  readonly count: number;
  readonly newest: number;
  readonly reach: number;
}

export interface ChunkFinder {
  /** `offset` lies between the partition's first and next. */
  at(partition: PartitionRow, offset: number): StoredChunk;
  data(partition: PartitionRow, chunk: StoredChunk): Buffer;
}

export function createChunkFinder(db: DatabaseSync, file: string): ChunkFinder {
  const find = db.prepare(
    'SELECT base, count, newest, reach, crc, length(data) AS bytes FROM log_chunks WHERE partition = ? AND base <= ? ORDER BY base DESC LIMIT 1',
  );
  const load = db.prepare('SELECT data FROM log_chunks WHERE partition = ? AND base = ?');
  const topicName = db.prepare('SELECT name FROM log_topics WHERE id = ?');
  const where = ({ topic, number }: PartitionRow) =>
    `partition ${number} of topic ${topicName.get(topic)?.['name'] ?? topic}`;
  return {
    at(partition, offset) {
      const row = find.get(partition.id, offset) ?? {};
      const [base, count, newest, reach] = [row['base'], row['count'], row['newest'], row['reach']].map(Number);
      if (
        base === undefined ||
        count === undefined ||
        newest === undefined ||
        reach === undefined ||
        !(offset < base + count)
      ) {
        throw damaged(file, `the record with offset ${offset} of ${where(partition)} is missing`);
      }
      if (row['crc'] !== rowCrc(partition.id, base, count, newest, reach, Number(row['bytes']))) {
        throw damaged(file, `the chunk at offset ${base} of ${where(partition)} does not match its checksum`);
      }
      return { base, count, newest, reach };
    },
    data(partition, { base }) {
      const data = load.get(partition.id, base)?.['data'];
      if (!(data instanceof Uint8Array)) {
        throw damaged(file, `the records from offset ${base} on of ${where(partition)} are missing`);
      }
      return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    },
  };
}
