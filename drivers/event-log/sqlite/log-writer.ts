// The log's part in the writing thread: appends chunks, changes topics, stores positions, deletes
// what retention no longer keeps.
import type { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../../core/errors.ts';
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import type { ModuleContext, ModuleWriter } from '../../sqlite/module.ts';
import { epochOf, OFFSETS_PER_EPOCH } from '../epochs.ts';
import type { TopicSettings } from '../event-log.ts';
import { expire, sweepDeletedTopics } from './expire.ts';
import type { LogTables } from './log-tables.ts';
import { insertBlock } from './names/name-rows.ts';
import { unpackBlock } from './names/wire.ts';
import { APPEND, type LogChange, NAMES, PARTITION_GONE, type StoredPosition } from './requests.ts';
import { type PartitionRow, partitionCrc, readEpochs, readPartitions, readTopics, topicCrc } from './rows.ts';
import { rowCrc } from './schema.ts';

export class LogWriter implements ModuleWriter {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #statements: LogStatements;
  /** The contents of the tables; they are read again after a transaction was rolled back. */
  #known: LogTables | undefined;

  constructor({ db, file }: ModuleContext) {
    this.#db = db;
    this.#file = file;
    this.#statements = prepareStatements(db);
  }

  write(request: ByteReader, reply: ByteWriter): void {
    const kind = request.u8();
    if (kind === APPEND) this.#append(request, reply);
    else if (kind === NAMES) this.#insertNames(request);
    else reply.json(this.#change(request.json<LogChange>()) ?? null);
  }

  rolledBack(): void {
    this.#known = undefined;
  }

  #append(request: ByteReader, reply: ByteWriter): void {
    const { partitions } = this.#tables();
    for (let left = request.u32(); left > 0; left--) {
      const id = request.u32();
      const count = request.u32();
      const newest = request.f64();
      const data = request.sized();
      const row = partitions.get(id);
      if (!row || row.topic === 0) {
        reply.f64(PARTITION_GONE);
        continue;
      }
      const base = row.next;
      row.next += count;
      row.bytes += data.length;
      row.reach = Math.max(row.reach, newest);
      this.#statements.insertChunk.run(
        id,
        base,
        count,
        newest,
        row.reach,
        rowCrc(id, base, count, newest, row.reach, data.length),
        data,
      );
      this.#save(row);
      reply.f64(base);
    }
  }

  /** For a partition that is gone, or has been trimmed beyond the block, nothing happens. */
  #insertNames(request: ByteReader): void {
    const partition = request.u32();
    const block = unpackBlock(request);
    const row = this.#tables().partitions.get(partition);
    if (row && row.topic !== 0 && block.base + block.count > row.first) insertBlock(this.#db, partition, block);
  }

  #change(what: LogChange): unknown {
    switch (what.do) {
      case 'ensure':
        return this.#ensure(what.name, what.settings);
      case 'delete':
        return this.#remove(what.name);
      case 'trim':
        return this.#trim(what.partition, what.before);
      case 'place':
        return this.#setPositions(what.topic, what.group, what.positions);
      case 'expire':
        return expire(this.#db, this.#tables(), what, row => this.#save(row));
      case 'sweep':
        return sweepDeletedTopics(this.#db, this.#tables());
    }
  }

  #ensure(name: string, settings: TopicSettings): void {
    const { topics, partitions, epochs } = this.#tables();
    const { retentionMs = null, retentionBytes = null } = settings;
    const before = topics.get(name);
    if (before && settings.partitions < before.partitions) {
      throw new TenfoldError(
        'conflict',
        `Topic ${name} has ${before.partitions} partitions and cannot shrink to ${settings.partitions}. Partitions are only added; make a new topic instead.`,
      );
    }
    const id = before?.id ?? Number(this.#statements.insertTopic.run(name).lastInsertRowid);
    const topic = { id, name, partitions: settings.partitions, retentionMs, retentionBytes };
    this.#statements.setTopic.run(topic.partitions, retentionMs, retentionBytes, topicCrc(topic), id);
    topics.set(name, topic);
    const first = epochs.get(name) ?? 0;
    for (let number = before?.partitions ?? 0; number < topic.partitions; number++) {
      const row = { topic: id, number, first, next: first, bytes: 0, reach: 0 };
      const added = { id: Number(this.#statements.insertPartition.run(id, number).lastInsertRowid), ...row };
      this.#save(added);
      partitions.set(added.id, added);
    }
  }

  #remove(name: string): void {
    const { topics, partitions, epochs } = this.#tables();
    const topic = topics.get(name);
    if (!topic) return;
    topics.delete(name);
    this.#statements.deleteTopic.run(topic.id);
    this.#statements.deletePositions.run(topic.id);
    let end = 0;
    for (const row of partitions.values()) {
      if (row.topic !== topic.id) continue;
      end = Math.max(end, row.next);
      row.topic = 0;
      this.#save(row);
    }
    const first = (epochOf(end) + 1) * OFFSETS_PER_EPOCH;
    epochs.set(name, first);
    this.#statements.setEpoch.run(name, first, rowCrc(name, first));
  }

  #trim(id: number, before: number): number {
    const row = this.#tables().partitions.get(id);
    if (!row || row.topic === 0) throw new TenfoldError('not-found', 'The topic was deleted.');
    row.first = Math.max(row.first, Math.min(before, row.next));
    this.#save(row);
    return row.first;
  }

  #setPositions(topic: number, group: string, positions: readonly StoredPosition[]): void {
    if (![...this.#tables().topics.values()].some(({ id }) => id === topic)) {
      throw new TenfoldError('not-found', 'The topic was deleted.');
    }
    for (const { partition, offset, metadata } of positions) {
      this.#statements.place.run(
        topic,
        group,
        partition,
        offset,
        metadata,
        rowCrc(topic, group, partition, offset, metadata),
      );
    }
  }

  #tables(): LogTables {
    this.#known ??= {
      topics: new Map(readTopics(this.#db, this.#file).map(topic => [topic.name, topic])),
      partitions: new Map(readPartitions(this.#db, this.#file).map(partition => [partition.id, partition])),
      epochs: readEpochs(this.#db, this.#file),
    };
    return this.#known;
  }

  #save(row: PartitionRow): void {
    const { id, topic, number, first, next, bytes, reach } = row;
    this.#statements.setPartition.run(topic, number, first, next, bytes, reach, partitionCrc(row), id);
  }
}

type LogStatements = ReturnType<typeof prepareStatements>;

function prepareStatements(db: DatabaseSync) {
  return {
    insertChunk: db.prepare('INSERT INTO log_chunks VALUES (?, ?, ?, ?, ?, ?, ?)'),
    setPartition: db.prepare(
      'UPDATE log_partitions SET topic = ?, number = ?, first = ?, next = ?, bytes = ?, reach = ?, crc = ? WHERE id = ?',
    ),
    insertTopic: db.prepare('INSERT INTO log_topics VALUES (NULL, ?, 0, NULL, NULL, 0)'),
    setTopic: db.prepare(
      'UPDATE log_topics SET partitions = ?, retention_ms = ?, retention_bytes = ?, crc = ? WHERE id = ?',
    ),
    deleteTopic: db.prepare('DELETE FROM log_topics WHERE id = ?'),
    insertPartition: db.prepare('INSERT INTO log_partitions VALUES (NULL, ?, ?, 0, 0, 0, 0, 0)'),
    setEpoch: db.prepare('INSERT OR REPLACE INTO log_lives VALUES (?, ?, ?)'),
    deletePositions: db.prepare('DELETE FROM log_positions WHERE topic = ?'),
    place: db.prepare('INSERT OR REPLACE INTO log_positions VALUES (?, ?, ?, ?, ?, ?)'),
  };
}
