// The log's part in a reading thread: state of all topics, chunks from an offset on, offset of a
// time, positions. Checks what it hands out.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import type { ModuleContext, ModuleReader } from '../../sqlite/module.ts';
import { type ChunkFinder, createChunkFinder, type StoredChunk } from './chunk-finder.ts';
import { findDue } from './expire.ts';
import { buildBlock } from './names/build-block.ts';
import { indexedEnd } from './names/name-rows.ts';
import { narrow } from './names/narrow.ts';
import { packNextBlock } from './names/wire.ts';
import { ChunkCursor, cutChunk } from './record-codec.ts';
import {
  CHUNKS,
  DUE,
  type Due,
  type Keep,
  NARROW,
  NEXT_BLOCK,
  POSITIONS,
  STATE,
  type StoredPosition,
  TIME,
  type TopicState,
  UNINDEXED,
} from './requests.ts';
import { assertCrc, damaged, type PartitionRow, readPartitions, readTopics, toPartition } from './rows.ts';
import { rowCrc } from './schema.ts';

export class LogReader implements ModuleReader {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #partitionById: StatementSync;
  readonly #positionsOf: StatementSync;
  readonly #chunks: ChunkFinder;

  constructor({ db, file }: ModuleContext) {
    this.#db = db;
    this.#file = file;
    this.#partitionById = db.prepare('SELECT * FROM log_partitions WHERE id = ? AND topic <> 0');
    this.#positionsOf = db.prepare('SELECT * FROM log_positions WHERE topic = ? AND consumer = ? ORDER BY partition');
    this.#chunks = createChunkFinder(db, file);
  }

  read(request: ByteReader, reply: ByteWriter): void {
    switch (request.u8()) {
      case STATE:
        reply.json(this.#state());
        return;
      case CHUNKS:
        this.#readChunks(request, reply);
        return;
      case TIME: {
        const row = this.#partition(request.u32());
        reply.f64(row ? this.#offsetAt(row, request.f64()) : -1);
        return;
      }
      case DUE:
        reply.json(this.#due(request.json<Keep[]>()));
        return;
      case NEXT_BLOCK: {
        const row = this.#partition(request.u32());
        packNextBlock(reply, row ? buildBlock(this.#db, this.#chunks, row) : { records: 0, bytes: 0 });
        return;
      }
      case NARROW:
        reply.json(narrow(this.#db, request.u32(), request.json()));
        return;
      case UNINDEXED:
        reply.json(this.#unindexed());
        return;
      case POSITIONS:
        reply.json(this.#positions(request.u32(), request.text()));
    }
  }

  #partition(id: number): PartitionRow | undefined {
    const row = this.#partitionById.get(id);
    return row && toPartition(row, this.#file);
  }

  #state(): TopicState[] {
    const partitions = Map.groupBy(readPartitions(this.#db, this.#file), ({ topic }) => topic);
    return readTopics(this.#db, this.#file).map(({ id, name, partitions: count, retentionMs, retentionBytes }) => ({
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
  }

  /**
   * First and next offset of the partition, then chunks until there are enough bytes or records;
   * first -1 when it is gone.
   */
  #readChunks(request: ByteReader, reply: ByteWriter): void {
    const row = this.#partition(request.u32());
    const wanted = request.f64();
    const maxBytes = request.u32();
    const maxRecords = request.u32();
    const isOnce = request.u8() === 1;
    reply.f64(row?.first ?? -1);
    reply.f64(row?.next ?? -1);
    if (!row) return;
    const from = Math.max(wanted, row.first);
    let bytes = 0;
    for (let offset = from; offset < row.next && bytes < maxBytes && offset - from < maxRecords; ) {
      const chunk = this.#chunks.at(row, offset);
      const whole = { ...chunk, data: this.#chunks.data(row, chunk) };
      const { base, count, data } = isOnce ? cutChunk(whole, offset, maxRecords - (offset - from)) : whole;
      reply.f64(base);
      reply.u32(count);
      reply.sized(data);
      bytes += data.length;
      offset = base + count;
    }
  }

  #offsetAt(row: PartitionRow, time: number): number {
    // `reach` may come from records that are gone: go on until there is one.
    for (let offset = this.#firstReaching(row, time); offset < row.next; ) {
      const chunk = this.#chunks.at(row, offset);
      const found = chunk.newest >= time ? this.#offsetInside(row, chunk, time) : undefined;
      if (found !== undefined) return found;
      offset = chunk.base + chunk.count;
    }
    return row.next;
  }

  /**
   * An offset in the first chunk before whose end there was, some time, a
   * record of that time or later.
   */
  #firstReaching(row: PartitionRow, time: number): number {
    let low = row.first;
    let high = row.next;
    while (low < high) {
      const chunk = this.#chunks.at(row, Math.floor((low + high) / 2));
      if (chunk.reach < time) low = chunk.base + chunk.count;
      else high = Math.max(low, chunk.base);
    }
    return low;
  }

  #offsetInside(row: PartitionRow, chunk: StoredChunk, time: number): number | undefined {
    const cursor = new ChunkCursor(this.#chunks.data(row, chunk), chunk.base, chunk.count);
    while (!cursor.isAtEnd) {
      const record = cursor.next();
      if (!record) throw damaged(this.#file, `the record with offset ${cursor.offset} of partition ${row.number}`);
      if (record.offset >= row.first && record.timestamp >= time) return record.offset;
    }
    return undefined;
  }

  #due(keep: Keep[]): Due {
    const rows = readPartitions(this.#db, this.#file);
    const partitions = findDue(this.#db, rows, keep);
    return { partitions, remains: rows.some(({ topic }) => topic === 0) };
  }

  #unindexed(): [partition: number, records: number][] {
    return readPartitions(this.#db, this.#file)
      .filter(({ topic }) => topic !== 0)
      .map(({ id, first, next }) => [id, next - Math.max(first, indexedEnd(this.#db, id))]);
  }

  #positions(topic: number, group: string): StoredPosition[] {
    return this.#positionsOf.all(topic, group).map(row => {
      const position = {
        partition: Number(row['partition']),
        offset: Number(row['next']),
        metadata: String(row['metadata']),
      };
      const crc = rowCrc(topic, group, position.partition, position.offset, position.metadata);
      assertCrc(row, crc, this.#file, `group ${group} at partition ${position.partition} of topic ${topic}`);
      return position;
    });
  }
}
