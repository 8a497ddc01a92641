// API keys: who has one, how one changes without a restart, and that nobody else gets to see it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createApiKeys } from '../../../gateway/auth/api-keys.ts';
import { toRequestEntry } from '../../../server/listeners/request-entry.ts';
import { type Echo, startUpstream } from '../../fakes/echo-upstream.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { ordersYaml, shopYaml } from '../api/shop-yaml.ts';
import { serveYaml } from '../serve-yaml.ts';
import { startIssuer } from './test-issuer.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('auth.apiKey', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let served: Awaited<ReturnType<typeof serveYaml>>;
  let entries: Record<string, string> | undefined;

  const yaml = shopYaml(
    '  auth: { apiKey: { secret: shop-keys } }',
    `    - { match: { path: /orders }, to: { function: orders } }
    - { match: { path: /open }, to: { function: orders }, auth: { required: false } }
    - { match: { path: /mobile }, to: { function: orders }, auth: { allow: "\${consumer == 'mobile'}" } }`,
  );
  const call = (path: string, headers: Record<string, string> = {}) => fetch(served.address + path, { headers });

  before(async () => {
    upstream = await startUpstream();
    entries = { mobile: sha256('key of mobile'), web: sha256('key of web').toUpperCase() };
    served = await serveYaml(yaml + ordersYaml, { functions: { orders: upstream.origin }, secrets: () => entries });
  });
  after(async () => {
    await served.close();
    await upstream.close();
  });

  it('lets in who has a key, and tells consumers apart', async () => {
    assert.equal((await call('/orders', { 'x-api-key': 'key of web' })).status, 200);
    assert.equal((await call('/mobile', { 'x-api-key': 'key of mobile' })).status, 200);
    assert.equal((await call('/mobile', { 'x-api-key': 'key of web' })).status, 403);
  });

  const wrong: Record<string, Record<string, string>> = {
    'no key': {},
    'an unknown key': { 'x-api-key': 'guessed' },
    'the hash of a key': { 'x-api-key': sha256('key of web') },
    'an empty key': { 'x-api-key': '' },
    'a key under another spelling of the name': { x_api_key: 'key of web' },
  };
  for (const [name, headers] of Object.entries(wrong)) {
    it(`answers ${name} with 401 and how to send one`, async () => {
      const answer = await call('/orders', headers);
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get('www-authenticate'), 'ApiKey realm="shop", header="x-api-key"');
    });
  }

  it('refuses two keys at once', async () => {
    const headers: [string, string][] = [
      ['x-api-key', 'key of web'],
      ['x-api-key', 'key of web'],
    ];
    assert.equal((await fetch(`${served.address}/orders`, { headers })).status, 401);
  });

  it('never forwards the key, in no spelling, also where nobody asks for it', async () => {
    for (const path of ['/orders', '/open']) {
      const answer = await call(path, { 'x-api-key': 'key of web', X_Api_Key: 'key of web' });
      assert.equal(answer.status, 200);
      assert.ok(!JSON.stringify((await answer.json()) as Echo).includes('key of web'));
    }
  });

  it('never logs the key or shows it in an answer', async () => {
    const answer = await call('/orders', { 'x-api-key': 'secret guess' });
    const seen =
      (await answer.text()) + JSON.stringify([served.logged, served.answered.map(toRequestEntry), [...answer.headers]]);
    assert.ok(!seen.includes('secret guess'));
  });

  it('takes a new key at once, without a restart', async () => {
    assert.equal((await call('/orders', { 'x-api-key': 'brand new' })).status, 401);
    await new Promise(resolve => setTimeout(resolve, 110));
    entries = { ...entries, fresh: sha256('brand new') };
    assert.equal((await call('/orders', { 'x-api-key': 'brand new' })).status, 200);
  });

  it('with a token as well: both must be right, the consumer is that of the key', async () => {
    const issuer = await startIssuer();
    const both = shopYaml(
      `  auth: { apiKey: { secret: shop-keys }, jwt: { issuer: '${issuer.url}', audience: shop } }`,
      `    - { match: { path: /orders }, to: { function: orders }, auth: { allow: "\${consumer == 'web' && claims.sub == 'ada'}" } }`,
    );
    const other = await serveYaml(both + ordersYaml, {
      functions: { orders: upstream.origin },
      secrets: () => entries,
    });
    const status = async (key: string | undefined, token: string | undefined) => {
      const headers = {
        ...(key === undefined ? {} : { 'x-api-key': key }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      return (await fetch(`${other.address}/orders`, { headers })).status;
    };
    const token = await issuer.sign();
    assert.deepEqual(
      [
        await status('key of web', token),
        await status('key of web', token),
        await status('key of web', 'abc'),
        await status('guess', token),
        await status('key of web', undefined),
        await status(undefined, token),
        await status(undefined, undefined),
      ],
      [200, 200, 401, 401, 403, 403, 401],
    );
    await other.close();
    await issuer.close();
  });
});

describe('createApiKeys', () => {
  const setUp = (first: Record<string, string> | undefined) => {
    const world = createFakeWorld();
    const state = { entries: first, reads: 0 };
    const logged: string[] = [];
    const keys = createApiKeys({
      world,
      secrets: () => {
        state.reads++;
        return state.entries;
      },
      namespace: 'default',
      secret: 'shop-keys',
      log: (_level, message) => logged.push(message),
    });
    return { world, state, logged, keys };
  };

  it('refuses a key that was taken back after a second at the latest', async () => {
    const { world, state, keys } = setUp({ ada: sha256('k') });
    assert.equal(keys.consumerOf('k'), 'ada');
    state.entries = {};
    await world.pass(999);
    assert.equal(keys.consumerOf('k'), 'ada');
    await world.pass(1);
    assert.equal(keys.consumerOf('k'), undefined);
  });

  it('takes the old and the new key while one is changed', () => {
    const { keys } = setUp({ ada: `${sha256('old')} ${sha256('new')}` });
    assert.deepEqual([keys.consumerOf('old'), keys.consumerOf('new')], ['ada', 'ada']);
  });

  it('reads the Secret at most ten times a second, however many unknown keys come', async () => {
    const { world, state, keys } = setUp({});
    for (let count = 0; count < 1000; count++) {
      keys.consumerOf(`guess ${count}`);
      await world.pass(1);
    }
    assert.ok(state.reads <= 11, `${state.reads}`);
  });

  it('says so when there is no such Secret, and when an entry is no hash, without showing it', async () => {
    const { world, state, logged, keys } = setUp(undefined);
    keys.consumerOf('k');
    assert.match(logged[0]!, /There is no Secret shop-keys.*tenfold keys create/);
    state.entries = { ada: 'plain key', bob: sha256('b') };
    await world.pass(1000);
    assert.equal(keys.consumerOf('plain key'), undefined);
    assert.equal(keys.consumerOf('b'), 'bob');
    assert.match(logged[1]!, /entry for ada/);
    assert.ok(!logged.join().includes('plain key'));
  });
});
