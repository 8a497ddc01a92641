// What the folder blob store survives: killed writers, flipped bits, vanished files, links that
// lead away, a second process, old cursors.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { BlobStore } from '../../../../drivers/blob-store/blob-store.ts';
import { bytesOf, content, read, rejectsWith } from '../../../contract/blob-store/subject.ts';
import { eventually } from '../../../eventually.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { type OpenBlobsOptions, openBlobs } from './open-blobs.ts';
import { contentOf, startBlobWriter } from './writer-process.ts';

describe('faults of the folder blob store', () => {
  let folder: TemporaryFolder;
  let opened: BlobStore[];
  beforeEach(() => {
    folder = temporaryFolder();
    opened = [];
  });
  afterEach(async () => {
    for (const blobs of opened) await blobs.close();
    folder.remove();
  });
  const open = async (options?: OpenBlobsOptions) => {
    const blobs = await openBlobs(folder.path, options);
    opened.push(blobs);
    return blobs;
  };
  /** Contents, without the lock. */
  const files = () =>
    readdirSync(join(folder.path, 'blobs'), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && !entry.name.startsWith('folder.'))
      .map(entry => join(entry.parentPath, entry.name));

  it('leaves no half object, no orphan and no missed change when its process is killed, again and again', async () => {
    const last = new Map<string, number>();
    for (let round = 0; round < 8; round++) {
      const writer = await startBlobWriter(folder.path, (round + 1) * 1000);
      await new Promise(resolve => setTimeout(resolve, Math.random() * 150));
      await writer.kill();
      for (const [key, turn] of writer.acknowledged) last.set(key, turn);
      const blobs = await openBlobs(folder.path);
      const { blobs: listed } = await blobs.list('', { limit: 100 });
      for (const { key } of listed) {
        const turn = Number((await blobs.head(key))?.metadata['turn']);
        assert.ok(turn >= (last.get(key) ?? 0), `${key}: ${turn} is older than ${last.get(key)}`);
        assert.deepEqual(await read(blobs, key), Buffer.from(contentOf(key, turn)));
      }
      for (const key of last.keys())
        assert.ok(
          listed.some(blob => blob.key === key),
          `${key} is lost`,
        );
      assert.equal(files().length, listed.length);
      const told = new Set<string>();
      for (let after: string | undefined; ; ) {
        const page = await blobs.changes(after, { limit: 1000 });
        for (const { key, etag } of page.changes) told.add(`${key} ${etag}`);
        if (page.changes.length === 0) break;
        after = page.next;
      }
      for (const { key, etag } of listed) assert.ok(told.has(`${key} ${etag}`), `${key}: change not told`);
      await blobs.close();
    }
    assert.equal(last.size, 6);
  });

  it('finds a flipped bit wherever it is, names the object, and serves nothing of that part', async () => {
    const blobs = await open();
    await blobs.put('a/x.bin', content(600_000));
    const [file = ''] = files();
    const intact = readFileSync(file);
    for (const at of [0, 262_143, 262_144, 400_000, 599_999]) {
      const bytes = Buffer.from(intact);
      bytes[at] = (bytes[at] ?? 0) ^ 8;
      writeFileSync(file, bytes);
      const whole = await blobs.get('a/x.bin');
      assert.ok(whole);
      let given = 0;
      await assert.rejects(async () => {
        for await (const part of whole.body) given += part.length;
      }, /'a\/x\.bin' is damaged/);
      assert.ok(given <= at, `${given} bytes were served`);
      const range = await blobs.get('a/x.bin', { first: at, last: at });
      assert.ok(range);
      await rejectsWith('data-corrupt', bytesOf(range.body));
    }
    writeFileSync(file, intact.subarray(0, 500_000));
    const short = await blobs.get('a/x.bin');
    assert.ok(short);
    await rejectsWith('data-corrupt', bytesOf(short.body));
    await blobs.put('a/x.bin', content(5));
    assert.equal((await read(blobs, 'a/x.bin'))?.length, 5);
  });

  it('finds damage to what is known of an object and of a change', async () => {
    const blobs = await open();
    await blobs.put('x', content(5));
    await blobs.close();
    const db = new DatabaseSync(folder.file);
    db.exec('UPDATE blob_object SET size = 6; UPDATE blob_change SET size = 6');
    db.close();
    const again = await open();
    await rejectsWith('data-corrupt', again.get('x'));
    await rejectsWith('data-corrupt', again.changes(undefined, { limit: 1 }));
    assert.equal((await again.put('x', content(7))).written, true);
    assert.equal((await again.head('x'))?.size, 7);
  });

  it('says so when a file has vanished', async () => {
    const blobs = await open();
    await blobs.put('x', content(5));
    for (const file of files()) rmSync(file);
    await rejectsWith('data-corrupt', blobs.get('x'));
    assert.equal(await blobs.delete('x'), true);
  });

  it('does not follow a link that leads out of the folder', async () => {
    const blobs = await open();
    const outside = join(folder.path, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(folder.path, 'blobs', 'link'));
    await blobs.put('link/x', content(5));
    assert.deepEqual(readdirSync(outside), []);
    assert.equal((await read(blobs, 'link/x'))?.length, 5);
  });

  it('keeps files where people find them, and removes those and empty folders that are not needed', async () => {
    const blobs = await open();
    await blobs.put('photos/2026/cat.jpg', content(5, 1));
    assert.match(files().join(), /blobs\/photos\/2026\/cat~[0-9a-f]{16}\.jpg$/);
    await blobs.put('photos/2026/cat.jpg', content(5, 2));
    await eventually(() => files().length === 1, 'the old file is gone');
    await blobs.delete('photos/2026/cat.jpg');
    assert.deepEqual(readdirSync(join(folder.path, 'blobs')), ['.incoming']);
  });

  it('is refused to a second process, or to a second database', async () => {
    await open();
    await rejectsWith('storage-unusable', openBlobs(folder.path));
    const other = temporaryFolder();
    try {
      await rejectsWith('storage-unusable', openBlobs(other.path, { folder: join(folder.path, 'blobs') }));
    } finally {
      other.remove();
    }
  });

  it('tells who comes back with a cursor whose changes are kept no more', async () => {
    const world = createFakeWorld();
    const blobs = await open({ world, keepChangesMs: 1000 });
    const from = await blobs.latestChange();
    await blobs.put('a', content(1));
    const later = await blobs.latestChange();
    await world.pass(2000);
    await blobs.put('b', content(1));
    await rejectsWith('gone', blobs.changes(from, { limit: 10 }));
    const { changes } = await blobs.changes(later, { limit: 10 });
    assert.deepEqual(
      changes.map(({ key }) => key),
      ['b'],
    );
    assert.deepEqual(
      (await blobs.changes(undefined, { limit: 10 })).changes.map(({ key }) => key),
      ['b'],
    );
    await rejectsWith('gone', blobs.changes('99', { limit: 10 }));
  });

  it('lets go of its file when a body is destroyed, also before it was read', async () => {
    const blobs = await open();
    await blobs.put('x', content(600_000));
    const handles = () => readdirSync('/dev/fd').length;
    const before = handles();
    for (let turn = 0; turn < 20; turn++) (await blobs.get('x'))?.body.destroy();
    await eventually(() => handles() <= before, 'all files are closed');
  });
});
