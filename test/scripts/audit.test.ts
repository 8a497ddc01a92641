// `make audit` tells what is wrong from what could not be asked.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';

/** Ends as the script does, with an npm that says this. */
async function audit(npm: string): Promise<{ readonly code: number; readonly said: string }> {
  const folder = tempFolder({ npm: `#!/bin/sh\n${npm}\n` });
  chmodSync(join(folder, 'npm'), 0o755);
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
  const run = promisify(execFile)('scripts/audit', { env });
  return await run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stdout, stderr }) => ({ code, said: stdout + stderr }),
  );
}

describe('scripts/audit', () => {
  after(removeTempFolders);

  it('asks for each lock file, and for signatures', async () => {
    const { code, said } = await audit('echo "found 0 vulnerabilities"');
    assert.equal(code, 0);
    assert.match(said, /== \.: npm audit --package-lock-only/);
    assert.match(said, /== \.: npm audit signatures/);
    assert.match(said, /== test\/mutation: npm audit --package-lock-only/);
  });

  it('ends with 1 where one has a hole, also where others could not be asked', async () => {
    const hole = 'case "$PWD" in */test/mutation) echo "1 high severity vulnerability"; exit 1;; esac';
    const { code, said } = await audit(`${hole}\necho "npm error audit endpoint returned an error"; exit 1`);
    assert.equal(code, 1);
    assert.match(said, /^1 of these found something wrong/m);
    assert.match(said, /could not be asked: nothing is known of them/);
  });

  it('ends with 2 where none could be asked', async () => {
    const { code, said } = await audit('echo "npm error code ENOTFOUND"; exit 1');
    assert.equal(code, 2);
    assert.doesNotMatch(said, /found something wrong/);
  });
});
