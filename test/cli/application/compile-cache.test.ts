// Compiled code is kept in the application's own folder, and nowhere else.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../run-cli.ts';

describe('compiled code', () => {
  it('makes no folder for an application that does not exist', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tenfold-missing-'));
    const { code } = await runCli(['dev', join(folder, 'missing')], { cwd: folder });
    assert.notEqual(code, 0);
    assert.equal(existsSync(join(folder, 'missing')), false);
    rmSync(folder, { recursive: true });
  });
});
