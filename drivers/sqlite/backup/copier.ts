// Copies a database in use, in a thread of its own: its state at one moment, and the files that its
// modules store beside it. The copy is paced, checked, and whole or not at all.

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import type { MessagePort } from 'node:worker_threads';
import type { SqliteModule } from '../module.ts';
import { explain } from '../sqlite-error.ts';
import type { CopyData, FromCopier } from '../thread/messages.ts';
import type { BackupManifest } from './backup-manifest.ts';
import { createCopyPace } from './copy-pace.ts';

export const MANIFEST_FILE = 'backup.json';
export const COPY_FILE = 'tenfold.db';
export const COPY_BLOBS = 'blobs';
/** Pages of one step: as long as that nothing else of this thread happens. */
const PAGES = 64;
const PAGE_BYTES = 4096;
const CHUNK = 1 << 20;

export async function runCopier(data: CopyData, modules: readonly SqliteModule[], port: MessagePort): Promise<void> {
  const say = (message: FromCopier) => port.postMessage(message);
  try {
    say({ type: 'copied', manifest: await copyAll(data, modules, say) });
  } catch (error) {
    say({ type: 'failed', message: explain(error, data.to) });
  }
  port.close();
}

async function copyAll(
  { file, to, blobs, version, at, bytesPerSecond }: CopyData,
  modules: readonly SqliteModule[],
  say: (message: FromCopier) => void,
): Promise<BackupManifest> {
  const pace = paceOf(bytesPerSecond);
  const copy = join(to, COPY_FILE);
  mkdirSync(to, { mode: 0o700 });
  const source = new DatabaseSync(file, { readOnly: true });
  try {
    // One moment for all: what is written meanwhile stays in the write-ahead log.
    source.exec('BEGIN');
    source.prepare('SELECT commits FROM tenfold_commits').get();
    await backup(source, copy, {
      rate: PAGES,
      progress({ totalPages, remainingPages }) {
        say({ type: 'copying', bytes: (totalPages - remainingPages) * PAGE_BYTES, of: totalPages * PAGE_BYTES });
        pace(PAGES * PAGE_BYTES);
      },
    });
  } finally {
    source.close();
  }
  const problems: string[] = [];
  let objects = 0;
  let objectBytes = 0;
  const db = new DatabaseSync(copy);
  let commits: number;
  try {
    commits = Number(db.prepare('SELECT commits FROM tenfold_commits').get()?.['commits']);
    for (const { copyBeside, doctor } of modules) {
      for (const { part, problems: found } of doctor?.examine(db, undefined) ?? [])
        problems.push(...found.map(text => `${part}: ${text}`));
      if (copyBeside === undefined || blobs === undefined) continue;
      for (const { bytes, problem } of copyBeside(db, blobs, join(to, COPY_BLOBS), pace)) {
        objects++;
        objectBytes += bytes;
        if (problem !== undefined) problems.push(problem);
        say({ type: 'copying-objects', objects, bytes: objectBytes });
      }
    }
  } finally {
    db.close();
  }
  for (const suffix of ['-wal', '-shm']) rmSync(`${copy}${suffix}`, { force: true });
  syncPath(copy);
  const database = { bytes: statSync(copy).size, sha256: hashOf(copy, pace) };
  const manifest: BackupManifest = { format: 1, at, version, commits, database, objects, objectBytes, problems };
  writeFileSync(join(to, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
  syncPath(to);
  return manifest;
}

/** Stands still: the thread has nothing else to do. */
function paceOf(bytesPerSecond: number): (bytes: number) => void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  return createCopyPace({
    bytesPerSecond,
    now: () => Number(process.hrtime.bigint()) / 1e6,
    pause: ms => void Atomics.wait(cell, 0, 0, ms),
  });
}

/** `pace` is called for each piece. */
export function hashOf(path: string, pace: (bytes: number) => void = () => {}): string {
  const hash = createHash('sha256');
  const handle = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let read = readSync(handle, buffer); read > 0; read = readSync(handle, buffer)) {
      hash.update(buffer.subarray(0, read));
      pace(read);
    }
  } finally {
    closeSync(handle);
  }
  return hash.digest('hex');
}

/** A file, or the names in a folder. */
export function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
