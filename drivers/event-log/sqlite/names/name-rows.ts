// Rows of the table of names: one for each column of a block, which is some consecutive chunks of
// a partition. They are made of the chunks and can be made again.
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { rowCrc } from '../schema.ts';

/** A block, and its columns by their numbers. */
export interface NamedBlock {
  readonly base: number;
  readonly count: number;
  readonly columns: readonly Uint8Array[];
}

/** A block is closed with the chunk that brings it to one of these. */
export const BLOCK_RECORDS = 1024;
export const BLOCK_BYTES = 1 << 20;

export function columnCrc(partition: number, column: number, base: number, count: number, bytes: Uint8Array): number {
  return rowCrc(partition, column, base, count, crc32(bytes));
}

export function insertBlock(db: DatabaseSync, partition: number, { base, count, columns }: NamedBlock): void {
  const insert = db.prepare('INSERT OR REPLACE INTO log_names VALUES (?, ?, ?, ?, ?, ?)');
  for (const [column, bytes] of columns.entries()) {
    insert.run(partition, column, base, count, columnCrc(partition, column, base, count, bytes), bytes);
  }
}

/** Blocks whose chunks are gone up to `end`. */
export function deleteBlocksBelow(db: DatabaseSync, partition: number, end: number): void {
  db.prepare('DELETE FROM log_names WHERE partition = ? AND base < ? AND base + count <= ?').run(partition, end, end);
}

/** The end of the newest block of the partition, 0 where there is none. */
export function indexedEnd(db: DatabaseSync, partition: number): number {
  const newest = db
    .prepare('SELECT base, count FROM log_names WHERE partition = ? AND field = 0 ORDER BY base DESC LIMIT 1')
    .get(partition);
  return newest === undefined ? 0 : Number(newest['base']) + Number(newest['count']);
}
