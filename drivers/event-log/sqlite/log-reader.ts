// The log's part in a reading thread: state of all topics, chunks from an offset on, offset of a time, positions. Checks what it hands out.
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import type { ModuleContext, ModuleReader } from '../../sqlite/module.ts';
import { createChunkFinder } from './chunk-finder.ts';
import { findDue } from './expire.ts';
import { ChunkCursor } from './record-codec.ts';
import {
  CHUNKS,
  DUE,
  type Due,
  type Keep,
  POSITIONS,
  STATE,
  type StoredPosition,
  TIME,
  type TopicState,
} from './requests.ts';
import { assertCrc, damaged, type PartitionRow, readPartitions, readTopics, toPartition } from './rows.ts';
import { rowCrc } from './schema.ts';

export function createLogReader({ db, file }: ModuleContext): ModuleReader {
  const partitionById = db.prepare('SELECT * FROM log_partitions WHERE id = ? AND topic <> 0');
  const positionsOf = db.prepare('SELECT * FROM log_positions WHERE topic = ? AND consumer = ? ORDER BY partition');
  const chunks = createChunkFinder(db, file);

  const partition = (id: number): PartitionRow | undefined => {
    const row = partitionById.get(id);
    return row && toPartition(row, file);
  };

  const state = (): TopicState[] => {
    const partitions = Map.groupBy(readPartitions(db, file), ({ topic }) => topic);
    return readTopics(db, file).map(({ id, name, partitions: count, retentionMs, retentionBytes }) => ({
      id,
      name,
      partitions: count,
      retentionMs: retentionMs ?? undefined,
      retentionBytes: retentionBytes ?? undefined,
      states: (partitions.get(id) ?? []).map(row => ({
        id: row.id,
        number: row.number,
        start: row.first,
        end: row.next,
      })),
    }));
  };

  /** First and next offset of the partition, then chunks until there are enough bytes or records; first -1 when it is gone. */
  const read = (request: ByteReader, reply: ByteWriter) => {
    const row = partition(request.u32());
    const wanted = request.f64();
    const maxBytes = request.u32();
    const maxRecords = request.u32();
    reply.f64(row?.first ?? -1);
    reply.f64(row?.next ?? -1);
    if (!row) return;
    const from = Math.max(wanted, row.first);
    let bytes = 0;
    for (let offset = from; offset < row.next && bytes < maxBytes && offset - from < maxRecords; ) {
      const chunk = chunks.at(row, offset);
      const data = chunks.data(row, chunk);
      reply.f64(chunk.base);
      reply.u32(chunk.count);
      reply.sized(data);
      bytes += data.length;
      offset = chunk.base + chunk.count;
    }
  };

  const offsetAt = (row: PartitionRow, time: number): number => {
    let low = row.first;
    let high = row.next;
    while (low < high) {
      const chunk = chunks.at(row, Math.floor((low + high) / 2));
      if (chunk.reach < time) low = chunk.base + chunk.count;
      else high = Math.max(low, chunk.base);
    }
    // `reach` may come from records that are gone: go on until there is one.
    for (let offset = low; offset < row.next; ) {
      const chunk = chunks.at(row, offset);
      if (chunk.newest >= time) {
        const cursor = new ChunkCursor(chunks.data(row, chunk), chunk.base, chunk.count);
        while (!cursor.isAtEnd) {
          const record = cursor.next();
          if (!record) throw damaged(file, `the record with offset ${cursor.offset} of partition ${row.number}`);
          if (record.offset >= row.first && record.timestamp >= time) return record.offset;
        }
      }
      offset = chunk.base + chunk.count;
    }
    return row.next;
  };

  const positions = (topic: number, group: string): StoredPosition[] =>
    positionsOf.all(topic, group).map(row => {
      const position = {
        partition: Number(row['partition']),
        offset: Number(row['next']),
        metadata: String(row['metadata']),
      };
      const crc = rowCrc(topic, group, position.partition, position.offset, position.metadata);
      assertCrc(row, crc, file, `group ${group} at partition ${position.partition} of topic ${topic}`);
      return position;
    });

  return {
    read(request, reply) {
      switch (request.u8()) {
        case STATE:
          return reply.json(state());
        case CHUNKS:
          return read(request, reply);
        case TIME: {
          const row = partition(request.u32());
          return reply.f64(row ? offsetAt(row, request.f64()) : -1);
        }
        case DUE: {
          const rows = readPartitions(db, file);
          const partitions = findDue(db, rows, request.json<Keep[]>());
          const due: Due = { partitions, remains: rows.some(({ topic }) => topic === 0) };
          return reply.json(due);
        }
        case POSITIONS:
          return reply.json(positions(request.u32(), request.text()));
      }
    },
  };
}
