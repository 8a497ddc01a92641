// Several versions of one Api on one base path: by path, by header, by media type; and what a
// version that is not there gets.
import assert from 'node:assert/strict';
import { versionInAccept } from '../../../gateway/routing/version.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { shopYaml } from '../api/shop-yaml.ts';
import { serveYaml } from '../serve-yaml.ts';

describe('version', () => {
  let one: Awaited<ReturnType<typeof startUpstream>>;
  let two: Awaited<ReturnType<typeof startUpstream>>;
  let served: Awaited<ReturnType<typeof serveYaml>> | undefined;

  const functions = ['one', 'two'].map(
    name => `
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: ${name} }
spec: { url: http://${name}.example }
`,
  );
  const api = (by: string, version: string, name: string, more = '') =>
    shopYaml(
      `  basePath: /shop\n  version: { name: ${version}, by: ${by}${more} }`,
      `    - { match: { path: /orders, method: GET }, to: { function: ${name} } }`,
      `shop-${version}`,
    );
  const serve = async (by: string, fallback = '') => {
    await served?.close();
    const yaml = [api(by, 'v1', 'one', fallback), '---', api(by, 'v2', 'two'), ...functions].join('\n');
    served = await serveYaml(yaml, { functions: { one: one.origin, two: two.origin } });
    return async (path: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(served!.address + path, { headers });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    };
  };

  before(async () => {
    one = await startUpstream((request, response) => response.end(`one ${request.url}`));
    two = await startUpstream((request, response) => response.end(`two ${request.url}`));
  });
  after(async () => {
    await served?.close();
    await one.close();
    await two.close();
  });

  it('by path: each has its name in front, which targets do not see', async () => {
    const call = await serve('path');
    assert.equal((await call('/v1/shop/orders?x=1')).text, 'one /orders?x=1');
    assert.equal((await call('/v2/shop/orders')).text, 'two /orders');
  });

  it('by path: says which there are for one that is not, and where none is named', async () => {
    const call = await serve('path');
    const unknown = await call('/v9/shop/orders');
    assert.equal(unknown.status, 404);
    assert.match(unknown.text, /There is no version \\"v9\\" of this API; there are v1 and v2\./);
    assert.match((await call('/shop/orders')).text, /Name a version in front of the path, such as \/v1\/shop\/orders/);
    assert.match((await call('/v1/nothing')).text, /No route matches/);
  });

  it('by path: the default is there without a name too', async () => {
    const call = await serve('path', ', default: true');
    assert.equal((await call('/shop/orders')).text, 'one /orders');
    assert.equal((await call('/v1/shop/orders')).text, 'one /orders');
  });

  it('by header', async () => {
    const call = await serve('header');
    assert.equal((await call('/shop/orders', { 'api-version': 'v1' })).text, 'one /orders');
    const second = await call('/shop/orders', { 'api-version': 'v2' });
    assert.equal(second.text, 'two /orders');
    assert.equal(second.headers.get('vary'), 'api-version');
    const unknown = await call('/shop/orders', { 'api-version': 'v9' });
    assert.equal(unknown.status, 404);
    assert.match(unknown.text, /There is no version \\"v9\\"/);
    assert.match((await call('/shop/orders')).text, /Name a version in the header api-version/);
  });

  it('by header: the default takes requests that name none, and no others', async () => {
    const call = await serve('header', ', default: true');
    assert.equal((await call('/shop/orders')).text, 'one /orders');
    assert.equal((await call('/shop/orders', { 'api-version': 'v2' })).text, 'two /orders');
    assert.equal((await call('/shop/orders', { 'api-version': 'v9' })).status, 404);
  });

  it('by media type, and 406 for one that is not there', async () => {
    const call = await serve('media-type', ', default: true');
    const second = await call('/shop/orders', { accept: 'text/html, application/json; version="v2"' });
    assert.equal(second.text, 'two /orders');
    assert.equal(second.headers.get('vary'), 'accept');
    assert.equal((await call('/shop/orders', { accept: '*/*' })).text, 'one /orders');
    assert.equal((await call('/shop/orders', { accept: 'application/json;version=v9' })).status, 406);
  });

  it('by media type: one of a vendor names a version, too, and never gets the default in place of it', async () => {
    const call = await serve('media-type', ', default: true');
    const of = (accept: string) => call('/shop/orders', { accept });
    assert.equal((await of('application/vnd.shop.v2+json')).text, 'two /orders');
    assert.equal((await of('application/vnd.shop.V1.raw+json')).text, 'one /orders');
    assert.equal((await of('application/vnd.shop+json')).text, 'one /orders');
    const unknown = await of('application/vnd.shop.v9+json');
    assert.equal(unknown.status, 406);
    assert.match(unknown.text, /There is no version \\"v9\\" of this API; there are v1 and v2\./);
  });

  it('still answers 405 for a method that no version has', async () => {
    await serve('header');
    const answer = await fetch(`${served!.address}/shop/orders`, {
      method: 'DELETE',
      headers: { 'api-version': 'v1' },
    });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get('allow'), 'GET, HEAD');
  });

  const accepts: Record<string, [string | undefined, string | undefined]> = {
    'no field': [undefined, undefined],
    'that of a vendor': ['application/vnd.github.v3.raw+json', 'v3'],
    'that of a vendor behind a parameter': ['application/vnd.shop.v2+json;version=v1', 'v1'],
    'the preferred one of vendors': ['application/vnd.a.v1+json;q=0.5, application/vnd.a.v2+json', 'v2'],
    'no version in the name of a vendor': ['application/vnd.v.shop+json', undefined],
    'no version': ['application/json, */*;q=0.1', undefined],
    'one version': ['application/json;version=v2', 'v2'],
    'a quoted version': ['application/json;q=1;version="v2"', 'v2'],
    'the heavier of two': ['a/b;version=v1;q=0.5, a/b;version=v2;q=0.9', 'v2'],
    'the first of two that are equal': ['a/b;version=v1, a/b;version=v2', 'v1'],
    'none that is refused': ['a/b;version=v1;q=0', undefined],
    'a weight that is no number': ['a/b;version=v1;q=x, a/b;version=v2', 'v2'],
  };
  for (const [name, [accept, expected]] of Object.entries(accepts)) {
    it(`reads ${name} in Accept`, () => assert.equal(versionInAccept(accept), expected));
  }
});
