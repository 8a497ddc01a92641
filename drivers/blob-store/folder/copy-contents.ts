// Copies the contents of all objects that a copy of the database names, each checked on
// the way, to another folder.
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { CopiedBeside } from '../../sqlite/module.ts';
import { SYNC_BYTES } from '../../sqlite/sync-bytes.ts';
import { PIECE } from './content.ts';
import { toEntry } from './entries.ts';
import { fileOf, INCOMING, incomingOf } from './file-names.ts';

/** Damaged content is copied as it is, and reported. */
export function* copyContents(
  db: DatabaseSync,
  from: string,
  to: string,
  pace: (bytes: number) => void,
): Generator<CopiedBeside> {
  mkdirSync(join(to, INCOMING), { recursive: true, mode: 0o700 });
  for (const row of db.prepare('SELECT * FROM blob_object ORDER BY key').iterate()) {
    const { key, stamp, size, checks } = toEntry(row);
    // It may be on its way from the one place to the other.
    const places = [fileOf(key, stamp), incomingOf(stamp), fileOf(key, stamp)].map(path => join(from, path));
    const source = openFirst(places);
    if (source === undefined) {
      yield { bytes: 0, problem: `the content of object '${key}' is missing` };
      continue;
    }
    const target = join(to, fileOf(key, stamp));
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    const isSound = copyChecked(
      source,
      target,
      size,
      Buffer.from(checks.buffer, checks.byteOffset, checks.byteLength),
      pace,
    );
    yield { bytes: size, problem: isSound ? undefined : `the content of object '${key}' is damaged` };
  }
}

function openFirst(paths: readonly string[]): number | undefined {
  for (const path of paths) {
    try {
      return openSync(path, 'r');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  return undefined;
}

function copyChecked(
  source: number,
  path: string,
  size: number,
  checks: Buffer,
  pace: (bytes: number) => void,
): boolean {
  const piece = Buffer.allocUnsafe(PIECE);
  let isSound = true;
  let total = 0;
  const target = openSync(path, 'wx', 0o640);
  try {
    for (let start = 0; ; start += PIECE) {
      const read = readPiece(source, piece, start);
      if (read === 0) break;
      const bytes = piece.subarray(0, read);
      const index = (start / PIECE) * 4;
      isSound &&= index + 4 <= checks.length && crc32(bytes) === checks.readUInt32LE(index);
      for (let at = 0; at < read; ) at += writeSync(target, bytes, at);
      total += read;
      if (total % SYNC_BYTES === 0) fdatasyncSync(target);
      pace(read);
    }
    fsyncSync(target);
  } finally {
    closeSync(source);
    closeSync(target);
  }
  return isSound && total === size;
}

function readPiece(file: number, into: Buffer, at: number): number {
  let filled = 0;
  while (filled < into.length) {
    const read = readSync(file, into, filled, into.length - filled, at + filled);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}
