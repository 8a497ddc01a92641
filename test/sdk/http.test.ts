// HTTP functions: what may be returned, thrown and asked for; run through the testing kit, which
// shares the runtime's path.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { http, problem, reply } from 'tenfold';
import { call, createTestContext } from 'tenfold/testing';
import { z } from 'zod';

class Money {
  readonly amount = 4;
  toJSON() {
    return `${this.amount} EUR`;
  }
}

describe('what a handler returns', () => {
  const rows: Array<[name: string, value: unknown, status: number, type: string | undefined, body: unknown]> = [
    ['an object becomes JSON', { a: 1 }, 200, 'application/json', { a: 1 }],
    [
      'an object without a prototype becomes JSON',
      Object.assign(Object.create(null), { a: 1 }),
      200,
      'application/json',
      { a: 1 },
    ],
    ['an array becomes JSON', [1], 200, 'application/json', [1]],
    ['a number becomes JSON', 7, 200, 'application/json', 7],
    ['null becomes JSON', null, 200, 'application/json', null],
    ['an instance becomes JSON by its toJSON', new Money(), 200, 'application/json', '4 EUR'],
    ['a string becomes text', 'hi', 200, 'text/plain; charset=utf-8', 'hi'],
    ['a Buffer is sent as it is', Buffer.from([1]), 200, 'application/octet-stream', Buffer.from([1])],
    ['a Uint8Array is sent as it is', new Uint8Array([1]), 200, 'application/octet-stream', Buffer.from([1])],
    ['a Node stream is sent as it is', Readable.from(['a', 'b']), 200, 'application/octet-stream', Buffer.from('ab')],
    ['a web stream is sent as it is', new Blob(['ab']).stream(), 200, 'application/octet-stream', Buffer.from('ab')],
    ['an async iterable is sent as it is', letters(), 200, 'application/octet-stream', Buffer.from('ab')],
    ['nothing is 204', undefined, 204, undefined, undefined],
    ['a reply says everything', reply(201, { id: 1 }, { location: '/1' }), 201, 'application/json', { id: 1 }],
    ['a reply may have no body', reply(304), 304, undefined, undefined],
    ['a reply may name its type', reply(200, '<a/>', { 'Content-Type': 'text/xml' }), 200, 'text/xml', '<a/>'],
    [
      'a Response says everything',
      new Response('x', { status: 418, headers: { 'content-type': 'text/tea' } }),
      418,
      'text/tea',
      'x',
    ],
    ['a Response may have no body', new Response(null, { status: 202 }), 202, undefined, undefined],
    ['a problem may be returned too', problem(409), 409, 'application/problem+json', undefined],
  ];
  for (const [name, value, status, type, body] of rows) {
    it(name, async () => {
      const answer = await call(http(() => value));
      assert.equal(answer.status, status);
      assert.equal(answer.headers['content-type'], type);
      if (status !== 409) assert.deepEqual(answer.body, body);
    });
  }

  it('a plain default-exported function is an HTTP function', async () => {
    assert.deepEqual((await call(async () => ({ a: 1 }))).body, { a: 1 });
  });

  it('keeps every cookie of a Response and of a reply', async () => {
    const response = new Response('x');
    response.headers.append('set-cookie', 'a=1');
    response.headers.append('set-cookie', 'b=2');
    assert.deepEqual((await call(http(() => response))).headers['set-cookie'], ['a=1', 'b=2']);
    const answer = await call(http(() => reply(200, 'x', { 'set-cookie': ['a=1', 'b=2'] })));
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
  });

  const broken: Array<[name: string, value: unknown]> = [
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a cycle', cycle()],
    ['a big integer', 1n],
    ['a reply with a status that HTTP has not', reply(99, 'x')],
  ];
  for (const [name, value] of broken) {
    it(`${name} is a 500 and is logged`, async () => {
      const app = createTestContext({ errors: 'answer' });
      assert.equal(
        (
          await call(
            http(() => value),
            {},
            app,
          )
        ).status,
        500,
      );
      assert.equal(app.logs.at(-1)?.level, 'error');
    });
  }
});

describe('what a handler throws', () => {
  it('a problem is answered with its own status, document and headers', async () => {
    const fn = http(() => {
      throw problem(404, {
        detail: 'No such order.',
        extensions: { order: 7 },
        headers: { 'x-hint': 'look' },
        retryAfterSeconds: 1.2,
      });
    });
    const app = createTestContext();
    const { status, headers, body } = await call<Record<string, unknown>>(fn, {}, app);
    assert.equal(status, 404);
    assert.equal(headers['content-type'], 'application/problem+json');
    assert.equal(headers['x-hint'], 'look');
    assert.equal(headers['retry-after'], '2');
    const { trace, ...rest } = body;
    assert.deepEqual(rest, {
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'No such order.',
      order: 7,
    });
    assert.match(String(trace), /^[0-9a-f]{32}$/);
    assert.deepEqual(app.logs, []);
  });

  const secrets: Array<[name: string, thrown: unknown]> = [
    ['an error', new Error('password is hunter2')],
    ['an error with a status of its own', Object.assign(new Error('hunter2'), { status: 418, detail: 'hunter2' })],
    ['a string', 'hunter2'],
    ['nothing', undefined],
  ];
  for (const [name, thrown] of secrets) {
    it(`${name} is a 500 that says nothing, and is logged with the trace id`, async () => {
      const app = createTestContext({ errors: 'answer' });
      const fn = http(async () => Promise.reject(thrown));
      const { status, body } = await call<Record<string, unknown>>(fn, {}, app);
      assert.equal(status, 500);
      assert.deepEqual(Object.keys(body).sort(), ['status', 'title', 'trace', 'type']);
      assert.doesNotMatch(JSON.stringify(body), /hunter2/);
      const line = app.logs.at(-1);
      assert.equal(line?.fields['trace'], body['trace']);
      assert.equal(line?.fields['error'], thrown);
    });
  }

  it('a problem with an extension that JSON cannot hold still says the rest', async () => {
    const fn = http(() => Promise.reject(problem(409, { detail: 'Twice.', extensions: { big: 1n } })));
    const { status, body } = await call<Record<string, unknown>>(fn);
    assert.equal(status, 409);
    assert.equal(body['detail'], 'Twice.');
  });
});

describe('what a request offers', () => {
  it('path and query as they came, the query parsed', async () => {
    const fn = http(({ method, url, path, query }) => ({ method, url, path, query }));
    const { body } = await call(fn, { path: '/a%2Fb/?x=1&x=2&y=&z&q=a+b%20c&__proto__=1' });
    assert.deepEqual(body, {
      method: 'GET',
      url: '/a%2Fb/?x=1&x=2&y=&z&q=a+b%20c&__proto__=1',
      path: '/a%2Fb/',
      query: JSON.parse('{"x":["1","2"],"y":"","z":"","q":"a b c","__proto__":"1"}'),
    });
  });

  it('the body as JSON, text, bytes and stream', async () => {
    const fn = http(async request => {
      const chunks = await request.stream().toArray();
      return [
        await request.json(),
        await request.text(),
        (await request.bytes()).length,
        Buffer.concat(chunks).toString(),
      ];
    });
    const text = '{"a":1}';
    assert.deepEqual((await call(fn, { method: 'POST', body: { a: 1 } })).body, [{ a: 1 }, text, text.length, text]);
  });

  it('a broken body is a 400 that says where', async () => {
    const fn = http(request => request.json());
    const { status, body } = await call<{ detail: string }>(fn, { method: 'POST', body: '{"a":' });
    assert.equal(status, 400);
    assert.match(body.detail, /^The body is not valid JSON: /);
    assert.match((await call<{ detail: string }>(fn)).body.detail, /it is empty/);
  });

  it('a body that breaks before it is awaited fails when it is awaited, and not the process', async () => {
    const unhandled: unknown[] = [];
    const listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', error => unhandled.push(error));
    const fn = http(async request => {
      const bodies = [request.json(), request.json(), request.text(), request.bytes()];
      await new Promise(setImmediate);
      return (await Promise.allSettled(bodies)).map(({ status }) => status);
    });
    const broken = new Readable({ read: () => broken.destroy(new Error('the caller left')) });
    const { body } = await call(fn, { method: 'POST', body: broken });
    assert.deepEqual(body, ['rejected', 'rejected', 'rejected', 'rejected']);
    await new Promise(setImmediate);
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
    assert.deepEqual(unhandled, []);
  });

  it('a Host that makes no address is the caller’s mistake', async () => {
    const fn = http(request => request.toWebRequest().url);
    assert.equal((await call(fn, { headers: { host: 'a b' } })).status, 400);
  });

  it('a standard Request, forms included', async () => {
    const fn = http(async request => {
      const standard = request.toWebRequest();
      const form = await standard.formData();
      return [standard.method, standard.url, standard.headers.get('x-a'), form.get('name')];
    });
    const { body } = await call(fn, {
      method: 'PUT',
      path: '/p?q=1',
      headers: { host: 'shop.test', 'X-A': ['1', '2'], 'content-type': 'application/x-www-form-urlencoded' },
      body: 'name=Ada+L',
    });
    assert.deepEqual(body, ['PUT', 'http://shop.test/p?q=1', '1, 2', 'Ada L']);
  });
});

describe('typed input', () => {
  const Order = z.object({ item: z.string(), quantity: z.number().int().default(1) });
  const fn = http({ body: Order, query: z.object({ dry: z.stringbool().optional() }) }, request => ({
    ...request.body,
    dry: request.query.dry,
  }));

  it('gives what the schemas made of it', async () => {
    const { body } = await call(fn, { method: 'POST', query: { dry: 'yes' }, body: { item: 'V60' } });
    assert.deepEqual(body, { item: 'V60', quantity: 1, dry: true });
  });

  it('answers what does not match with 400 and every issue', async () => {
    const { status, body } = await call<{ type: string; issues: Array<{ path: string }> }>(fn, {
      method: 'POST',
      body: { quantity: 1.5 },
    });
    assert.equal(status, 400);
    assert.equal(body.type, 'https://tenfold.dev/errors#invalid-input');
    assert.deepEqual(body.issues.map(issue => issue.path).sort(), ['body.item', 'body.quantity']);
  });

  it('lists at most fifty issues and counts all', async () => {
    const many = http({ body: z.array(z.string()) }, () => null);
    const { body } = await call<{ issues: unknown[]; detail: string }>(many, {
      method: 'POST',
      body: new Array(200).fill(1),
    });
    assert.equal(body.issues.length, 50);
    assert.match(body.detail, /^body\[0\]: .* \(and 199 more\)$/);
  });

  it('waits for schemas that are asynchronous', async () => {
    const known = z.object({ id: z.string().refine(async id => id === '1') });
    const slow = http({ body: known }, request => request.body.id);
    assert.equal((await call(slow, { method: 'POST', body: { id: '1' } })).body, '1');
    assert.equal((await call(slow, { method: 'POST', body: { id: '2' } })).status, 400);
  });

  const bodies: Array<[name: string, type: string, body: string, expected: unknown]> = [
    ['JSON by suffix', 'application/vnd.shop+json', '{"a":1}', { a: 1 }],
    ['a form', 'application/x-www-form-urlencoded', 'a=1&b=x+y', { a: '1', b: 'x y' }],
    ['text', 'text/plain; charset=utf-8', 'hi', 'hi'],
    ['an empty body', 'application/json', '', null],
  ];
  for (const [name, type, body, expected] of bodies) {
    it(`judges ${name} as a value`, async () => {
      const echo = http({ body: z.unknown() }, request => request.body ?? null);
      const answer = await call(echo, { method: 'POST', headers: { 'content-type': type }, body });
      assert.deepEqual(answer.body, expected);
    });
  }

  it('judges parameters and headers too', async () => {
    const schemas = { params: z.object({ id: z.coerce.number() }), headers: z.object({ 'x-shop': z.string() }) };
    const routed = http({ 'GET /orders/:id': http(schemas, ({ params, headers }) => [params.id, headers['x-shop']]) });
    const { body } = await call(routed, { path: '/orders/7', headers: { 'X-Shop': 'north' } });
    assert.deepEqual(body, [7, 'north']);
    assert.equal((await call(routed, { path: '/orders/7' })).status, 400);
  });
});

async function* letters() {
  yield 'a';
  yield Buffer.from('b');
}

function cycle(): object {
  const value: { self?: object } = {};
  value.self = value;
  return value;
}
