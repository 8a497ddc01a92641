// Looks at what a damaged file holds of the log, record by record; with a new file, copies all that
// is sound and keeps every offset.
import type { DatabaseSync } from 'node:sqlite';
import { messageOf, type RawRow, readTolerantly } from '../../sqlite/integrity/tolerant-rows.ts';
import type { PartReport } from '../../sqlite/module.ts';
import { examineChunks, findChunks } from './examine-chunks.ts';
import { columnCrc } from './names/name-rows.ts';
import { type PartitionRow, partitionCrc, type TopicRow, toEpoch, toPartition, topicCrc, toTopic } from './rows.ts';
import { rowCrc } from './schema.ts';

export function* examineLog(from: DatabaseSync, to: DatabaseSync | undefined): Iterable<PartReport> {
  const topics = readEntries(from, 'log_topics', toTopic);
  const partitions = readEntries(from, 'log_partitions', toPartition);
  const byId = new Map(partitions.rows.map(row => [row.id, row]));
  const chunks = findChunks(from, partitions.problems);
  for (const id of chunks.byPartition.keys()) {
    // Its entry is lost, its records are not.
    if (!byId.has(id)) byId.set(id, { id, topic: -id, number: 0, first: 0, next: 0, bytes: 0, reach: 0 });
  }
  const epochs = readEpochs(from, to);
  const problems = [...topics.problems, ...epochs.problems, ...partitions.problems];
  yield { part: 'topics', sound: topics.rows.length, problems };
  const names = new Map(topics.rows.map(({ id, name }) => [id, name]));
  const saved = new Map<number, PartitionRow[]>();
  for (const row of byId.values()) {
    if (row.topic === 0) continue; // the rest of a topic that was deleted
    const { sound, problems, row: after } = examineChunks(from, chunks, to, row);
    saved.set(row.topic, [...(saved.get(row.topic) ?? []), after]);
    yield { part: `topic ${nameOf(names, row.topic)}, partition ${row.number}`, sound, problems };
  }
  if (to)
    for (const [id, rows] of saved)
      saveTopic(
        to,
        topics.rows.find(topic => topic.id === id),
        nameOf(names, id),
        id,
        rows,
        epochs.byName.get(nameOf(names, id)) ?? 0,
      );
  yield examinePositions(from, to);
  yield examineNames(from);
}

function nameOf(names: ReadonlyMap<number, string>, id: number): string {
  return names.get(id) ?? `salvaged-${Math.abs(id)}`;
}

function readEntries<T>(
  db: DatabaseSync,
  table: string,
  parse: (row: RawRow, file: string) => T,
): { readonly rows: T[]; readonly problems: string[] } {
  const problems: string[] = [];
  const sound: T[] = [];
  for (const row of readTolerantly(db, `SELECT * FROM ${table}`, ['id'], problems)) {
    try {
      sound.push(parse(row, table));
    } catch (error) {
      problems.push(messageOf(error).split('. ', 1)[0] ?? '');
    }
  }
  return { rows: sound, problems };
}

/** Files of earlier versions have no such table. */
function readEpochs(from: DatabaseSync, to: DatabaseSync | undefined) {
  const problems: string[] = [];
  const byName = new Map<string, number>();
  if (from.prepare("SELECT 1 FROM pragma_table_list WHERE name = 'log_lives'").get() === undefined)
    return { byName, problems };
  const insert = to?.prepare('INSERT INTO log_lives VALUES (?, ?, ?)');
  for (const row of readTolerantly(from, 'SELECT * FROM log_lives', ['name'], problems)) {
    try {
      const [name, first] = toEpoch(row, 'log_lives');
      byName.set(name, first);
      insert?.run(name, first, rowCrc(name, first));
    } catch (error) {
      problems.push(messageOf(error).split('. ', 1)[0] ?? '');
    }
  }
  return { byName, problems };
}

function saveTopic(
  to: DatabaseSync,
  known: TopicRow | undefined,
  name: string,
  id: number,
  rows: readonly PartitionRow[],
  first: number,
): void {
  const topic = Math.abs(id);
  const count = Math.max(known?.partitions ?? 0, ...rows.map(({ number }) => number + 1));
  const numbers = new Set(rows.map(({ number }) => number));
  const missing = Array.from({ length: count }, (_, number) => number).filter(number => !numbers.has(number));
  const { retentionMs = null, retentionBytes = null } = known ?? {};
  const entry = { id: topic, name, partitions: count, retentionMs, retentionBytes };
  to.prepare('INSERT INTO log_topics VALUES (?, ?, ?, ?, ?, ?)').run(
    topic,
    name,
    count,
    retentionMs,
    retentionBytes,
    topicCrc(entry),
  );
  for (const row of rows) savePartition(to, { ...row, topic });
  for (const number of missing) {
    const { lastInsertRowid } = to
      .prepare('INSERT INTO log_partitions VALUES (NULL, ?, ?, ?, ?, 0, 0, 0)')
      .run(topic, number, first, first);
    const empty = { id: Number(lastInsertRowid), topic, number, first, next: first, bytes: 0, reach: 0 };
    savePartition(to, empty);
  }
}

function savePartition(to: DatabaseSync, row: PartitionRow): void {
  to.prepare('INSERT OR REPLACE INTO log_partitions VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
    row.id,
    row.topic,
    row.number,
    row.first,
    row.next,
    row.bytes,
    row.reach,
    partitionCrc(row),
  );
}

function examinePositions(from: DatabaseSync, to: DatabaseSync | undefined): PartReport {
  const problems: string[] = [];
  const key = ['topic', 'consumer', 'partition'];
  const insert = to?.prepare('INSERT INTO log_positions VALUES (?, ?, ?, ?, ?, ?)');
  let sound = 0;
  for (const row of readTolerantly(from, 'SELECT * FROM log_positions', key, problems)) {
    const [topic, partition, next] = [Number(row['topic']), Number(row['partition']), Number(row['next'])];
    const [group, metadata] = [String(row['consumer']), String(row['metadata'])];
    const crc = rowCrc(topic, group, partition, next, metadata);
    if (row['crc'] !== crc) {
      problems.push(`the position of group ${group} in partition ${partition} does not match its checksum`);
      continue;
    }
    insert?.run(topic, group, partition, next, metadata, crc);
    sound++;
  }
  return { part: 'positions of groups', sound, problems };
}

/** They are not copied: the log makes them again of the records, and reads past a damaged one. */
function examineNames(from: DatabaseSync): PartReport {
  const problems: string[] = [];
  let sound = 0;
  // Files of earlier versions have no such table.
  if (from.prepare("SELECT 1 FROM pragma_table_list WHERE name = 'log_names'").get() !== undefined) {
    const key = ['partition', 'field', 'base'];
    for (const row of readTolerantly(from, 'SELECT * FROM log_names', key, problems)) {
      const [partition, field, base, count] = [row['partition'], row['field'], row['base'], row['count']].map(Number);
      const { bytes, crc } = row;
      const isSound =
        bytes instanceof Uint8Array && crc === columnCrc(partition ?? 0, field ?? 0, base ?? 0, count ?? 0, bytes);
      if (isSound) sound++;
      else
        problems.push(
          `the names of the records from ${base} on do not match their checksum; the records are read instead`,
        );
    }
  }
  return { part: 'names that find events', sound, problems };
}
