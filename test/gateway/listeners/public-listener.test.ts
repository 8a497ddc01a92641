// What goes through the public listener and back: routing, header fields, bodies, limits.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { limitBody } from '../../../gateway/steps/limit-body.ts';
import { eventually } from '../../eventually.ts';
import { type Echo, startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { openTestListener, type TestRoute } from './test-listener.ts';

const routes: TestRoute[] = [
  { methods: ['GET'], path: '/orders/:id', basePath: '/shop' },
  { methods: ['GET', 'POST'], path: '/orders', basePath: '/shop', before: [limitBody(1000)] },
  { path: '/any/*' },
];

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let listener: Awaited<ReturnType<typeof openTestListener>>;
const echo = async (path: string, init?: RequestInit): Promise<Echo> => {
  const answer = await fetch(listener.address + path, init);
  assert.equal(answer.status, 200);
  return (await answer.json()) as Echo;
};
const fieldsOf = ({ rawHeaders }: Echo) => {
  const fields: Record<string, string[]> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    fields[name] = [...(fields[name] ?? []), rawHeaders[index + 1]!];
  }
  return fields;
};

function useListener(): void {
  before(async () => {
    upstream = await startUpstream();
    listener = await openTestListener(upstream.origin, routes);
  });
  after(async () => {
    await listener.close();
    await upstream.close();
  });
}

describe('the public listener', () => {
  useListener();

  it('leads to the target without the base path, query unchanged', async () => {
    const { url } = await echo('/shop/orders/4%2F2?a=1&a=&b=%20x');
    assert.equal(url, '/orders/4%2F2?a=1&a=&b=%20x');
  });

  it('answers 404 as a problem document with the trace id', async () => {
    const answer = await fetch(`${listener.address}/nowhere`, {
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    assert.equal(answer.status, 404);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.partialDeepStrictEqual(await answer.json(), { status: 404, trace: '0af7651916cd43dd8448eb211c80319c' });
  });

  it('keeps the connection after an answer of its own when the request was read', async () => {
    const get = 'GET /nowhere HTTP/1.1\r\nHost: a.example\r\n\r\n';
    assert.deepEqual((await sendRaw(listener.address, get + get)).statuses, [404, 404]);
  });

  it('closes the connection after an answer of its own to a body that has not arrived', async () => {
    const post = 'POST /nowhere HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nhalf';
    assert.ok((await sendRaw(listener.address, post)).closed);
  });

  it('answers 405 with Allow', async () => {
    const answer = await fetch(`${listener.address}/shop/orders`, { method: 'DELETE' });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get('allow'), 'GET, HEAD, POST');
  });

  it('answers HEAD where GET is routed, without a body', async () => {
    const answer = await fetch(`${listener.address}/shop/orders/1`, { method: 'HEAD' });
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), '');
  });
});

describe('the public listener, and what it passes on', () => {
  useListener();

  it('continues the trace and tells the time that is left', async () => {
    const fields = fieldsOf(
      await echo('/any/x', { headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } }),
    );
    assert.match(
      fields.traceparent?.[0] ?? '',
      /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
    );
    const left = Number(fields['tenfold-timeout-ms']?.[0]);
    assert.ok(left > 4000 && left <= 5000, `${left} ms`);
  });

  it('drops every spelling of the names it sets itself, and sets them', async () => {
    const forged = [
      'X-Forwarded-For',
      'x_forwarded_for',
      'X-FORWARDED_HOST',
      'Forwarded',
      'Tenfold-Key',
      'tenfold_timeout_ms',
      'Tenfold-Namespace',
      'X-Real-IP',
      'X-Original-URL',
      'Tenfold-Origin',
      'CE-TenfoldOrigin',
    ];
    const lines = forged.map(name => `${name}: forged\r\n`).join('');
    const answer = await sendRaw(listener.address, `GET /any/x HTTP/1.1\r\nHost: shop.example\r\n${lines}\r\n`);
    assert.doesNotMatch(answer.text, /forged/);
    const fields = fieldsOf(JSON.parse(answer.text.slice(answer.text.indexOf('{'), answer.text.lastIndexOf('}') + 1)));
    assert.deepEqual(fields['x-forwarded-for'], ['127.0.0.1']);
    assert.deepEqual(fields['x-forwarded-host'], ['shop.example']);
    assert.deepEqual(fields['x-forwarded-proto'], ['http']);
  });

  it('drops hop-by-hop fields and those that Connection names', async () => {
    const lines =
      'Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Authorization: x\r\nUpgrade: h2c\r\nX-Kept: 1\r\n';
    const answer = await sendRaw(listener.address, `GET /any/x HTTP/1.1\r\nHost: a.example\r\n${lines}\r\n`);
    const fields = fieldsOf(JSON.parse(answer.text.slice(answer.text.indexOf('{'), answer.text.lastIndexOf('}') + 1)));
    assert.deepEqual(fields['x-kept'], ['1']);
    for (const name of ['x-hop', 'te', 'proxy-authorization', 'upgrade']) assert.equal(fields[name], undefined, name);
    assert.ok(answer.closed);
  });

  it('passes repeated fields and a body with its length', async () => {
    const answer = await echo('/shop/orders', { method: 'POST', body: 'x'.repeat(1000) });
    assert.equal(answer.body.length, 1000);
    assert.deepEqual(fieldsOf(answer)['content-length'], ['1000']);
  });

  it('refuses a body whose announced length is too large before it is read', async () => {
    const head =
      'POST /shop/orders HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n';
    const answer = await sendRaw(listener.address, head);
    assert.deepEqual(answer.statuses, [413]);
  });

  it('sends 100 Continue once the body is wanted', async () => {
    const head = 'POST /shop/orders HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n';
    const answer = await sendRaw(listener.address, `${head}ok`);
    assert.deepEqual(answer.statuses, [100, 200]);
    assert.match(answer.text, /"body":"ok"/);
  });

  it('refuses a chunked body as soon as it has grown too large', async () => {
    const request = httpRequest(`${listener.address}/shop/orders`, { method: 'POST' });
    const answered = once(request, 'response');
    request.on('error', () => {});
    for (let count = 0; count < 3; count++) request.write('x'.repeat(500));
    const [response] = await answered;
    assert.equal(response.statusCode, 413);
    request.destroy();
  });
});

describe('the public listener, and what it shows of answers', () => {
  useListener();

  const places: Record<string, [string, string]> = {
    'an absolute path': ['/orders/7', '/shop/orders/7'],
    'an address of another host': ['https://pay.example/x', 'https://pay.example/x'],
    'a relative path': ['7', '7'],
    'a network path': ['//pay.example/x', '//pay.example/x'],
  };
  for (const [name, [location, expected]] of Object.entries(places)) {
    it(`gives the client ${name} in Location as ${expected}`, async () => {
      const creating = await startUpstream((_, response) => response.writeHead(201, { location }).end());
      const mounted = await openTestListener(creating.origin, routes);
      const answer = await fetch(`${mounted.address}/shop/orders`, { method: 'POST', redirect: 'manual' });
      assert.equal(answer.headers.get('location'), expected);
      await mounted.close();
      await creating.close();
    });
  }

  it('never shows the address of the upstream in Location', async () => {
    const creating = await startUpstream((request, response) =>
      response.writeHead(302, { location: `http://${request.headers.host}/orders/7?x=1` }).end(),
    );
    const mounted = await openTestListener(creating.origin, routes);
    const answer = await fetch(`${mounted.address}/shop/orders`, { redirect: 'manual' });
    assert.equal(answer.headers.get('location'), '/shop/orders/7?x=1');
    await mounted.close();
    await creating.close();
  });

  it('reports each answer with route, status and duration', async () => {
    listener.answered.splice(0);
    await echo('/shop/orders/1');
    await eventually(() => listener.answered.length === 1, 'the answer is reported');
    assert.partialDeepStrictEqual(listener.answered[0], {
      listener: 'public',
      method: 'GET',
      path: '/shop/orders/1',
      route: { path: '/shop/orders/:id', target: 'function test' },
      status: 200,
    });
  });
});
