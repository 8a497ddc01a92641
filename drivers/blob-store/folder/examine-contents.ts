// Reads the contents of all objects of a database that nobody has open, and compares
// them with their checksums.
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { TenfoldError } from '../../../core/errors.ts';
import { type RawRow, readTolerantly } from '../../sqlite/integrity/tolerant-rows.ts';
import type { PartReport } from '../../sqlite/module.ts';
import { PIECE } from './content.ts';
import { toEntry } from './entries.ts';
import { fileOf, incomingOf } from './file-names.ts';
import type { Entry } from './wire.ts';

/** Describes an object for the report: the part it belongs to, and its name there. */
export type Describe = (key: string) => { readonly part: string; readonly what: string };

export function examineContents(db: DatabaseSync, folder: string, describe: Describe): PartReport[] {
  const parts = new Map<string, { sound: number; problems: string[] }>();
  // The examination of tables reports faults of the table itself.
  for (const row of readTolerantly(db, 'SELECT * FROM blob_object', ['key'], [])) {
    const entry = soundEntry(row);
    if (entry === undefined) continue;
    const { part, what } = describe(entry.key);
    const found = parts.get(part) ?? { sound: 0, problems: [] };
    parts.set(part, found);
    const problem = problemOf(entry, folder);
    if (problem === undefined) found.sound++;
    else found.problems.push(`${what}: object '${entry.key}' ${problem}`);
  }
  return [...parts].map(([part, found]) => ({ part, ...found }));
}

function soundEntry(row: RawRow): Entry | undefined {
  try {
    return toEntry(row);
  } catch (error) {
    if (error instanceof TenfoldError) return undefined;
    throw error;
  }
}

function problemOf({ key, stamp, size, checks }: Entry, folder: string): string | undefined {
  const file = open([fileOf(key, stamp), incomingOf(stamp)].map(path => join(folder, path)));
  if (typeof file === 'string') return file;
  try {
    const table = Buffer.from(checks.buffer, checks.byteOffset, checks.byteLength);
    const piece = Buffer.allocUnsafe(PIECE);
    for (let start = 0; start < size; start += PIECE) {
      const wanted = Math.min(PIECE, size - start);
      const index = (start / PIECE) * 4;
      const read = readFully(file, piece, wanted, start);
      if (read < wanted || index + 4 > table.length || crc32(piece.subarray(0, wanted)) !== table.readUInt32LE(index))
        return `is damaged at byte ${start} or behind`;
    }
    return undefined;
  } catch (error) {
    return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    closeSync(file);
  }
}

/** The first that is there, or why none can be read. */
function open(paths: readonly string[]): number | string {
  for (const path of paths) {
    try {
      return openSync(path, 'r');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ENOENT' && code !== 'ENOTDIR')
        return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
    }
  }
  return 'is missing';
}

function readFully(file: number, into: Buffer, wanted: number, at: number): number {
  let filled = 0;
  while (filled < wanted) {
    const read = readSync(file, into, filled, wanted - filled, at + filled);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}
