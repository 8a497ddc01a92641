// Copies a database in use, in a thread of its own: its state at one moment, and the files that its
// modules store beside it. The copy is paced, checked, and whole or not at all.

import { createHash } from 'node:crypto';
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import type { MessagePort } from 'node:worker_threads';
import type { SqliteModule } from '../module.ts';
import { explain } from '../sqlite-error.ts';
import { SYNC_BYTES } from '../sync-bytes.ts';
import type { CopyData, FromCopier } from '../thread/messages.ts';
import type { BackupManifest } from './backup-manifest.ts';
import { type CopyPaceOptions, createCopyPace } from './copy-pace.ts';
import { PacedDatabase } from './paced-database.ts';

export const MANIFEST_FILE = 'backup.json';
export const COPY_FILE = 'tenfold.db';
export const COPY_BLOBS = 'blobs';
/** Pages of one step: as long as that nothing else of this thread happens. */
const PAGES = 64;
const PAGE_BYTES = 4096;
const CHUNK = 1 << 20;
/** Rows of the check after which it says how far it is. */
const ROWS_SAID = 1000;
/** A caller gives up when it hears nothing for two minutes. */
const LONGEST_SILENCE_MS = 5000;
/** The copier needs this of the machine beside files. */
export interface CopierSite extends Pick<CopyPaceOptions, 'now' | 'pause'> {
  /** Brings what was written to a file to the disk. */
  sync(handle: number): void;
}

type Modules = readonly Pick<SqliteModule, 'copyBeside' | 'doctor'>[];
type Say = (message: FromCopier) => void;
type Pace = (bytes: number) => void;

export async function runCopier(
  data: CopyData,
  modules: Modules,
  port: Pick<MessagePort, 'postMessage' | 'close'>,
  site: CopierSite = ownSite(),
): Promise<void> {
  const progress = createProgress(message => port.postMessage(message), site);
  const { say } = progress;
  try {
    say({ type: 'copied', manifest: await copyAll(data, modules, progress, site) });
  } catch (error) {
    say({ type: 'failed', message: explain(error, data.to) });
  }
  port.close();
}

interface CopyProgress {
  say: Say;
  /** Has it said later, when nothing else is said for some time. */
  note: Say;
  /** Says the newest message, again or for the first time, after a silence. */
  breakSilence(): void;
}

function createProgress(post: Say, { now }: Pick<CopierSite, 'now'>): CopyProgress {
  let newest: FromCopier | undefined;
  let saidAt = now();
  const say = (message: FromCopier) => {
    newest = message;
    saidAt = now();
    post(message);
  };
  return {
    say,
    note(message) {
      newest = message;
    },
    breakSilence() {
      if (newest !== undefined && now() - saidAt >= LONGEST_SILENCE_MS) say(newest);
    },
  };
}

/** All phases share it: each may be long, and one file of any size is read for its hash. */
function createTellingPace(bytesPerSecond: number, { breakSilence }: CopyProgress, { now, pause }: CopierSite): Pace {
  const pace = createCopyPace({
    bytesPerSecond,
    now,
    pause(ms) {
      // One piece at a low pace may be paused for longer than a caller waits.
      for (let left = ms; left > 0; left -= LONGEST_SILENCE_MS) {
        pause(Math.min(left, LONGEST_SILENCE_MS));
        breakSilence();
      }
    },
  });
  return bytes => {
    breakSilence();
    pace(bytes);
  };
}

async function copyAll(
  data: CopyData,
  modules: Modules,
  progress: CopyProgress,
  site: CopierSite,
): Promise<BackupManifest> {
  const { say, note } = progress;
  const { to, blobs, version, at, bytesPerSecond } = data;
  const pace = createTellingPace(bytesPerSecond, progress, site);
  const copy = join(to, COPY_FILE);
  mkdirSync(to, { mode: 0o700 });
  await copyDatabase(data.file, copy, say, pace, site);
  const problems: string[] = [];
  let rows = 0;
  let objects = 0;
  let objectBytes = 0;
  const db = new PacedDatabase(copy, bytes => {
    const told = ++rows % ROWS_SAID === 0 ? say : note;
    told({ type: 'checking', rows });
    pace(bytes);
  });
  let commits: number;
  try {
    say({ type: 'checking', rows });
    commits = Number(db.prepare('SELECT commits FROM tenfold_commits').get()?.['commits']);
    for (const { doctor } of modules)
      for (const { part, problems: found } of doctor?.examine(db, undefined) ?? [])
        problems.push(...found.map(text => `${part}: ${text}`));
    for (const { copyBeside } of modules) {
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

async function copyDatabase(file: string, copy: string, say: Say, pace: Pace, site: CopierSite): Promise<void> {
  const source = new DatabaseSync(file, { readOnly: true });
  let written: number | undefined;
  let unsynced = 0;
  try {
    // One moment for all: what is written meanwhile stays in the write-ahead log.
    source.exec('BEGIN');
    source.prepare('SELECT commits FROM tenfold_commits').get();
    await backup(source, copy, {
      rate: PAGES,
      progress({ totalPages, remainingPages }) {
        say({ type: 'copying', bytes: (totalPages - remainingPages) * PAGE_BYTES, of: totalPages * PAGE_BYTES });
        unsynced += PAGES * PAGE_BYTES;
        if (unsynced >= SYNC_BYTES) {
          // Closed only at the end: to close it takes the locks of this process off the file.
          written ??= openSync(copy, 'r');
          site.sync(written);
          unsynced = 0;
        }
        pace(PAGES * PAGE_BYTES);
      },
    });
  } finally {
    if (written !== undefined) closeSync(written);
    source.close();
  }
}

/** Stands still for a pause: the thread has nothing else to do. */
function ownSite(): CopierSite {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  return {
    now: () => Number(process.hrtime.bigint()) / 1e6,
    pause: ms => void Atomics.wait(cell, 0, 0, ms),
    sync: fdatasyncSync,
  };
}

/** `pace` is called for each piece. */
export function hashOf(path: string, pace: Pace = () => {}): string {
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
