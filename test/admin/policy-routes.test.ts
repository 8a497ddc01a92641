// The endpoints of caches and policies over the real admin server.
import assert from 'node:assert/strict';
import { noPolicies, type PurgeQuery } from '../../admin/policy-view.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { type AnnouncedAdmin, announceAdmin } from '../fakes/admin-server.ts';
import { fakeView } from '../fakes/platform-view.ts';

describe('the admin API of policies', () => {
  let admin: AnnouncedAdmin;
  const purged: PurgeQuery[] = [];
  before(async () => {
    const policies = { ...noPolicies, purge: async (query: PurgeQuery) => purged.push({ ...query }) };
    admin = await announceAdmin(fakeView({ policies }), tempFolder());
  });
  after(() => {
    admin.close();
    removeTempFolders();
  });
  const ask = (path: string, method = 'GET', token = admin.token) =>
    fetch(`${admin.url}/api${path}`, { method, headers: { authorization: `Bearer ${token}` } });

  it('answers what policies do', async () => {
    assert.deepEqual(await (await ask('/policies')).json(), { breakers: [], limits: [], retries: [] });
    assert.deepEqual(await (await ask('/cache')).json(), { answers: 0, bytes: 0, routes: [] });
  });

  it('purges what is selected', async () => {
    const answer = await ask('/cache?namespace=default&tag=menu', 'DELETE');
    assert.deepEqual([answer.status, await answer.json()], [200, { purged: 1 }]);
    assert.deepEqual(purged, [{ namespace: 'default', tag: 'menu' }]);
  });

  const refused: Record<string, [string, string, number]> = {
    'to purge everything without being told': ['/cache', 'DELETE', 400],
    'to purge everything when told in another word': ['/cache?all=yes', 'DELETE', 400],
    'a selector that it does not know': ['/cache?paht=/x', 'DELETE', 400],
    'another method': ['/cache', 'POST', 405],
    'to change policies': ['/policies', 'DELETE', 405],
  };
  for (const [name, [path, method, status]] of Object.entries(refused)) {
    it(`refuses ${name}`, async () => {
      const before = purged.length;
      assert.equal((await ask(path, method)).status, status);
      assert.equal(purged.length, before);
    });
  }

  it('refuses who has no token', async () => {
    assert.equal((await ask('/cache?all=true', 'DELETE', 'wrong')).status, 401);
  });
});
