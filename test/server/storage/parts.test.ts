// The parts of a storage as the admin API shows them: the service of each, and how it does.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { realWorld } from '../../../core/world.ts';
import { loadConfig } from '../../../server/config/load.ts';
import { openStorage } from '../../../server/storage/open-storage.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';

describe('the parts of a storage', () => {
  after(removeTempFolders);

  const partsWith = async (env: Readonly<Record<string, string>>) => {
    const { config } = loadConfig({ role: 'serve', env, cwd: tempFolder() });
    assert.ok(config);
    const storage = await openStorage(realWorld, join(tempFolder(), 'data'), config);
    assert.ok(storage);
    const parts = storage.parts();
    await storage.close();
    return parts;
  };

  it('are embedded and usable where no service is configured', async () => {
    const usable = { driver: 'embedded', usable: true };
    assert.deepEqual(
      await partsWith({}),
      ['log', 'store', 'search', 'blobs'].map(part => ({ part, ...usable })),
    );
  });

  it('name the service that one is kept in, and why it cannot be used', async () => {
    const [log, store] = await partsWith({ TENFOLD_STORE_REDIS_URLS: 'redis://127.0.0.1:1' });
    assert.deepEqual([log?.driver, log?.usable], ['embedded', true]);
    assert.deepEqual([store?.driver, store?.usable], ['Redis', false]);
    assert.match(store?.reason ?? '', /^Redis \(store\) cannot be used: .*\.$/);
  });
});
