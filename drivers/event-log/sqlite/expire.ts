// Deletes chunks that nothing keeps any more, a slice per request, so that
// appends go on in between.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LogTables } from './log-tables.ts';
import { deleteBlocksBelow } from './names/name-rows.ts';
import type { Keep } from './requests.ts';
import type { PartitionRow } from './rows.ts';

/** Chunks that one slice deletes at most; one more when it is large. */
const MAX_CHUNKS = 256;
const MAX_BYTES = 8 << 20;

export interface Expired {
  /** Offset of the first readable record afterwards. */
  readonly first: number;
  /** There is more to delete. */
  readonly more: boolean;
}

export function expire(
  db: DatabaseSync,
  { partitions }: LogTables,
  keep: Keep,
  save: (row: PartitionRow) => void,
): Expired {
  const row = partitions.get(keep.partition);
  if (!row || row.topic === 0) return { first: 0, more: false };
  const before = { first: row.first, bytes: row.bytes };
  let end = row.first;
  const more = eachOldest(db, row.id, chunk => {
    if (!mayGo(chunk, row, keep)) return false;
    end = Math.max(end, chunk.base + chunk.count);
    row.bytes -= chunk.bytes;
    return true;
  });
  row.first = end;
  if (row.first !== before.first || row.bytes !== before.bytes) save(row);
  return { first: row.first, more };
}

/** Deletes what is left of topics that were deleted. */
export function sweepDeletedTopics(db: DatabaseSync, { partitions }: LogTables): { readonly more: boolean } {
  for (const row of partitions.values()) {
    if (row.topic !== 0) continue;
    if (eachOldest(db, row.id, () => true)) return { more: true };
    deleteBlocksBelow(db, row.id, row.next);
    db.prepare('DELETE FROM log_partitions WHERE id = ?').run(row.id);
    partitions.delete(row.id);
  }
  return { more: false };
}

/** Partitions for which `expire` has something to do. */
export function findDue(db: DatabaseSync, rows: readonly PartitionRow[], keeps: readonly Keep[]): number[] {
  const byId = new Map(rows.map(row => [row.id, row]));
  const oldest = db.prepare(`${HEADS} LIMIT 1`);
  return keeps.flatMap(keep => {
    const row = byId.get(keep.partition);
    const head = row && oldest.get(row.id);
    return row && head && row.topic !== 0 && mayGo(toHead(head), row, keep) ? [row.id] : [];
  });
}

const HEADS = 'SELECT base, count, newest, length(data) AS bytes FROM log_chunks WHERE partition = ? ORDER BY base';

/** `row.bytes`: what is left with this chunk. */
function mayGo({ base, count, newest, bytes }: ChunkHead, row: PartitionRow, { olderThan, maxBytes }: Keep): boolean {
  if (base + count <= row.first) return true;
  return (olderThan !== null && newest < olderThan) || (maxBytes !== null && row.bytes - bytes >= maxBytes);
}

function toHead(row: NonNullable<ReturnType<StatementSync['get']>>): ChunkHead {
  return {
    base: Number(row['base']),
    count: Number(row['count']),
    newest: Number(row['newest']),
    bytes: Number(row['bytes']),
  };
}

interface ChunkHead {
  readonly base: number;
  readonly count: number;
  readonly newest: number;
  readonly bytes: number;
}

/**
 * Deletes from the oldest chunk on while `isGone`; true when it stopped at the end of the slice.
 */
function eachOldest(db: DatabaseSync, partition: number, isGone: (chunk: ChunkHead) => boolean): boolean {
  const heads = db.prepare(`${HEADS} LIMIT ? + 0`).all(partition, MAX_CHUNKS);
  let bytes = 0;
  let last: ChunkHead | undefined;
  let stopped = false;
  for (const head of heads) {
    const chunk = toHead(head);
    if (bytes >= MAX_BYTES) break;
    if (!isGone(chunk)) {
      stopped = true;
      break;
    }
    bytes += chunk.bytes;
    last = chunk;
  }
  if (last !== undefined) {
    db.prepare('DELETE FROM log_chunks WHERE partition = ? AND base <= ?').run(partition, last.base);
    deleteBlocksBelow(db, partition, last.base + last.count);
  }
  return !stopped && (heads.length === MAX_CHUNKS || bytes >= MAX_BYTES);
}
