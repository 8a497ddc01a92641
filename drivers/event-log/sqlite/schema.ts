// Tables of the log in the database file, and the checksum that every row of them carries.
import { crc32 } from 'node:zlib';

/** Name of the module in the database. */
export const EVENT_LOG = 'log';

/**
 * A chunk holds the records of one partition that came in one commit (record-codec.ts). `newest` is
 * the latest timestamp in it. `reach` is the latest in the partition up to its end, so that it only
 * grows and can be searched. A topic that is deleted leaves its partitions with topic 0 until they
 * are empty.
 */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE log_topics (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL,
  retention_ms INTEGER, retention_bytes INTEGER, crc INTEGER NOT NULL);
CREATE TABLE log_partitions (
  id INTEGER PRIMARY KEY AUTOINCREMENT, topic INTEGER NOT NULL, number INTEGER NOT NULL,
  first INTEGER NOT NULL, next INTEGER NOT NULL, bytes INTEGER NOT NULL, reach REAL NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE log_chunks (
  partition INTEGER NOT NULL, base INTEGER NOT NULL, count INTEGER NOT NULL, newest REAL NOT NULL, reach REAL NOT NULL,
  crc INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (partition, base)) WITHOUT ROWID;
CREATE TABLE log_positions (
  topic INTEGER NOT NULL, consumer TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL, metadata TEXT NOT NULL,
  crc INTEGER NOT NULL, PRIMARY KEY (topic, consumer, partition)) WITHOUT ROWID;
`,
  // A table without rowids is sought in by comparing whole rows, which reads all pages
  // of the chunks on the way.
  `
ALTER TABLE log_chunks RENAME TO log_chunks_before;
CREATE TABLE log_chunks (
  partition INTEGER NOT NULL, base INTEGER NOT NULL, count INTEGER NOT NULL, newest REAL NOT NULL, reach REAL NOT NULL,
  crc INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (partition, base));
INSERT INTO log_chunks SELECT * FROM log_chunks_before ORDER BY partition, base;
DROP TABLE log_chunks_before;
`,
  // First offsets of names whose topics were deleted, if they are made again.
  `
CREATE TABLE log_lives (
  name TEXT PRIMARY KEY, first INTEGER NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
`,
  // Bloom filters over consecutive chunks, by which events were found.
  `
CREATE TABLE log_filters (
  partition INTEGER NOT NULL, field INTEGER NOT NULL, base INTEGER NOT NULL, count INTEGER NOT NULL,
  crc INTEGER NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (partition, field, base));
`,
  // The names of the records of consecutive chunks, by which events are found (names/). They hold
  // nothing that the chunks do not: where there are none, as in files of earlier versions, the
  // records are read instead.
  `
DROP TABLE log_filters;
CREATE TABLE log_names (
  partition INTEGER NOT NULL, field INTEGER NOT NULL, base INTEGER NOT NULL, count INTEGER NOT NULL,
  crc INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (partition, field, base));
`,
];

export const SMALL_TABLES: readonly string[] = ['log_topics', 'log_partitions', 'log_positions', 'log_lives'];

/** Over all other columns of a row, in their order. */
export function rowCrc(...columns: readonly (string | number | null)[]): number {
  return crc32(columns.join('\0'));
}
