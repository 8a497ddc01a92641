// Rows of the log's small tables, read with their checksums: a wrong one is an
// error that names the row.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { TenfoldError } from '../../../core/errors.ts';
import { rowCrc } from './schema.ts';

type Row = NonNullable<ReturnType<StatementSync['get']>>;

export interface TopicRow {
  readonly id: number;
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number | null;
  readonly retentionBytes: number | null;
}

export interface PartitionRow {
  readonly id: number;
  /** 0: of a topic that was deleted. */
  topic: number;
  readonly number: number;
  /** Offset of the first readable record. */
  first: number;
  /** Offset of the next record. */
  next: number;
  /** Bytes of all stored chunks. */
  bytes: number;
  /** Latest timestamp that was ever in it. */
  reach: number;
}

export function readTopics(db: DatabaseSync, file: string): TopicRow[] {
  return db
    .prepare('SELECT * FROM log_topics ORDER BY id')
    .all()
    .map(row => toTopic(row, file));
}

export function readPartitions(db: DatabaseSync, file: string): PartitionRow[] {
  return db
    .prepare('SELECT * FROM log_partitions ORDER BY topic, number')
    .all()
    .map(row => toPartition(row, file));
}

/** First offsets of topics that are made again, by name. */
export function readEpochs(db: DatabaseSync, file: string): Map<string, number> {
  const rows = db.prepare('SELECT * FROM log_lives').all();
  return new Map(rows.map(row => toEpoch(row, file)));
}

export function toEpoch(row: Row, file: string): [name: string, first: number] {
  const [name, first] = [String(row['name']), Number(row['first'])];
  assertCrc(row, rowCrc(name, first), file, `earlier topics named "${name}"`);
  return [name, first];
}

export function toPartition(row: Row, file: string): PartitionRow {
  const partition = {
    id: Number(row['id']),
    topic: Number(row['topic']),
    number: Number(row['number']),
    first: Number(row['first']),
    next: Number(row['next']),
    bytes: Number(row['bytes']),
    reach: Number(row['reach']),
  };
  assertCrc(row, partitionCrc(partition), file, `partition ${partition.number} of topic ${partition.topic}`);
  return partition;
}

export function toTopic(row: Row, file: string): TopicRow {
  const topic = {
    id: Number(row['id']),
    name: String(row['name']),
    partitions: Number(row['partitions']),
    retentionMs: numberOrNull(row['retention_ms']),
    retentionBytes: numberOrNull(row['retention_bytes']),
  };
  assertCrc(row, topicCrc(topic), file, `topic ${topic.id} ("${topic.name}")`);
  return topic;
}

export function topicCrc({ id, name, partitions, retentionMs, retentionBytes }: TopicRow): number {
  return rowCrc(id, name, partitions, retentionMs, retentionBytes);
}

export function partitionCrc({ id, topic, number, first, next, bytes, reach }: PartitionRow): number {
  return rowCrc(id, topic, number, first, next, bytes, reach);
}

export function assertCrc(row: Row, crc: number, file: string, what: string): void {
  if (row['crc'] === crc) return;
  throw damaged(file, `the entry of ${what} does not match its checksum`);
}

export function damaged(file: string, what: string): TenfoldError {
  return new TenfoldError(
    'data-corrupt',
    `${file} is damaged: ${what}. Nothing was changed. Stop and run \`tenfold doctor\` on it.`,
  );
}

function numberOrNull(value: Row[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
