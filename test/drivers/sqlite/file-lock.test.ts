// The lock beside a database: one holder, and letting go of it twice is harmless.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { lockFile } from '../../../drivers/sqlite/file-lock.ts';
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
