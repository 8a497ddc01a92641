// Options that name two platforms, each pair of them, and those that go together.
import assert from 'node:assert/strict';
import { findPlatform } from '../../../cli/platform/find-platform.ts';
import type { PlatformChoice } from '../../../cli/platform/platform-options.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const FOLDER: PlatformChoice = { dir: 'shop' };
const ADDRESS: PlatformChoice = { admin: 'http://127.0.0.1:9', token: 't' };
const CLUSTER: Required<Pick<PlatformChoice, 'kubeconfig' | 'context' | 'platformNamespace' | 'serviceAccount'>> = {
  kubeconfig: 'none',
  context: 'prod',
  platformNamespace: 'tenfold',
  serviceAccount: 'shop/reader',
};

describe('options that name two platforms', () => {
  after(removeTempFolders);

  const find = (choice: PlatformChoice, env: Record<string, string> = {}) =>
    findPlatform(choice, { ...fakeTerminal({ cwd: tempFolder() }), env });
  const refused = (choice: PlatformChoice, first: string, second: string) =>
    assert.rejects(find(choice), {
      code: 'usage',
      message: `${first} and ${second} name different platforms: leave out one of them.`,
    });

  it('are refused, whichever two they are', async () => {
    await refused({ ...FOLDER, ...ADDRESS }, '--dir', '--admin');
    for (const [option, value] of Object.entries(CLUSTER)) {
      const flag = `--${option.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
      await refused({ ...FOLDER, [option]: value }, '--dir', flag);
      await refused({ ...ADDRESS, [option]: value }, '--admin', flag);
    }
  });

  it('are not those that go together, and one of them goes before the environment', async () => {
    assert.equal((await find(ADDRESS)).admin, ADDRESS.admin);
    await assert.rejects(find({ ...FOLDER, token: 't' }, { TENFOLD_ADMIN_URL: 'http://127.0.0.1:9' }), {
      code: 'no-platform',
    });
    await assert.rejects(find(CLUSTER, { TENFOLD_ADMIN_URL: 'http://127.0.0.1:9' }), error => {
      assert.doesNotMatch(String(error), /different platforms/);
      return true;
    });
  });
});
