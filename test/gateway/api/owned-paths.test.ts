// An Api serves its base path itself, and keeps the paths that it owns from a facade at the
// root, over real connections.
import assert from 'node:assert/strict';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const LEGACY = `
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: old }
spec:
  legacy: { url: LEGACY_URL }
`;
const FUNCTION = `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { url: http://orders.example }
`;
const api = (spec: string, routes: string[], name = 'orders') => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: ${name} }
spec:
${spec}
  routes:
${routes.map(match => `    - { match: ${match}, to: { function: orders } }`).join('\n')}
`;

describe('the paths of an Api', () => {
  let legacy: Awaited<ReturnType<typeof startUpstream>>;
  let orders: Awaited<ReturnType<typeof startUpstream>>;
  let served: Awaited<ReturnType<typeof serveYaml>> | undefined;

  const serve = async (...apis: string[]) => {
    await served?.close();
    const yaml = [LEGACY.replace('LEGACY_URL', legacy.origin), FUNCTION, ...apis].join('---\n');
    served = await serveYaml(yaml, {
      functions: { orders: orders.origin },
      secrets: () => ({ acme: 'a'.repeat(64) }),
    });
    return async (method: string, path: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(served!.address + path, { method, headers, redirect: 'manual' });
      return { status: answer.status, text: await answer.text(), allow: answer.headers.get('allow') };
    };
  };

  before(async () => {
    legacy = await startUpstream((request, response) => response.end(`legacy ${request.url}`));
    orders = await startUpstream((request, response) => response.end(`orders ${request.url}`));
  });
  after(async () => {
    await served?.close();
    await legacy.close();
    await orders.close();
  });

  for (const path of ['/', "''", '/*']) {
    it(`are the base path with and without a slash for a route at ${path}`, async () => {
      const call = await serve(api('  basePath: /orders', [`{ path: ${path} }`, '{ path: /:id }']));
      assert.equal((await call('GET', '/orders')).text, 'orders /');
      assert.equal((await call('GET', '/orders/')).text, 'orders /');
      assert.equal((await call('GET', '/orders?x=1')).text, 'orders /?x=1');
      assert.equal((await call('GET', '/orders/7')).text, 'orders /7');
      assert.equal((await call('GET', '/ordersx')).text, 'legacy /ordersx');
    });
  }

  it('count one limit for both spellings of the base path', async () => {
    const limited = `  basePath: /orders\n  rateLimit: { rate: 1/h, burst: 2, by: all }`;
    const call = await serve(api(limited, ['{ path: / }']));
    const statuses = [];
    for (const path of ['/orders', '/orders/', '/orders']) statuses.push((await call('GET', path)).status);
    assert.deepEqual(statuses, [200, 200, 429]);
  });

  it('are not given to legacy for a method that the Api lacks', async () => {
    const call = await serve(api('  auth: { apiKey: { secret: keys } }', ['{ path: /orders/:id, method: GET }']));
    for (const method of ['DELETE', 'PROPFIND', 'OPTIONS']) {
      const answer = await call(method, '/orders/7');
      assert.deepEqual([answer.status, answer.allow], [405, 'GET, HEAD'], method);
    }
    assert.equal((await call('HEAD', '/orders/7')).status, 401);
    assert.equal((await call('DELETE', '/orders')).text, 'legacy /orders');
  });

  it('are not given to legacy for a version that there is not', async () => {
    const versioned = (by: string) =>
      ['v1', 'v2'].map(name =>
        api(`  version: { name: ${name}, by: ${by} }`, ['{ path: /orders, method: GET }'], `orders-${name}`),
      );
    const byHeader = await serve(...versioned('header'));
    assert.equal((await byHeader('GET', '/orders', { 'api-version': 'v2' })).text, 'orders /orders');
    assert.match((await byHeader('GET', '/orders', { 'api-version': 'v9' })).text, /"status":404.*no version .*v9/);
    assert.match((await byHeader('GET', '/orders')).text, /Name a version in the header api-version/);
    const byType = await serve(...versioned('media-type'));
    assert.equal((await byType('GET', '/orders', { accept: 'application/json;version=v9' })).status, 406);
  });

  it('go to another version of the same Api, also when that names them less closely', async () => {
    const call = await serve(
      api('  basePath: /menu\n  version: { name: v1, by: header }', ['{ path: /drinks/:id }'], 'menu-v1'),
      api('  basePath: /menu\n  version: { name: v2, by: header }', ['{ path: /* }'], 'menu-v2'),
    );
    assert.equal((await call('GET', '/menu/drinks/7', { 'api-version': 'v2' })).text, 'orders /drinks/7');
    assert.equal((await call('GET', '/menu/drinks/7', { 'api-version': 'v3' })).status, 404);
  });

  it('are given to legacy where the Api says fallThrough, and where its route asks for a header', async () => {
    const open = await serve(api('  fallThrough: true', ['{ path: /orders/:id, method: GET }']));
    assert.equal((await open('DELETE', '/orders/7')).text, 'legacy /orders/7');
    const asking = await serve(api('  basePath: /', ['{ path: /orders, method: GET, headers: { x-new: "1" } }']));
    assert.equal((await asking('GET', '/orders')).text, 'legacy /orders');
    assert.equal((await asking('DELETE', '/orders', { 'x-new': '1' })).status, 405);
  });
});
