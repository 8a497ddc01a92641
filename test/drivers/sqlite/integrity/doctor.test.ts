// The doctor: names what is damaged, salvages the rest into a new file, and never
// changes what it looks at.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { eventLogModule } from '../../../../drivers/event-log/sqlite/module.ts';
import { checkDatabase, type Report, salvageDatabase } from '../../../../drivers/sqlite/integrity/doctor.ts';
import { rejectsWith } from '../../../contract/event-log/subject.ts';
import { type Contents, copyDatabase, fill, readContents, TOPIC } from '../../event-log/sqlite/filled-log.ts';
import { openInlineLog } from '../../event-log/sqlite/open-inline-log.ts';
import { type TemporaryFolder, temporaryFolder } from '../temporary-folder.ts';

const MODULES = [eventLogModule];
const FLIPS = Number(process.env['TENFOLD_FLIPS'] ?? 30);

describe('doctor of a database file', () => {
  let folder: TemporaryFolder;
  let contents: Contents;
  let left: string;
  let file: string;
  let to: string;
  let runs = 0;
  before(async () => {
    folder = temporaryFolder();
    let log = await openInlineLog(folder.file);
    await fill(log, 120);
    await log.close();
    log = await openInlineLog(folder.file);
    await fill(log, 40, 120);
    contents = await readContents(log);
    left = `${folder.path}/left/tenfold.db`;
    copyDatabase(folder.file, left);
    await log.close();
  });
  beforeEach(() => {
    file = `${folder.path}/sick/tenfold.db`;
    to = `${folder.path}/salvaged-${++runs}/tenfold.db`;
    copyDatabase(left, file);
  });
  after(() => folder.remove());

  const change = (part: string, edit: (bytes: Buffer) => void) => {
    const bytes = readFileSync(`${file}${part}`);
    edit(bytes);
    writeFileSync(`${file}${part}`, bytes);
    return bytes;
  };
  const flip = (bytes: Buffer, bit: number) => bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  const problemsOf = ({ problems, parts }: Report) => [
    ...problems,
    ...parts.flatMap(part => part.problems.map(text => `${part.part}: ${text}`)),
  ];
  const salvaged = async () => {
    const log = await openInlineLog(to);
    const found = await readContents(log);
    await log.close();
    return found;
  };

  it('finds a sound file sound, and counts what it holds', () => {
    const report = checkDatabase(file, MODULES);
    assert.deepEqual(problemsOf(report), []);
    assert.ok(report.isSound);
    const records = report.parts.filter(({ part }) => part.startsWith(`topic ${TOPIC}, `));
    assert.equal(
      records.reduce((sum, { sound }) => sum + sound, 0),
      160,
    );
  });

  it('salvages all of a sound file, offsets and positions as they were', async () => {
    assert.ok(salvageDatabase(file, to, MODULES).isSound);
    assert.deepEqual(await salvaged(), contents);
  });

  it('reads on behind a damaged frame of the WAL, where SQLite would stop', async () => {
    const bytes = change('-wal', wal => flip(wal, (wal.length >> 1) * 8));
    await assert.rejects(openInlineLog(file), /damaged at byte/);
    const report = salvageDatabase(file, to, MODULES);
    assert.ok(!report.isSound);
    assert.match(problemsOf(report).join(), /tenfold\.db-wal is damaged at byte \d+/);
    assert.ok(readFileSync(`${file}-wal`).equals(bytes), 'it is as it was');
    const found = await salvaged();
    assert.equal(found.records.flat().at(-1)?.headers['ce_id'], contents.records.flat().at(-1)?.headers['ce_id']);
  });

  it('names a damaged record, salvages all others, and leaves a gap in its place', async () => {
    const lost = contents.records[0]!.find(({ value }) => value.byteLength < 20)!;
    for (const part of ['', '-wal']) {
      change(part, bytes => {
        const place = bytes.indexOf(lost.value);
        if (place >= 0) flip(bytes, (place + 2) * 8);
      });
    }
    const report = salvageDatabase(file, to, MODULES);
    assert.deepEqual(problemsOf(report), [
      `topic ${TOPIC}, partition 0: records ${lost.offset} to ${lost.offset} are damaged or missing`,
    ]);
    const found = await salvaged();
    assert.deepEqual(
      found.records[0],
      contents.records[0]!.filter(record => record !== lost),
    );
    assert.deepEqual(found.records.slice(1), contents.records.slice(1));
    assert.ok(checkDatabase(to, MODULES).isSound, 'a gap that is known is no damage');
  });

  it('finds an index that is damaged alone, and salvages all that the table holds', async () => {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const root = db
      .prepare("SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'log_chunks'")
      .get();
    db.close();
    change('', bytes => bytes.fill(0, (Number(root?.['rootpage']) - 1) * 4096, Number(root?.['rootpage']) * 4096));
    const report = salvageDatabase(file, to, MODULES);
    assert.match(problemsOf(report).join(), /the index does not lead to the records from 0 on/);
    assert.deepEqual(await salvaged(), contents);
  });

  it(`mostly loses little to one flipped bit, always says so, and makes nothing up (${FLIPS} places)`, async function () {
    this.timeout(600_000 + FLIPS * 500);
    const known = new Map(contents.records.flat().map(record => [idOf(record), record]));
    let little = 0;
    for (let trial = 0; trial < FLIPS; trial++) {
      copyDatabase(left, file);
      const part = trial % 2 === 0 ? '' : '-wal';
      let bit = 0;
      change(part, bytes => {
        bit = Math.floor(Math.random() * bytes.length * 8);
        flip(bytes, bit);
      });
      const target = `${folder.path}/flipped-${trial}/tenfold.db`;
      const where = `bit ${bit} of tenfold.db${part}`;
      const report = salvageDatabase(file, target, MODULES);
      const log = await openInlineLog(target);
      const found = (await readContents(log)).records.flat();
      await log.close();
      for (const record of found) assert.deepEqual(record, known.get(idOf(record)), where);
      if (found.length < known.size)
        assert.ok(!report.isSound, `${where}: ${found.length} of ${known.size} and no word`);
      if (found.length >= known.size * 0.95) little++;
    }
    // A bit that hides a whole inner page is rare.
    assert.ok(little >= FLIPS * 0.8, `${little} of ${FLIPS}`);
  });

  it('refuses a file that is open, one that is not there, and a place that is taken', async () => {
    const log = await openInlineLog(file);
    await rejectsWith('storage-unusable', (async () => checkDatabase(file, MODULES))());
    await log.close();
    assert.throws(() => checkDatabase(`${file}-none`, MODULES), /There is no/);
    assert.throws(() => salvageDatabase(file, folder.file, MODULES), /there already/);
  });
});

const idOf = ({ key, offset, headers }: LogRecord) => `${key}/${offset}/${headers['ce_id']}`;
