// What a platform says of an application whose SDK has another version than the platform.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { versionSkew } from '../../../server/functions/version-skew.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';

const installed = (version: string) => tempFolder({ 'node_modules/tenfold/package.json': JSON.stringify({ version }) });

describe('versions of the SDK and of the platform', () => {
  afterEach(removeTempFolders);

  it('are equal, or the SDK is the copy of the platform: nothing is said', () => {
    assert.equal(versionSkew(installed('0.2.0'), '0.2.0'), undefined);
    assert.equal(versionSkew(tempFolder({}), '0.2.0'), undefined);
  });

  it('differ: both are named, and the command that installs the newer one', () => {
    const folder = installed('0.1.0');
    assert.equal(
      versionSkew(folder, '0.2.0'),
      'The application has the package tenfold in version 0.1.0, and @tenfold/cli, which runs it, has version 0.2.0. ' +
        'Only equal versions are tested together. ' +
        `Run "npm install --save-dev --save-exact tenfold@0.2.0 @tenfold/cli@0.2.0" in ${folder}.`,
    );
  });

  for (const [sdk, platform, newer] of [
    ['0.10.0', '0.9.0', '0.10.0'],
    ['1.0.0-rc.1', '1.0.0', '1.0.0'],
    ['1.0.0-rc.10', '1.0.0-rc.9', '1.0.0-rc.10'],
    ['1.0.0', '1.0.0-rc.1', '1.0.0'],
  ] as const)
    it(`differ: of ${sdk} and ${platform}, ${newer} is the newer one`, () => {
      assert.ok(versionSkew(installed(sdk), platform)?.includes(`tenfold@${newer} @tenfold/cli@${newer}"`));
    });

  it('differ in a folder above, as in a repository of several applications', () => {
    const folder = installed('0.1.0');
    const shop = join(folder, 'apps/shop');
    mkdirSync(shop, { recursive: true });
    assert.ok(versionSkew(shop, '0.2.0')?.endsWith(` in ${folder}.`));
  });

  it('cannot be told of a package.json that has none', () => {
    const broken = tempFolder({ 'node_modules/tenfold/package.json': '{' });
    assert.equal(versionSkew(broken, '0.2.0'), undefined);
  });
});
