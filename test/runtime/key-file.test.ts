// A key that is replaced in its file while the function runs.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKeyFile } from '../../runtime/key-file.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';

describe('A key in a file', () => {
  after(removeTempFolders);

  it('is read again within a minute of being replaced, and not for every call', () => {
    const path = join(tempFolder(), 'token');
    let now = 5_000_000;
    const key = createKeyFile(path, () => now);
    writeFileSync(path, 'first\n');
    assert.equal(key(), 'first');
    writeFileSync(path, 'second');
    assert.equal(key(), 'first');
    now += 60_000;
    assert.equal(key(), 'second');
  });

  it('is kept when the file cannot be read for a moment', () => {
    const path = join(tempFolder(), 'token');
    let now = 0;
    const key = createKeyFile(path, () => now);
    writeFileSync(path, 'first');
    assert.equal(key(), 'first');
    rmSync(path);
    now += 60_000;
    assert.equal(key(), 'first');
    writeFileSync(path, 'second');
    assert.equal(key(), 'second');
  });

  it('that is not there is said with its path, and found once it is', () => {
    const path = join(tempFolder(), 'token');
    const key = createKeyFile(path);
    assert.throws(key, error => error instanceof Error && error.message.includes(path));
    writeFileSync(path, 'late');
    assert.equal(key(), 'late');
  });
});
