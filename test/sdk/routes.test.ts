// Routed functions: literal before parameter before rest, 404, 405 with Allow, HEAD and OPTIONS;
// declared wrongly, they say so.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { http } from 'tenfold';
import { call } from 'tenfold/testing';
import { createRouter, type Route } from '../../sdk/kernel/router.ts';

const fn = http({
  'GET /': () => 'root',
  'GET /orders': () => 'list',
  'POST /orders': () => 'create',
  'GET /orders/new': () => 'form',
  'GET /orders/:id': ({ params }) => ({ id: params.id }),
  'DELETE /orders/:id': () => undefined,
  'GET /orders/:id/items/:item': ({ params }) => params,
  'GET /orders/new/items/fixed': () => 'fixed',
  'GET /files/*path': ({ params }) => params,
  '* /any': ({ method }) => method,
});

describe('routes', () => {
  const rows: Array<[method: string, path: string, status: number, body: unknown]> = [
    ['GET', '/', 200, 'root'],
    ['GET', '/?x=1', 200, 'root'],
    ['GET', '/orders', 200, 'list'],
    ['GET', '/orders/new', 200, 'form'],
    ['GET', '/orders/7', 200, { id: '7' }],
    ['GET', '/orders/a%2Fb', 200, { id: 'a/b' }],
    ['GET', '/orders/%C3%A9%20%2B', 200, { id: 'é +' }],
    ['GET', '/orders/new/items/fixed', 200, 'fixed'],
    ['GET', '/orders/new/items/other', 200, { id: 'new', item: 'other' }],
    ['GET', '/files/a/b%20c/', 200, { path: 'a/b c/' }],
    ['PATCH', '/any', 200, 'PATCH'],
    ['DELETE', '/orders/7', 204, undefined],
    ['HEAD', '/orders/7', 200, { id: '7' }],
  ];
  for (const [method, path, status, body] of rows) {
    it(`${method} ${path} is ${status}`, async () => {
      const answer = await call(fn, { method, path });
      assert.equal(answer.status, status);
      assert.deepEqual(answer.body, body);
    });
  }

  for (const path of ['/nope', '/orders/', '/orders//items/x', '/orders/7/', '//', '/Orders']) {
    it(`${path} is 404`, async () => assert.equal((await call(fn, { path })).status, 404));
  }

  it('a method that a path does not have is 405 with Allow', async () => {
    const answer = await call(fn, { method: 'PUT', path: '/orders/7' });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers['allow'], 'DELETE, GET, HEAD, OPTIONS');
  });

  it('OPTIONS says the methods', async () => {
    const answer = await call(fn, { method: 'OPTIONS', path: '/orders' });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers['allow'], 'GET, HEAD, OPTIONS, POST');
  });

  it('an escape that is not UTF-8 is 400', async () => {
    assert.equal((await call(fn, { path: '/orders/%FF' })).status, 400);
  });

  it('a parameter named __proto__ is only a parameter', async () => {
    const odd = http({ 'GET /:__proto__': ({ params }) => Object.entries(params) });
    assert.deepEqual((await call(odd, { path: '/x' })).body, [['__proto__', 'x']]);
  });

  const wrong: Array<[name: string, routes: Record<string, unknown>, message: RegExp]> = [
    ['a key without a method', { '/orders': () => 1 }, /"\/orders" is not valid: write a method and a path/],
    ['a method in small letters', { 'get /': () => 1 }, /is not valid/],
    ['a path without a slash', { 'GET orders': () => 1 }, /is not valid/],
    ['a handler that is none', { 'GET /': 1 }, /needs a handler/],
    ['routes inside routes', { 'GET /': http({ 'GET /': () => 1 }) }, /needs a handler/],
    ['a rest that does not come last', { 'GET /*a/b': () => 1 }, /\*a must come last/],
    ['a parameter without a name', { 'GET /:': () => 1 }, /a parameter has no name/],
    ['one path with two names', { 'GET /:a': () => 1, 'PUT /:b': () => 1 }, /names its parameters otherwise/],
  ];
  for (const [name, routes, message] of wrong) {
    it(`refuses ${name}`, () => assert.throws(() => http(routes as never), message));
  }

  it('refuses one route twice', () => {
    const endpoint = { handler: () => 1, input: undefined };
    const route = { method: 'GET', path: '/a', endpoint };
    assert.throws(() => createRouter([route, route]), /is given twice/);
  });

  it('finds what a plain search over the patterns finds', () => {
    const segment = fc.constantFrom('a', 'b', ':p', 'c');
    const pattern = fc.array(segment, { minLength: 1, maxLength: 4 }).map(parts => `/${parts.join('/')}`);
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c', 'x'), { minLength: 1, maxLength: 4 })
      .map(parts => `/${parts.join('/')}`);
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 6 }), path, (patterns, asked) => {
        const routes = patterns.map(
          (one): Route => ({ method: 'GET', path: one, endpoint: { handler: () => one, input: undefined } }),
        );
        const found = createRouter(routes).find('GET', asked);
        const best = patterns.filter(one => matches(one, asked)).sort(bySpecificity)[0];
        const handler = found && 'endpoint' in found ? found.endpoint.handler : undefined;
        assert.equal((handler as (() => string) | undefined)?.(), best);
      }),
    );
  });
});

function matches(pattern: string, path: string): boolean {
  const [left, right] = [pattern.split('/'), path.split('/')];
  return left.length === right.length && left.every((part, index) => part.startsWith(':') || part === right[index]);
}

/** The first segment that differs decides: a literal before a parameter. */
function bySpecificity(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  const at = left.findIndex((part, index) => part !== right[index]);
  return left[at]?.startsWith(':') ? 1 : -1;
}
