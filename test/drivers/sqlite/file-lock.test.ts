// The lock beside a database: one holder, and letting go of it twice is harmless.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { type Holder, lockFile } from '../../../drivers/sqlite/file-lock.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

describe('lock of a database file', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('keeps others off until it is released', () => {
    const lock = lockFile(folder.file);
    assert.throws(() => lockFile(folder.file), /in use by this process already/);
    lock.release();
    lockFile(folder.file).release();
  });

  const here: Holder = { pid: 1, host: 'tenfold-0', boot: 'a', startedMs: 5_000 };
  const holders: readonly [name: string, holder: Holder, said: RegExp][] = [
    ['itself', { ...here, startedMs: 5_020 }, /by this process already\. Only/],
    ['another process of this machine', { ...here, pid: 7 }, /by process 7 of this machine \(tenfold-0\)/],
    ['another pod', { ...here, host: 'tenfold-x2' }, /by process 1 of another pod or machine, tenfold-x2\./],
    [
      'a pod of the same name',
      { ...here, startedMs: 900_000 },
      /by process 1 of another container or pod .* tenfold-0/,
    ],
    [
      'one of that name on another machine',
      { ...here, boot: 'b' },
      /by process 1 of another container or pod .* tenfold-0/,
    ],
  ];
  for (const [name, holder, said] of holders) {
    it(`says that ${name} holds it, though both are process 1`, () => {
      const lock = lockFile(folder.file, holder);
      assert.throws(() => lockFile(folder.file, here), said);
      lock.release();
    });
  }

  it('says that it does not know who holds it when that one could not write it down', () => {
    const lock = lockFile(folder.file);
    writeFileSync(`${folder.file}.owner`, '');
    assert.throws(() => lockFile(folder.file), /in use by another process, which has not said who it is/);
    lock.release();
  });

  it('may be released twice, and does not take the lock of the next holder away', () => {
    const lock = lockFile(folder.file);
    lock.release();
    lock.release();
    const next = lockFile(folder.file);
    lock.release();
    assert.ok(existsSync(`${folder.file}.owner`));
    assert.throws(() => lockFile(folder.file), /in use/);
    next.release();
  });
});
