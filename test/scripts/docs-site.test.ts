// The documentation as a folder of files, for any server.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../architecture/source-files.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';

describe('the site of the documentation', () => {
  after(removeTempFolders);

  it('has its pages, and leads to that of an error by the type that answers have', () => {
    const folder = tempFolder();
    const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
    execFileSync(process.execPath, [...flags, 'scripts/docs-site.ts', folder], { cwd: root, stdio: 'pipe' });
    assert.match(readFileSync(join(folder, 'index.html'), 'utf8'), /url=docs\/index\.html/);
    const errors = readFileSync(join(folder, 'errors/index.html'), 'utf8');
    const [, target = ''] = /<a href="([^"]+)"/.exec(errors) ?? [];
    assert.ok(existsSync(join(folder, 'errors', target)), target);
    assert.ok(errors.includes(`location.replace('${target}' + location.hash)`), errors);
  });
});
