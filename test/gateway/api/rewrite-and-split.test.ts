// What a route changes on the way, and how it splits requests between targets.
import assert from 'node:assert/strict';
import { type Echo, startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: one }
spec: { source: ./one.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: two }
spec: { source: ./two.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes:
    - match: { path: '/old/:id' }
      to: { function: one }
      request:
        path: '/v2/orders/\${params.id}'
        host: internal.example
        headers:
          set: { x-set: 'id \${params.id}', x-forged: ours }
          add: { x-added: '1' }
          remove: [cookie]
      response: { headers: { set: { x-served-by: shop }, remove: [x-secret] } }
    - match: { path: /query }
      to: { function: one }
      request: { path: '/fixed?q=1' }
    - match: { path: /header }
      to: { function: one }
      request: { headers: { set: { x-echo: '\${request.query.v}' } } }
    - match: { path: /any }
      to: [{ function: one, weight: 3 }, { function: two, weight: 1 }]
    - match: { path: /by-header }
      to: [{ function: one, weight: 1 }, { function: two, weight: 1 }]
      sticky: { by: 'header:x-user' }
    - match: { path: /by-cookie }
      to: [{ function: one, weight: 1 }, { function: two, weight: 1 }]
      sticky: { by: 'cookie:sid' }
    - match: { path: /parked }
      to: [{ function: one, weight: 1 }, { function: two, weight: 0 }]
`;

describe('routes that change and split', () => {
  let one: Awaited<ReturnType<typeof startUpstream>>;
  let two: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  const echo = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${listener.address}/shop${path}`, { headers });
    return { answer, echo: (await answer.json()) as Echo };
  };
  const fieldOf = ({ rawHeaders }: Echo, name: string) =>
    rawHeaders.filter((_, index) => rawHeaders[index - 1] === name);

  before(async () => {
    one = await startUpstream();
    two = await startUpstream((_, response) => response.setHeader('x-two', '1').end('{"rawHeaders":[]}'));
    listener = await serveYaml(yaml, { functions: { one: one.origin, two: two.origin } });
  });
  after(async () => {
    await listener.close();
    await one.close();
    await two.close();
  });

  it('give the target another path, with the parameters inside their segments', async () => {
    assert.equal((await echo('/old/7?x=1')).echo.url, '/v2/orders/7?x=1');
    assert.equal((await echo('/old/a%2Fb%3Fc')).echo.url, '/v2/orders/a%2Fb%3Fc');
  });

  it('refuse a parameter that would leave its segment', async () => {
    for (const path of ['/old/%2E%2E%2F', '/old/x%2F..%2Fy', '/old/..;x']) {
      assert.equal((await echo(path)).answer.status, 400, path);
    }
    assert.ok(!one.seen.some(({ url }) => url?.includes('..')));
  });

  it('replace the query when the new path has one', async () => {
    assert.equal((await echo('/query?q=2')).echo.url, '/fixed?q=1');
  });

  it('give the target another host', async () => {
    assert.deepEqual(fieldOf((await echo('/old/7')).echo, 'host'), ['internal.example']);
  });

  it('set, add and remove header fields of the request', async () => {
    const { echo: seen } = await echo('/old/7', { 'x-forged': 'theirs', 'x-added': '0', cookie: 'a=1' });
    assert.deepEqual(fieldOf(seen, 'x-set'), ['id 7']);
    assert.deepEqual(fieldOf(seen, 'x-forged'), ['ours']);
    assert.deepEqual(fieldOf(seen, 'x-added'), ['0', '1']);
    assert.deepEqual(fieldOf(seen, 'cookie'), []);
  });

  it('set and remove header fields of the answer', async () => {
    const { answer } = await echo('/old/7');
    assert.equal(answer.headers.get('x-served-by'), 'shop');
    assert.equal(answer.headers.get('x-secret'), null);
  });

  it('refuse a value that would begin another header field', async () => {
    one.seen.splice(0);
    assert.equal((await echo('/header?v=a%0d%0ax-evil:%201')).answer.status, 400);
    assert.equal(one.seen.length, 0);
  });

  it('split by weight', async () => {
    let two = 0;
    for (let count = 0; count < 200; count++) if ((await echo('/any')).answer.headers.has('x-two')) two++;
    assert.ok(two > 20 && two < 90, `${two} of 200`);
  });

  it('give a target with weight 0 nothing', async () => {
    for (let count = 0; count < 50; count++) assert.equal((await echo('/parked')).answer.headers.has('x-two'), false);
  });

  it('keep a client on its target by header', async () => {
    const seen = new Set<string>();
    for (let user = 0; user < 20; user++) {
      const headers = { 'x-user': `user-${user}` };
      const first = (await echo('/by-header', headers)).answer.headers.has('x-two');
      for (let count = 0; count < 3; count++) {
        assert.equal((await echo('/by-header', headers)).answer.headers.has('x-two'), first);
      }
      seen.add(String(first));
    }
    assert.equal(seen.size, 2, 'both targets have clients');
  });

  it('give a client without the cookie one, and keep it on its target with it', async () => {
    const { answer } = await echo('/by-cookie');
    const cookie = answer.headers.get('set-cookie') ?? '';
    assert.match(cookie, /^sid=[0-9a-f-]{36}; Path=\/; HttpOnly; SameSite=Lax$/);
    for (let count = 0; count < 5; count++) {
      const again = await echo('/by-cookie', { cookie: cookie.split(';')[0] ?? '' });
      assert.equal(again.answer.headers.has('x-two'), answer.headers.has('x-two'));
      assert.equal(again.answer.headers.get('set-cookie'), null);
    }
  });
});
