// The development container, as its own command line builds and opens it: a fresh clone is set up
// in it, by a user who is not root, and is checked there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { lchown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { docker, root } from './docker.ts';

const run = promisify(execFile);
const CLI = 'test/docker/devcontainer-cli/node_modules';
const LABEL = `dev.tenfold.test=${process.pid}`;
/** Of the user `node` in the container. */
const USER = 1000;
/** With images that are fetched. */
const LONGEST_MS = 3_600_000;

describe('the development container', function () {
  this.timeout(LONGEST_MS);
  let clone = '';
  let opened: { outcome: string; containerId: string; remoteUser: string; remoteWorkspaceFolder: string };

  const devcontainer = async (command: string, ...args: readonly string[]) => {
    const cli = join(root, CLI, '@devcontainers/cli/devcontainer.js');
    const where = ['--workspace-folder', clone, '--id-label', LABEL];
    const { stdout } = await run(process.execPath, [cli, command, ...where, ...args], { maxBuffer: 1 << 28 }).catch(
      error => assert.fail(`devcontainer ${command} ${args.join(' ')}: ${error.stderr}\n${error.stdout}`),
    );
    return stdout.trim();
  };
  const inside = (...args: readonly string[]) => devcontainer('exec', ...args);

  before(async () => {
    await run('make', ['--no-print-directory', `${CLI}/.package-lock.json`], { cwd: root });
    clone = join(tempFolder(), 'tenfold');
    await run('git', ['clone', '--quiet', '--no-hardlinks', root, clone]);
    await giveTo(clone, USER);
    opened = JSON.parse((await devcontainer('up')).split('\n').at(-1) ?? '');
  });
  after(async () => {
    const containers = await docker(['ps', '--all', '--quiet', '--filter', `label=${LABEL}`]);
    for (const id of containers.split('\n').filter(Boolean)) {
      const image = await docker(['inspect', '--format', '{{.Config.Image}}', id]);
      await docker(['rm', '--force', '--volumes', id]);
      // The command line makes one of the Dockerfile, and another one of it with the user's number.
      if (image.startsWith('vsc-')) await docker(['image', 'rm', '--force', image, image.replace(/-uid$/, '')]);
    }
    removeTempFolders();
  });

  it('opens the checkout for a user who is not root, set up', async () => {
    const { outcome, remoteUser, remoteWorkspaceFolder } = opened;
    assert.deepEqual([outcome, remoteUser, remoteWorkspaceFolder], ['success', 'node', '/workspaces/tenfold']);
    assert.equal(await inside('id', '-u'), String(USER));
    assert.match(await inside('npx', 'tenfold', '--version'), /^\d+\.\d+\.\d+/);
    assert.equal(await inside('git', 'status', '--porcelain'), '');
  });

  it('has what tests and make install-services begin with', async () => {
    assert.match(await inside('cc', '--version'), /Free Software Foundation/);
    assert.match(await inside('go', 'version'), /go1\.\d+/);
    assert.match(await inside('test/services/find-java', '21'), /\/bin\/java$/);
    assert.match(await inside('python3', '--version'), /^Python 3/);
    assert.equal(await inside('sudo', '--non-interactive', 'id', '-u'), '0');
  });

  it('passes make check', async () => {
    assert.match(await inside('make', 'check'), /\d+ passing/);
  });
});

/** Root alone can, and only what root has made is somebody else's in the container. */
async function giveTo(folder: string, user: number): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const paths = await readdir(folder, { recursive: true });
  for (const path of ['', ...paths]) await lchown(join(folder, path), user, user);
}
