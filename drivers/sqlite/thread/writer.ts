// The one connection that writes: a frame of requests becomes one transaction, in which each
// request stands or falls alone.
import type { DatabaseSync } from 'node:sqlite';
import { ByteReader, type ByteWriter } from '../bytes.ts';
import type { Acknowledged } from '../integrity/acknowledged.ts';
import type { ModuleWriter } from '../module.ts';
import { concernsFile } from '../sqlite-error.ts';
import { PROBE } from './messages.ts';
import { failedFrame, serveFrame } from './serve-frame.ts';

/** WAL since the last checkpoint from which on the next one is due, bytes. */
const CHECKPOINT_BYTES = 8 << 20;
/** About what a small commit writes beside its data: three pages. */
const COMMIT_BYTES = 3 * 4096;
/** Fewer free pages than that are kept for what comes next. */
const MIN_FREE_PAGES = 1024;
const VACUUM = 'PRAGMA incremental_vacuum(256)';

export interface Writer {
  commit(frame: Uint8Array): ByteWriter;
  /**
   * Copies the WAL into the database when there is enough of it; to be called
   * once the reply has gone out.
   */
  checkpointIfDue(): void;
}

export function createWriter(
  db: DatabaseSync,
  file: string,
  writers: readonly ModuleWriter[],
  acknowledged: Acknowledged,
): Writer {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const end = db.prepare('COMMIT');
  const undo = db.prepare('ROLLBACK');
  const save = db.prepare('SAVEPOINT request');
  const release = db.prepare('RELEASE request');
  const back = db.prepare('ROLLBACK TO request');
  const count = db.prepare('UPDATE tenfold_commits SET commits = ?');
  const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  const freePages = db.prepare('PRAGMA freelist_count');
  const allPages = db.prepare('PRAGMA page_count');
  let commits = Number(db.prepare('SELECT commits FROM tenfold_commits').get()?.['commits']);
  let walBytes = CHECKPOINT_BYTES; // what an earlier process left goes at the first opportunity

  const handle = (module: number, request: ByteReader, reply: ByteWriter) => {
    if (module === PROBE) return;
    const writer = writers[module];
    if (!writer) throw new RangeError(`no module ${module}`);
    save.run();
    try {
      writer.write(request, reply);
    } catch (error) {
      // Some errors of the file have ended the transaction already.
      if (db.isTransaction) {
        back.run();
        release.run();
      }
      writer.rolledBack();
      throw error;
    }
    release.run();
  };

  /** Gives free pages back to the disk, some at a time. */
  const shrink = () => {
    const free = Number(freePages.get()?.['freelist_count']);
    if (free > MIN_FREE_PAGES && free > Number(allPages.get()?.['page_count']) / 4) db.exec(VACUUM);
  };

  return {
    commit(frame) {
      try {
        begin.run();
        const reply = serveFrame(
          new ByteReader(frame),
          handle,
          file,
          error => concernsFile(error) || !db.isTransaction,
        );
        count.run(commits + 1);
        end.run();
        commits++;
        acknowledged.set(commits);
        walBytes += frame.byteLength + COMMIT_BYTES;
        return reply;
      } catch (error) {
        if (db.isTransaction) undo.run();
        for (const writer of writers) writer.rolledBack();
        // The remains of a failed commit in the WAL look like a commit: begin a new WAL as soon as
        // there is a good one.
        walBytes = CHECKPOINT_BYTES;
        return failedFrame(error, file);
      }
    },
    checkpointIfDue() {
      if (walBytes < CHECKPOINT_BYTES) return;
      try {
        const { log, checkpointed } = checkpoint.get() ?? {};
        // A reader held it up: try again soon.
        walBytes = log === checkpointed ? 0 : CHECKPOINT_BYTES - (1 << 20);
        shrink();
      } catch {
        walBytes = CHECKPOINT_BYTES - (1 << 20); // a full disk, for example: the commits themselves say so
      }
    },
  };
}
