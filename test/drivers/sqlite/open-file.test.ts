// Opening a database file: locked, foreign, newer, damaged and unwritable ones are refused, by
// name and with what to do.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { assertRecentSqlite } from '../../../drivers/sqlite/open-file.ts';
import { openNotes } from './notes.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';
import { startWriter } from './writer-process.ts';

const refuses = (file: string, code: string, ...words: RegExp[]) =>
  assert.rejects(openNotes(file), (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error);
    assert.equal(error.code, code, error.message);
    for (const word of words) assert.match(error.message, word);
    assert.ok(error.message.includes(file), error.message);
    return true;
  });

describe('opening a database file', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  const fill = async (file: string) => {
    const notes = await openNotes(file);
    await notes.put('kept');
    await notes.database.close();
  };

  it('makes its folder', async () => {
    const file = `${folder.path}/some/where/tenfold.db`;
    await fill(file);
    assert.equal(readFileSync(file, 'latin1').slice(0, 15), 'SQLite format 3');
  });

  it('is refused while this process has it open', async () => {
    const notes = await openNotes(folder.file);
    await refuses(folder.file, 'storage-unusable', /in use by this process already/);
    await notes.put('the first one still works');
    await notes.database.close();
    await fill(folder.file.replace('.db', '-other.db'));
  });

  it('is refused while another process has it open, naming that one, until it is gone, however it went', async () => {
    const other = await startWriter(folder.file);
    await refuses(folder.file, 'storage-unusable', new RegExp(`process ${other.pid}\\b`), /Only one process/);
    await other.kill();
    await fill(folder.file);
  });

  const foreign: readonly [string, (file: string) => void, RegExp][] = [
    ['a text', file => writeFileSync(file, 'not a database, but notes about coffee'.repeat(20)), /no database/],
    ['a few bytes', file => writeFileSync(file, 'SQL'), /no database/],
    ['the database of another program', file => writeDatabase(file, 'CREATE TABLE theirs (a)'), /another program/],
  ];
  for (const [what, write, word] of foreign) {
    it(`is refused for ${what}, which stays as it is`, async () => {
      write(folder.file);
      const before = readFileSync(folder.file);
      await refuses(folder.file, 'storage-unusable', word, /not touched/, /Move it away/);
      assert.ok(readFileSync(folder.file).equals(before));
    });
  }

  it('takes an empty file for a new one', async () => {
    writeFileSync(folder.file, '');
    await fill(folder.file);
  });

  it('brings an older schema up to date and keeps what it holds', async () => {
    const old = `${folder.path}/v1.db`;
    await fill(old);
    renameSync(old, folder.file);
    renameSync(`${old}.acknowledged`, `${folder.file}.acknowledged`);
    const notes = await openNotes(folder.file);
    assert.deepEqual((await notes.read()).keys, ['kept']);
    await notes.database.close();
    assert.deepEqual(columnsOf(folder.file), ['key', 'value', 'more']);
  });

  it('is refused for a newer schema', async () => {
    await fill(folder.file);
    const old = `${folder.path}/v1.db`;
    copyFileSync(folder.file, old);
    await refuses(old, 'storage-unusable', /newer Tenfold/, /notes has version 2, this program knows 1/);
  });

  it('is refused when a small table is damaged', async () => {
    await fill(folder.file);
    const bytes = readFileSync(folder.file);
    const page = bytes.indexOf('kept') >> 12;
    bytes.writeUInt8(0xff, page * 4096 + 5);
    writeFileSync(folder.file, bytes);
    await refuses(folder.file, 'data-corrupt', /damaged/, /tenfold doctor/);
  });

  it('is refused when the file that was acknowledged was replaced by an older one', async () => {
    await fill(folder.file);
    const before = readFileSync(folder.file);
    const notes = await openNotes(folder.file);
    await notes.put('acknowledged later');
    await notes.database.close();
    writeFileSync(folder.file, before);
    await refuses(folder.file, 'data-corrupt', /ends at commit 1, but commit 2 was acknowledged/, /\.acknowledged/);
  });

  it('is refused where there is no folder to be had', async () => {
    writeFileSync(`${folder.path}/file`, '');
    await refuses(`${folder.path}/file/tenfold.db`, 'storage-unusable');
    mkdirSync(`${folder.path}/folder.db`);
    await refuses(`${folder.path}/folder.db`, 'storage-unusable');
  });

  it('is refused with a SQLite that can damage files', () => {
    for (const version of ['3.51.2', '3.50.9', '2.99.99']) {
      assert.throws(() => assertRecentSqlite(version), new RegExp(`SQLite ${version.replaceAll('.', '\\.')}`));
    }
    for (const version of ['3.51.3', '3.52.0', '4.0.0']) assertRecentSqlite(version);
  });
});

function writeDatabase(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

function columnsOf(file: string): unknown[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const columns = db
    .prepare('PRAGMA table_info(notes)')
    .all()
    .map(row => row['name']);
  db.close();
  return columns;
}
