// The log's part in the writing thread: appends chunks, changes topics, stores positions, deletes what retention no longer keeps.

import { TenfoldError } from '../../../core/errors.ts';
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import type { ModuleContext, ModuleWriter } from '../../sqlite/module.ts';
import { epochOf, OFFSETS_PER_EPOCH } from '../epochs.ts';
import type { TopicSettings } from '../event-log.ts';
import { expire, sweepDeletedTopics } from './expire.ts';
import type { LogTables } from './log-tables.ts';
import { APPEND, type LogChange, PARTITION_GONE, type StoredPosition } from './requests.ts';
import { type PartitionRow, partitionCrc, readEpochs, readPartitions, readTopics, topicCrc } from './rows.ts';
import { rowCrc } from './schema.ts';

export function createLogWriter({ db, file }: ModuleContext): ModuleWriter {
  const insertChunk = db.prepare('INSERT INTO log_chunks VALUES (?, ?, ?, ?, ?, ?, ?)');
  const setPartition = db.prepare(
    'UPDATE log_partitions SET topic = ?, number = ?, first = ?, next = ?, bytes = ?, reach = ?, crc = ? WHERE id = ?',
  );
  const insertTopic = db.prepare('INSERT INTO log_topics VALUES (NULL, ?, 0, NULL, NULL, 0)');
  const setTopic = db.prepare(
    'UPDATE log_topics SET partitions = ?, retention_ms = ?, retention_bytes = ?, crc = ? WHERE id = ?',
  );
  const deleteTopic = db.prepare('DELETE FROM log_topics WHERE id = ?');
  const insertPartition = db.prepare('INSERT INTO log_partitions VALUES (NULL, ?, ?, 0, 0, 0, 0, 0)');
  const setEpoch = db.prepare('INSERT OR REPLACE INTO log_lives VALUES (?, ?, ?)');
  const deletePositions = db.prepare('DELETE FROM log_positions WHERE topic = ?');
  const place = db.prepare('INSERT OR REPLACE INTO log_positions VALUES (?, ?, ?, ?, ?, ?)');
  let known: LogTables | undefined;

  const tables = (): LogTables => {
    known ??= {
      topics: new Map(readTopics(db, file).map(topic => [topic.name, topic])),
      partitions: new Map(readPartitions(db, file).map(partition => [partition.id, partition])),
      epochs: readEpochs(db, file),
    };
    return known;
  };
  const save = (row: PartitionRow) =>
    setPartition.run(row.topic, row.number, row.first, row.next, row.bytes, row.reach, partitionCrc(row), row.id);

  const append = (request: ByteReader, reply: ByteWriter) => {
    const { partitions } = tables();
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
      insertChunk.run(
        id,
        base,
        count,
        newest,
        row.reach,
        rowCrc(id, base, count, newest, row.reach, data.length),
        data,
      );
      save(row);
      reply.f64(base);
    }
  };

  const ensure = (name: string, settings: TopicSettings) => {
    const { topics, partitions, epochs } = tables();
    const { retentionMs = null, retentionBytes = null } = settings;
    const before = topics.get(name);
    if (before && settings.partitions < before.partitions) {
      throw new TenfoldError(
        'conflict',
        `Topic ${name} has ${before.partitions} partitions and cannot shrink to ${settings.partitions}. Partitions are only added; make a new topic instead.`,
      );
    }
    const id = before?.id ?? Number(insertTopic.run(name).lastInsertRowid);
    const topic = { id, name, partitions: settings.partitions, retentionMs, retentionBytes };
    setTopic.run(topic.partitions, retentionMs, retentionBytes, topicCrc(topic), id);
    topics.set(name, topic);
    const first = epochs.get(name) ?? 0;
    for (let number = before?.partitions ?? 0; number < topic.partitions; number++) {
      const row = { topic: id, number, first, next: first, bytes: 0, reach: 0 };
      const added = { id: Number(insertPartition.run(id, number).lastInsertRowid), ...row };
      save(added);
      partitions.set(added.id, added);
    }
  };

  const remove = (name: string) => {
    const { topics, partitions, epochs } = tables();
    const topic = topics.get(name);
    if (!topic) return;
    topics.delete(name);
    deleteTopic.run(topic.id);
    deletePositions.run(topic.id);
    let end = 0;
    for (const row of partitions.values()) {
      if (row.topic !== topic.id) continue;
      end = Math.max(end, row.next);
      row.topic = 0;
      save(row);
    }
    const first = (epochOf(end) + 1) * OFFSETS_PER_EPOCH;
    epochs.set(name, first);
    setEpoch.run(name, first, rowCrc(name, first));
  };

  const trim = (id: number, before: number) => {
    const row = tables().partitions.get(id);
    if (!row || row.topic === 0) throw new TenfoldError('not-found', 'The topic was deleted.');
    row.first = Math.max(row.first, Math.min(before, row.next));
    save(row);
    return row.first;
  };

  const setPositions = (topic: number, group: string, positions: readonly StoredPosition[]) => {
    if (![...tables().topics.values()].some(({ id }) => id === topic)) {
      throw new TenfoldError('not-found', 'The topic was deleted.');
    }
    for (const { partition, offset, metadata } of positions) {
      place.run(topic, group, partition, offset, metadata, rowCrc(topic, group, partition, offset, metadata));
    }
  };

  const change = (what: LogChange): unknown => {
    switch (what.do) {
      case 'ensure':
        return ensure(what.name, what.settings);
      case 'delete':
        return remove(what.name);
      case 'trim':
        return trim(what.partition, what.before);
      case 'place':
        return setPositions(what.topic, what.group, what.positions);
      case 'expire':
        return expire(db, tables(), what, save);
      case 'sweep':
        return sweepDeletedTopics(db, tables());
    }
  };

  return {
    write(request, reply) {
      if (request.u8() === APPEND) append(request, reply);
      else reply.json(change(request.json<LogChange>()) ?? null);
    },
    rolledBack() {
      known = undefined;
    },
  };
}
