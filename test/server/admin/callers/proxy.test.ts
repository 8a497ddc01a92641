// Callers of the admin API behind a proxy: it is believed by its secret alone, and a page under its
// host name may call.
import assert from 'node:assert/strict';
import { proxyAuthenticator } from '../../../../server/admin/callers/proxy.ts';
import { adminPorts } from '../../../admin/running-admin.ts';
import { fakeResource, fakeView } from '../../../fakes/platform-view.ts';

const SECRET = 'a-secret-of-the-proxy';

describe('callers behind a proxy', () => {
  const start = adminPorts();
  const open = () =>
    start(fakeView({ resources: [fakeResource('Topic', 'orders', { namespace: 'shop' })] }), undefined, [
      proxyAuthenticator({
        secret: SECRET,
        secretHeader: 'x-tenfold-proxy-secret',
        userHeader: 'x-forwarded-user',
        groupsHeader: 'x-forwarded-groups',
        roles: [
          { group: 'shop-team', role: 'operator', namespaces: ['shop'] },
          { user: 'root@example.com', role: 'admin' },
        ],
      }),
    ]);
  const proven = { 'x-tenfold-proxy-secret': SECRET };
  const ann = { 'x-forwarded-user': 'ann@example.com', 'x-forwarded-groups': 'staff, shop-team' };

  it('have the roles of their groups and of their name', async () => {
    const ask = await open();
    const pause = (namespace: string) => `/api/consumers/Subscription/${namespace}/wall/pause`;
    assert.equal((await ask('/api/resources', { ...proven, ...ann })).status, 200);
    assert.equal((await ask(pause('shop'), { ...proven, ...ann }, 'POST')).status, 404);
    assert.equal((await ask(pause('till'), { ...proven, ...ann }, 'POST')).status, 403);
    const root = { ...proven, 'x-forwarded-user': 'root@example.com' };
    assert.equal((await ask('/api/objects', root)).status, 200);
    const guest = { ...proven, 'x-forwarded-user': 'guest@example.com', 'x-forwarded-groups': 'root@example.com' };
    assert.equal((await ask('/api/resources', guest)).status, 403);
  });

  for (const [name, headers] of Object.entries({
    'without the secret': ann,
    'with another secret': { ...ann, 'x-tenfold-proxy-secret': 'guessed' },
    'with the beginning of the secret': { ...ann, 'x-tenfold-proxy-secret': SECRET.slice(0, -1) },
    'with the secret as a token': { ...ann, authorization: `Bearer ${SECRET}` },
    'without a name': { ...proven, 'x-forwarded-groups': 'shop-team' },
    'with an empty name': { ...proven, ...ann, 'x-forwarded-user': '' },
  })) {
    it(`are not believed ${name}`, async () => {
      const answer = await (await open())('/api/resources', headers);
      assert.equal(answer.status, 401);
      assert.ok(!answer.text.includes(SECRET));
    });
  }

  it('call from pages of the name of the proxy, and from no other', async () => {
    const ask = await open();
    const page = { ...proven, ...ann, host: 'admin.example' };
    assert.equal((await ask('/api/resources', { ...page, origin: 'https://admin.example' })).status, 200);
    assert.equal((await ask('/api/resources', { ...page, origin: 'https://evil.example' })).status, 403);
    assert.equal((await ask('/api/resources', { ...page, 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal((await ask('/api/resources', { ...page, host: 'other.example' })).status, 403);
  });
});
