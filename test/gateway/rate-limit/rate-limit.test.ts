// Rate limits at the public listener: what is counted apart, what clients are told, what
// happens when it is too much.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { parseList } from 'structured-headers';
import { clientNetwork } from '../../../gateway/http/client-network.ts';
import { limitRate, type NamedLimit } from '../../../gateway/rate-limit/limit-rate.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { ordersYaml, shopYaml } from '../api/shop-yaml.ts';
import { openTestListener } from '../listeners/test-listener.ts';
import { serveYaml } from '../serve-yaml.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('rateLimit', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let served: Awaited<ReturnType<typeof serveYaml>> | undefined;
  const serve = async (yaml: string) => {
    await served?.close();
    served = await serveYaml(yaml + ordersYaml, {
      functions: { orders: upstream.origin },
      secrets: () => ({ ada: sha256('a'), bob: sha256('b') }),
    });
    const { address } = served;
    return (path = '/orders', headers: Record<string, string> = {}) => fetch(address + path, { headers });
  };
  const statuses = async (answers: readonly Promise<Response>[]) =>
    (await Promise.all(answers)).map(({ status }) => status).sort();

  before(async () => {
    upstream = await startUpstream();
  });
  after(async () => {
    await served?.close();
    await upstream.close();
  });

  it('tells the limit and what is left, as structured fields', async () => {
    const call = await serve(shopYaml('  rateLimit: { rate: 60/m, burst: 30, by: ip }'));
    const answer = await call();
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('ratelimit-policy'), '"default";q=30;w=30');
    assert.equal(answer.headers.get('ratelimit'), '"default";r=29;t=1');
    const [[name, parameters]] = parseList(answer.headers.get('ratelimit') ?? '') as [[string, Map<string, number>]];
    assert.deepEqual([name, parameters.get('r'), parameters.get('t')], ['default', 29, 1]);
  });

  it('answers 429 with Retry-After as a problem document', async () => {
    const call = await serve(shopYaml('  rateLimit: { rate: 1/h, by: ip }'));
    assert.equal((await call()).status, 200);
    const answer = await call();
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers.get('retry-after')) > 3590);
    assert.match(answer.headers.get('ratelimit') ?? '', /^"default";r=0;t=3\d{3}$/);
    assert.partialDeepStrictEqual(await answer.json(), {
      status: 429,
      type: 'https://tenfold.dev/errors#too-many-requests',
    });
  });

  it('counts consumers apart, and who is not known by address', async () => {
    const call = await serve(
      shopYaml(`  auth: { apiKey: { secret: keys }, optional: true }\n  rateLimit: { rate: 1/h, by: consumer }`),
    );
    const answers = [{ 'x-api-key': 'a' }, { 'x-api-key': 'b' }, {}, { 'x-api-key': 'a' }, {}] as Record<
      string,
      string
    >[];
    const got: number[] = [];
    for (const headers of answers) got.push((await call('/orders', headers)).status);
    assert.deepEqual(got, [200, 200, 200, 429, 429]);
  });

  it('counts by an expression, and what has no value by address', async () => {
    const call = await serve(shopYaml(`  rateLimit: { rate: 1/h, by: "\${request.headers['x-tenant']}" }`));
    const got: number[] = [];
    for (const headers of [{ 'x-tenant': 'one' }, { 'x-tenant': 'two' }, {}, { 'x-tenant': 'one' }, {}] as Record<
      string,
      string
    >[])
      got.push((await call('/orders', headers)).status);
    assert.deepEqual(got, [200, 200, 200, 429, 429]);
  });

  it('counts everybody together by all', async () => {
    const call = await serve(shopYaml(`  auth: { apiKey: { secret: keys } }\n  rateLimit: { rate: 1/h, by: all }`));
    assert.deepEqual(
      await statuses([call('/orders', { 'x-api-key': 'a' }), call('/orders', { 'x-api-key': 'b' })]),
      [200, 429],
    );
  });

  const two = shopYaml(
    '  rateLimit: { rate: 3/h, by: all }',
    `    - { match: { path: /orders }, to: { function: orders }, rateLimit: { rate: 1/h, by: all } }
    - { match: { path: /menu }, to: { function: orders } }`,
  );

  it('holds the limits of the Api and of the route together; what the route refuses costs the Api nothing', async () => {
    const call = await serve(two);
    const first = await call('/orders');
    assert.equal(first.headers.get('ratelimit-policy'), '"route";q=1;w=3600, "default";q=3;w=3600');
    assert.match(first.headers.get('ratelimit') ?? '', /^"route";r=0;t=3600, "default";r=2;t=1200$/);
    for (let count = 0; count < 5; count++) assert.equal((await call('/orders')).status, 429);
    assert.deepEqual(
      [(await call('/menu')).status, (await call('/menu')).status, (await call('/menu')).status],
      [200, 200, 429],
    );
  });

  it('keeps its counts when the plan changes, unless the limit does', async () => {
    const call = await serve(two);
    assert.equal((await call('/orders')).status, 200);
    served!.swap(`${two}${ordersYaml}\n# changed\n`);
    assert.equal((await call('/orders')).status, 429);
    served!.swap(two.replace('1/h', '2/h') + ordersYaml);
    assert.equal((await call('/orders')).status, 200);
  });

  const networks: Record<string, [string, string]> = {
    'an IPv4 address': ['10.1.2.3', '10.1.2.3'],
    'the /64 of an IPv6 address': ['2001:db8:0:7:1:2:3:4', '2001:db8:0:7::/64'],
    'the /64 of a short IPv6 address': ['2001:db8::1', '2001:db8:0:0::/64'],
    'the /64 whatever the case and zeros': ['2001:0DB8:0000:0007::1', '2001:db8:0:7::/64'],
    loopback: ['::1', '0:0:0:0::/64'],
  };
  for (const [name, [address, expected]] of Object.entries(networks)) {
    it(`counts ${name} as one client`, () => assert.equal(clientNetwork(address), expected));
  }

  it('waits for a limiter that asks others, and passes on what it says', async () => {
    const remote = (allowed: boolean): NamedLimit => ({
      name: allowed ? 'wide' : 'narrow',
      limit: { rate: { count: 1, periodMs: 1000 }, burst: 1 },
      limiter: { take: async () => ({ allowed, remaining: 0, resetMs: 1000, retryAfterMs: allowed ? 0 : 1000 }) },
      key: () => '',
    });
    const listener = await openTestListener(upstream.origin, [
      { path: '/both', before: [limitRate([remote(true), remote(false)])] },
      { path: '/one', before: [limitRate([remote(true)])] },
    ]);
    assert.equal((await fetch(`${listener.address}/one`)).status, 200);
    const refused = await fetch(`${listener.address}/both`);
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('ratelimit'), '"wide";r=0;t=1, "narrow";r=0;t=1');
    await listener.close();
  });
});
