// Makes the columns of the next block of a partition, in a reading thread.
import type { DatabaseSync } from 'node:sqlite';
import type { ChunkFinder } from '../chunk-finder.ts';
import type { PartitionRow } from '../rows.ts';
import type { Uncovered } from './indexer.ts';
import { NameColumns } from './name-columns.ts';
import { BLOCK_BYTES, BLOCK_RECORDS, indexedEnd, type NamedBlock } from './name-rows.ts';

/** Answers how much there is where that is too little for a block. */
export function buildBlock(db: DatabaseSync, chunks: ChunkFinder, row: PartitionRow): NamedBlock | Uncovered {
  const begin = Math.max(indexedEnd(db, row.id), row.first);
  const names = new NameColumns();
  let base: number | undefined;
  let bytes = 0;
  for (let at = begin; at < row.next; ) {
    const chunk = chunks.at(row, at);
    const data = chunks.data(row, chunk);
    base ??= chunk.base;
    at = chunk.base + chunk.count;
    bytes += data.length;
    names.addChunk({ ...chunk, data });
    if (at - base < BLOCK_RECORDS && bytes < BLOCK_BYTES) continue;
    return { base, count: at - base, columns: names.all() };
  }
  return { records: Math.max(row.next - begin, 0), bytes };
}
