// A command that goes on after a restart stays with the application that it has found first.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findPlatform } from '../../../cli/platform/find-platform.ts';
import { writeState } from '../../fakes/admin-server.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

describe('the platform that is found again', () => {
  after(removeTempFolders);

  const write = (folder: string, admin: string, adminToken: string) => {
    mkdirSync(folder, { recursive: true });
    const addresses = { public: admin, internal: admin, admin };
    writeState(folder, { pid: process.pid, addresses, internalKeys: {}, adminToken });
  };

  it('is that of the same folder, where another application has begun nearer by', async () => {
    const outer = tempFolder();
    const cwd = join(outer, 'inner');
    mkdirSync(cwd);
    write(outer, 'http://127.0.0.1:1', 'outer');
    const first = await findPlatform({}, fakeTerminal({ cwd }));
    write(outer, 'http://127.0.0.1:2', 'outer anew');
    write(cwd, 'http://127.0.0.1:3', 'inner');
    const again = await first.findAgain?.();
    assert.deepEqual([again?.admin, again?.token], ['http://127.0.0.1:2', 'outer anew']);
    assert.equal((await again?.findAgain?.())?.token, 'outer anew');
  });
});
