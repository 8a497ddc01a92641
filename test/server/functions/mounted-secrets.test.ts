// Secrets as the kubelet mounts them: read, followed when all links are changed at once, and
// nothing where there is none.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMountedSecrets } from '../../../server/functions/mounted-secrets.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

describe('mounted secrets', () => {
  after(removeTempFolders);

  /** As the kubelet does it: a new folder, to which one link then leads. */
  function mount(folder: string, version: string, entries: Record<string, string>): void {
    mkdirSync(join(folder, `..${version}`), { recursive: true });
    for (const [key, value] of Object.entries(entries)) {
      writeFileSync(join(folder, `..${version}`, key), value);
      try {
        symlinkSync(join('..data', key), join(folder, key));
      } catch {
        // There since the version before.
      }
    }
    symlinkSync(`..${version}`, join(folder, '..next'));
    renameSync(join(folder, '..next'), join(folder, '..data'));
  }

  it('are read, and read again when they are changed', async () => {
    const world = createFakeWorld();
    const root = tempFolder();
    const folder = join(root, 'shop', 'keys');
    mount(folder, '1', { alice: 'one' });
    const secrets = createMountedSecrets(world, root);
    const first = secrets('shop', 'keys');
    assert.deepEqual(first, { alice: 'one' });
    await world.pass(1000);
    assert.equal(secrets('shop', 'keys'), first, 'the same object as long as nothing has changed');
    mount(folder, '2', { alice: 'two\n' });
    assert.equal(secrets('shop', 'keys'), first, 'not looked at each time');
    await world.pass(1000);
    assert.deepEqual(secrets('shop', 'keys'), { alice: 'two' });
    rmSync(folder, { recursive: true });
    await world.pass(1000);
    assert.equal(secrets('shop', 'keys'), undefined);
  });

  it('are none where none is mounted', () => {
    assert.equal(createMountedSecrets(createFakeWorld(), tempFolder())('shop', 'keys'), undefined);
    assert.equal(createMountedSecrets(createFakeWorld(), undefined)('shop', 'keys'), undefined);
  });
});
