// The doctor on the entries of objects: damage is named, the rest is saved, and nobody
// misses a change unnoticed.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { blobModule } from '../../../../drivers/blob-store/folder/module.ts';
import { checkDatabase, type Report, salvageDatabase } from '../../../../drivers/sqlite/integrity/doctor.ts';
import { rejectsWith } from '../../../contract/store/subject.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { openBlobs } from './open-blobs.ts';

const KEYS = ['a', 'b', 'c', 'd'];

describe('doctor of the folder blob store', () => {
  let folder: TemporaryFolder;
  let saved: string;
  let cursors: string[];
  beforeEach(async () => {
    folder = temporaryFolder();
    saved = `${folder.path}/saved`;
    const blobs = await openBlobs(folder.path);
    cursors = [];
    for (const key of KEYS) {
      await blobs.put(key, Buffer.from(`content of ${key}`));
      cursors.push(await blobs.latestChange());
    }
    await blobs.close();
  });
  afterEach(() => folder.remove());

  const damage = (sql: string) => {
    const db = new DatabaseSync(folder.file);
    assert.ok(db.prepare(sql).run().changes > 0);
    db.close();
  };
  const problemsOf = ({ parts }: Report) => parts.flatMap(({ problems }) => problems);
  const salvage = async () => {
    const report = salvageDatabase(folder.file, `${saved}/tenfold.db`, [blobModule]);
    cpSync(`${folder.path}/blobs`, `${saved}/blobs`, { recursive: true });
    return { report, blobs: await openBlobs(saved) };
  };

  it('finds a sound one sound, and saves all of it', async () => {
    assert.deepEqual(problemsOf(checkDatabase(folder.file, [blobModule])), []);
    const { report, blobs } = await salvage();
    assert.ok(report.isSound);
    assert.equal((await blobs.list('', { limit: 10 })).blobs.length, KEYS.length);
    assert.equal((await blobs.changes(cursors[1], { limit: 10 })).changes.length, 2);
    await blobs.close();
  });

  it('names the entry of an object that is damaged, and saves the others', async () => {
    damage("UPDATE blob_object SET size = 3 WHERE key = 'b'");
    const { report, blobs } = await salvage();
    assert.deepEqual(problemsOf(report), ["the entry of object 'b' does not match its checksum"]);
    assert.equal(await blobs.head('b'), undefined);
    assert.equal((await blobs.head('c'))?.size, 12);
    await blobs.close();
  });

  it('sends readers that stand before a lost change back to the list, and lets others go on', async () => {
    damage("UPDATE blob_change SET size = 3 WHERE key = 'c'");
    const { report, blobs } = await salvage();
    assert.match(problemsOf(report).join(), /^change \d+ of the journal does not match its checksum$/);
    await rejectsWith('gone', blobs.changes(cursors[1], { limit: 10 }));
    assert.deepEqual(
      (await blobs.changes(cursors[2], { limit: 10 })).changes.map(({ key }) => key),
      ['d'],
    );
    await blobs.close();
  });

  it('sends all back when the last change is lost', async () => {
    damage("UPDATE blob_change SET size = 3 WHERE key = 'd'");
    const { blobs } = await salvage();
    await rejectsWith('gone', blobs.changes(cursors[2], { limit: 10 }));
    assert.equal(await blobs.latestChange(), cursors[3]);
    await blobs.put('e', Buffer.from('new'));
    assert.equal((await blobs.changes(cursors[3], { limit: 10 })).changes.length, 1);
    await blobs.close();
  });
});
