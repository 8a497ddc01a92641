// Reads what the log of a running platform has, from a copy of its database
// that SQLite itself makes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { topicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import { databaseThread } from '../../../server/storage/embedded.ts';
import type { Records } from '../../chaos/checks/records.ts';

const THREAD = databaseThread();
const LIMITS = { maxRecords: 5000, maxBytes: 16 << 20 };

export function embeddedRecords(file: string, namespace: string): Pick<Records, 'of' | 'byPartition'> {
  const byPartition = (topic: string) => withCopy(file, log => readAll(log, topicOf(namespace, topic)));
  return { byPartition, of: async topic => (await byPartition(topic)).flat() };
}

async function withCopy<T>(file: string, read: (log: EventLog) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tenfold-copy-'));
  const copy = join(folder, 'tenfold.db');
  const source = new DatabaseSync(file, { readOnly: true });
  try {
    await backup(source, copy);
    const database = await openDatabase({ world: realWorld, file: copy, thread: THREAD });
    const log = await createSqliteEventLog({ world: realWorld, database });
    try {
      return await read(log);
    } finally {
      await log.close();
      await database.close();
    }
  } finally {
    source.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readAll(log: EventLog, topic: string): Promise<LogRecord[][]> {
  const partitions = (await log.topics()).find(({ name }) => name === topic)?.partitions ?? 0;
  const all: LogRecord[][] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const found: LogRecord[] = [];
    for (let from = 0, end = 1; from < end; ) {
      const { records, next, bounds } = await log.read(topic, partition, from, LIMITS);
      found.push(...records);
      [from, end] = [next, bounds.end];
    }
    all.push(found);
  }
  return all;
}
