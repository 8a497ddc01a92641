// The first page of a database file: its header, and the schema that leads to all other pages.
// One flipped bit there must not take the rest along.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { eventLogModule } from '../../../../drivers/event-log/sqlite/module.ts';
import { type Report, salvageDatabase } from '../../../../drivers/sqlite/integrity/doctor.ts';
import { storeModule } from '../../../../drivers/store/sqlite/module.ts';
import { type Contents, copyDatabase, fill, readContents } from '../../event-log/sqlite/filled-log.ts';
import { openInlineLog } from '../../event-log/sqlite/open-inline-log.ts';
import { type TemporaryFolder, temporaryFolder } from '../temporary-folder.ts';

const MODULES = [eventLogModule];
const PAGE = 4096;
/** It has no common factor with the bits of a byte, so that each of them has its turn. */
const STEP = 331;

describe('the first page of a database', () => {
  let folder: TemporaryFolder;
  let contents: Contents;
  let file: string;
  let sound: Buffer;
  let runs = 0;
  before(async () => {
    folder = temporaryFolder();
    const log = await openInlineLog(folder.file);
    await fill(log, 120);
    contents = await readContents(log);
    file = `${folder.path}/sick/tenfold.db`;
    copyDatabase(folder.file, file);
    await log.close();
    const db = new DatabaseSync(file);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    sound = readFileSync(file);
  });
  after(() => folder.remove());

  const forget = (bytes: Buffer, table: string) => {
    writeFileSync(file, bytes);
    const db = new DatabaseSync(file, { defensive: false });
    db.exec(`PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = '${table}'`);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    return readFileSync(file);
  };

  /** What is left of the file with these bytes. */
  const salvage = async (bytes: Buffer, modules = MODULES): Promise<{ report: Report; found: Contents }> => {
    writeFileSync(file, bytes);
    const to = `${folder.path}/salvaged-${++runs}/tenfold.db`;
    const report = salvageDatabase(file, to, modules);
    const log = await openInlineLog(to);
    const found = await readContents(log);
    await log.close();
    return { report, found };
  };
  for (const [what, before, after] of [
    ['a column', 'topic INTEGER NOT NULL, number', 'topib INTEGER NOT NULL, number'],
    ['a word', 'CREATE TABLE log_positions', 'CREATE TCBLE log_positions'],
    ['the name of a table', 'log_chunkslog_chunks', 'log_chqnkslog_chunks'],
    ['the kind of an entry', 'tablelog_topics', 'tacle'],
    ['a byte that is no UTF-8', 'metadata TEXT', 'm\xe5t'],
  ] as const)
    it(`is mended where ${what} is damaged`, async () => {
      const bytes = Buffer.from(sound);
      const at = bytes.subarray(0, PAGE).indexOf(before);
      assert.ok(at > 0, 'it is in the first page');
      bytes.write(after, at, 'latin1');
      const { report, found } = await salvage(bytes);
      assert.ok(!report.isSound);
      assert.match(report.problems.join(), /the schema of \w+ \S+ is damaged/);
      assert.deepEqual(found, contents);
    });

  it('is mended where the size of its pages, or another field of its header, is damaged', async () => {
    const bytes = Buffer.from(sound);
    for (const at of [3, 17, 18, 21, 47, 59]) bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at);
    const { report, found } = await salvage(bytes);
    assert.match(report.problems.join(), /the header of the file is damaged/);
    assert.deepEqual(found, contents);
  });

  it('costs a table whose entry is lost, says which, and leaves the others', async () => {
    const { report, found } = await salvage(forget(sound, 'log_positions'));
    assert.match(report.problems.join(), /table log_positions is lost/);
    assert.deepEqual(found.records, contents.records);
    assert.deepEqual(found.positions, [undefined, undefined]);
  });

  it('says that a newer program wrote it, and leaves what that has changed as it is', async () => {
    writeFileSync(file, sound);
    const db = new DatabaseSync(file);
    db.exec('ALTER TABLE log_lives ADD COLUMN later INTEGER; UPDATE tenfold_modules SET version = 1000');
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    const { report, found } = await salvage(readFileSync(file));
    assert.match(report.problems.join(), /log has version 1000, this program knows \d+/);
    assert.doesNotMatch(report.problems.join(), /is damaged/);
    assert.deepEqual(found.records, contents.records);
  });

  it('takes no table that is made while the program runs for another one', async () => {
    writeFileSync(file, sound);
    const db = new DatabaseSync(file);
    db.exec(
      'CREATE TABLE log_livez (name TEXT PRIMARY KEY, first INTEGER NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID',
    );
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    const { report } = await salvage(readFileSync(file));
    assert.deepEqual(report.problems, []);
  });

  it('is sound without the tables of a module that was never in it', async () => {
    const { report } = await salvage(sound, [eventLogModule, storeModule]);
    assert.deepEqual(report.problems, []);
    assert.ok(report.isSound);
  });

  it('loses nothing in silence to any flipped bit, and little to most', async function () {
    this.timeout(600_000);
    const known = JSON.stringify(contents.records);
    let [flips, whole] = [0, 0];
    for (let bit = 0; bit < PAGE * 8; bit += STEP, flips++) {
      const bytes = Buffer.from(sound);
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const { report, found } = await salvage(bytes);
      if (JSON.stringify(found.records) === known) whole++;
      else assert.ok(!report.isSound, `bit ${bit}: a loss and no word`);
    }
    assert.ok(whole >= flips * 0.9, `${whole} of ${flips}`);
  });
});
