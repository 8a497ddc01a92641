// The copier of a back-up, by its steps: each look at the clock is one millisecond, on any machine.
// The copy gets to the disk as it grows, and its check is paced.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { blobModule } from '../../../../drivers/blob-store/folder/module.ts';
import { eventLogModule } from '../../../../drivers/event-log/sqlite/module.ts';
import { searchModule } from '../../../../drivers/search-index/sqlite/module.ts';
import { COPY_FILE, runCopier } from '../../../../drivers/sqlite/backup/copier.ts';
import { PacedDatabase } from '../../../../drivers/sqlite/backup/paced-database.ts';
import { openFile } from '../../../../drivers/sqlite/open-file.ts';
import { SYNC_BYTES } from '../../../../drivers/sqlite/sync-bytes.ts';
import type { FromCopier } from '../../../../drivers/sqlite/thread/messages.ts';
import { storeModule } from '../../../../drivers/store/sqlite/module.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';

const MODULES = [eventLogModule, storeModule, searchModule, blobModule];
const MIB = 1024 ** 2;
const VALUES = 40;

/** A database of 40 MiB, in rows of which no checksum is right: the check reads each to its end. */
function largeDatabase(): string {
  const file = join(tempFolder({}), 'tenfold.db');
  const { db, close } = openFile(file, MODULES);
  const insert = db.prepare(
    "INSERT INTO store_row (scope, tbl, key, value, version, crc) VALUES ('s', 't', ?, ?, '1', 0)",
  );
  for (let n = 0; n < VALUES; n++) insert.run(`k${n}`, Buffer.alloc(MIB, n));
  close();
  return file;
}

describe('the copier of a back-up', () => {
  after(removeTempFolders);

  it('brings the copy to the disk as it grows, and pauses in its check as in its copy', async () => {
    const file = largeDatabase();
    const to = join(tempFolder({}), 'copy');
    let phase: FromCopier['type'] = 'copying';
    const syncs: string[] = [];
    const worked: Record<string, number> = {};
    const paused: Record<string, number> = {};
    let manifest: unknown;
    let clock = 0;
    await runCopier(
      { role: 'copier', file, to, blobs: undefined, version: '1', at: 0, bytesPerSecond: 1 << 30 },
      MODULES,
      {
        postMessage(message: FromCopier) {
          assert.notEqual(message.type, 'failed', JSON.stringify(message));
          phase = message.type;
          if (message.type === 'copied') ({ manifest } = message);
        },
        close() {},
      },
      {
        now() {
          worked[phase] = (worked[phase] ?? 0) + 1;
          return clock++;
        },
        pause(ms) {
          paused[phase] = (paused[phase] ?? 0) + ms;
          clock += ms;
        },
        sync: () => syncs.push(phase),
      },
    );
    assert.ok(manifest);
    const bytes = new DatabaseSync(join(to, COPY_FILE)).prepare('PRAGMA page_count').get();
    const whole = Math.floor((Number(bytes?.['page_count']) * 4096) / SYNC_BYTES);
    assert.ok(whole >= 5);
    assert.deepEqual(syncs, Array(whole).fill('copying'));
    // Each step is a look at the clock before and after it.
    for (const where of ['copying', 'checking']) {
      const steps = (worked[where] ?? 0) / 2;
      assert.ok(steps >= VALUES, `${steps} steps of ${where}`);
      assert.ok((paused[where] ?? 0) >= (steps - 2) * 3, `${paused[where]} ms of pauses in ${steps} steps of ${where}`);
    }
  });

  it('is never silent for long, in any phase, at any pace', async () => {
    const to = join(tempFolder({}), 'copy');
    const gaps: number[] = [];
    let [clock, heard] = [0, 0];
    let newest = '';
    const rows: number[] = [];
    await runCopier(
      // One MiB in 128 seconds.
      { role: 'copier', file: largeDatabase(), to, blobs: undefined, version: '1', at: 0, bytesPerSecond: 8192 },
      MODULES,
      {
        postMessage(message: FromCopier) {
          newest = message.type;
          if (message.type === 'checking') rows.push(message.rows);
          gaps.push(clock - heard);
          heard = clock;
        },
        close() {},
      },
      {
        now: () => clock,
        pause(ms) {
          clock += ms;
        },
        sync() {},
      },
    );
    assert.equal(newest, 'copied');
    // Copy, check and hash of 40 MiB each.
    assert.ok(clock > 3 * VALUES * 128_000, `${clock}`);
    assert.ok(Math.max(...gaps) <= 10_000, `silent for ${Math.max(...gaps)} ms`);
    // The newest number is told, and not one that was told before.
    assert.ok((rows.at(-1) ?? 0) >= VALUES, `${rows.at(-1)} rows`);
  });

  it('paces each row that a statement gives, however it is asked for', () => {
    const steps: number[] = [];
    const db = new PacedDatabase(':memory:', bytes => steps.push(bytes));
    db.exec(
      "CREATE TABLE t (n INTEGER, text TEXT, data BLOB); INSERT INTO t VALUES (1, 'ab', x'000000'), (2, 'c', NULL)",
    );
    const all = 'SELECT * FROM t ORDER BY n';
    assert.deepEqual(
      [...db.prepare(all).iterate()].map(({ n }) => n),
      [1, 2],
    );
    assert.deepEqual(steps.splice(0), [5, 1]);
    assert.deepEqual(
      db
        .prepare(all)
        .all()
        .map(({ n }) => n),
      [1, 2],
    );
    assert.deepEqual(steps.splice(0), [6]);
    assert.equal(db.prepare('SELECT * FROM t WHERE n = ?').get(1)?.['text'], 'ab');
    assert.equal(db.prepare('SELECT * FROM t WHERE n = ?').get(3), undefined);
    assert.deepEqual(steps.splice(0), [5, 0]);
    for (const { n } of db.prepare(all).iterate()) if (n === 1) break;
    db.exec('DROP TABLE t');
    db.close();
  });
});
