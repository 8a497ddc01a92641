// F25, F28 for objects: a disk that is full, read-only or broken refuses at once, leaves nothing
// behind, and works again by itself.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { content, read } from '../../../contract/blob-store/subject.ts';
import { createFaultyDisk, type Faults, type FaultyDisk } from '../../event-log/sqlite/faulty-disk.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { type BlobProcess, startBlobProcess } from './blob-process.ts';
import { openBlobs } from './open-blobs.ts';

const { EIO, ENOSPC, EROFS } = constants.errno;

describe('a faulty disk under the folder blob store', () => {
  let folder: TemporaryFolder;
  let disk: FaultyDisk;
  let running: BlobProcess;
  beforeEach(async () => {
    folder = temporaryFolder();
    for (const name of ['blobs', 'tools']) mkdirSync(join(folder.path, name));
    disk = createFaultyDisk(join(folder.path, 'blobs'), join(folder.path, 'tools'));
    running = await startBlobProcess(folder.path, disk.environment);
  });
  afterEach(() => {
    running.kill();
    disk.close();
    folder.remove();
  });

  const faults: readonly [string, Faults, RegExp][] = [
    ['is full', { writeErrno: ENOSPC }, /^store-unavailable: There is no space left for .*blobs\. Free some/],
    ['is read-only', { writeErrno: EROFS }, /^store-unavailable: .*blobs cannot be written/],
    ['cannot be written', { writeErrno: EIO }, /^store-unavailable: .*blobs/],
    ['cannot be synced', { syncErrno: EIO }, /^store-unavailable: .*blobs/],
  ];
  for (const [what, fault, words] of faults) {
    it(`that ${what} makes errors that say so, leaves what was there, and works again by itself`, async () => {
      assert.equal(await running.put('kept', 300_000), 'written');
      disk.set(fault);
      assert.match(await running.put('kept', 400_000), words);
      assert.match(await running.put('new', 600_000), words);
      assert.deepEqual(
        readdirSync(join(folder.path, 'blobs', '.incoming')).filter(name => !name.startsWith('folder.')),
        [],
      );
      disk.set({});
      assert.equal(await running.put('after', 500_000), 'written');
      await running.end();
      const blobs = await openBlobs(folder.path);
      const { blobs: listed } = await blobs.list('', { limit: 10 });
      assert.deepEqual(
        listed.map(({ key, size }) => [key, size]),
        [
          ['after', 500_000],
          ['kept', 300_000],
        ],
      );
      for (const { key, size } of listed) assert.deepEqual(await read(blobs, key), Buffer.from(content(size)));
      await blobs.close();
    });
  }
});
