// The licences of the packages whose code is in the pages that ship.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { buildConsole } from '../../scripts/build-console.ts';
import { buildDocs } from '../../scripts/build-docs.ts';
import { noticesOf, packagesOf } from '../../scripts/notices.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';

describe('the licences of bundled packages', () => {
  after(removeTempFolders);

  it('go with the pages, each with its text', async () => {
    const folder = tempFolder();
    const [{ inputs }, docs] = await Promise.all([buildConsole(join(folder, 'a')), buildDocs(join(folder, 'b'))]);
    const packages = [...new Set(packagesOf([...inputs, ...docs]))];
    assert.ok(packages.includes('preact') && packages.includes('minisearch'), packages.join(' '));
    for (const name of packages) assert.match(noticesOf([name]), /permission|redistribution|licensed under/i, name);
  });

  it('are in one file, by name and version', () => {
    const text = noticesOf(['uplot', 'preact', 'preact']);
    assert.match(text, /^preact \d+\.\d+\.\S+ \(MIT\)$[\s\S]*^uplot \d+\.\d+\.\d+ \(MIT\)$/m);
    assert.equal(text.split('\npreact ').length, 2);
  });
});
