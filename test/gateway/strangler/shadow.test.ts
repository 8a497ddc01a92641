// The phase shadow over real sockets: legacy answers as ever, the new side is compared, and nothing
// of that reaches the client.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { eventually } from '../../eventually.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { collectGarbage } from '../../kept-memory.ts';
import { type Answer, type Sides, says, serveTwoSides, type TwoSides } from './two-sides.ts';

let sides: TwoSides | undefined;

const SHADOW = '      phase: shadow';

async function serve(more: Partial<Sides>): Promise<TwoSides> {
  sides = await serveTwoSides({ legacy: says('legacy'), fresh: says('legacy'), feature: SHADOW, ...more });
  return sides;
}

/** Waits until so many requests have been compared, failed or skipped. */
async function judged({ report }: TwoSides, count: number): Promise<ReturnType<TwoSides['report']>['shadow']> {
  const seen = () => {
    const { shadow, sides: both } = report();
    const others = [...Object.values(shadow.skipped), ...Object.values(shadow.uncompared)];
    return others.reduce((sum, each) => sum + each, shadow.compared + both.new.failed);
  };
  await eventually(() => seen() >= count, `${count} requests were judged`);
  return report().shadow;
}

async function closeSides(): Promise<void> {
  await sides?.close();
  sides = undefined;
}

const json =
  (value: unknown, status = 200, fields: Record<string, string | string[]> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...fields });
    response.end(JSON.stringify(value));
  };

describe('shadow compares', () => {
  afterEach(closeSides);

  const rows: { name: string; legacy: Answer; fresh: Answer; feature?: string; at: string[] }[] = [
    { name: 'equal answers', legacy: json({ a: 1, b: [2] }), fresh: json({ b: [2], a: 1 }), at: [] },
    { name: 'the status', legacy: json({}), fresh: json({}, 201), at: ['status'] },
    {
      name: 'chosen headers',
      legacy: json({}, 200, { etag: '"1"', 'x-a': '1' }),
      fresh: json({}, 200, { etag: '"2"', 'x-a': '2' }),
      feature: '\n      shadow: { compare: { headers: [etag] } }',
      at: ['header etag'],
    },
    {
      name: 'members of the body',
      legacy: json({ total: 12.5, items: [{ id: 1 }] }),
      fresh: json({ total: '12.5', items: [{ id: 2 }] }),
      at: ['/total', '/items/0/id'],
    },
    {
      name: 'all but ignored places',
      legacy: json({ at: 1, items: [{ id: 1, at: 2 }] }),
      fresh: json({ at: 2, items: [{ id: 1, at: 3 }] }),
      feature: '\n      shadow: { compare: { ignore: [/at, /items/*/at] } }',
      at: [],
    },
    {
      name: 'text letter by letter',
      legacy: json({ a: 1, b: 1 }),
      fresh: json({ b: 1, a: 1 }),
      feature: '\n      shadow: { compare: { body: text } }',
      at: ['body line 1'],
    },
    {
      name: 'no body, when told',
      legacy: json({ a: 1 }),
      fresh: json({ a: 2 }),
      feature: '\n      shadow: { compare: { body: none } }',
      at: [],
    },
    {
      name: 'redirects as the client sees them',
      legacy: (request, response) => {
        response.writeHead(302, { location: `http://${request.headers.host}/orders/2` }).end();
      },
      fresh: (_request, response) => void response.writeHead(302, { location: '/orders/2' }).end(),
      feature: '\n      shadow: { compare: { headers: [location] } }',
      at: [],
    },
    {
      name: 'compressed answers with plain ones',
      legacy: (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        response.end(gzipSync('{"a":1}'));
      },
      fresh: json({ a: 1 }),
      at: [],
    },
  ];
  for (const { name, at, feature = '', ...both } of rows) {
    it(name, async () => {
      const served = await serve({ ...both, feature: SHADOW + feature });
      await served.get('/orders/17?secret=1');
      const { compared, mismatched, examples } = await judged(served, 1);
      assert.deepEqual([compared, mismatched], [1, at.length > 0 ? 1 : 0]);
      assert.deepEqual(
        examples.flatMap(({ differences }) => differences.map(difference => difference.at)),
        at,
      );
    });
  }

  it('and shows masked examples, one for each kind of difference', async () => {
    const served = await serve({
      legacy: json({ customer: 'Ada Lovelace', totalCents: 1250 }),
      fresh: json({ customer: 'Ada', totalCents: 12.5 }),
    });
    for (const id of [17, 18, 19]) await served.get(`/orders/${id}?card=4111`);
    const { examples } = await judged(served, 3);
    assert.equal(examples.length, 1);
    assert.partialDeepStrictEqual(examples[0], {
      count: 3,
      method: 'GET',
      path: '/orders/00',
      differences: [
        { at: '/customer', legacy: '"Aaa Aaaaaaaa"', new: '"Aaa"' },
        { at: '/totalCents', legacy: '0000', new: '00.0' },
      ],
    });
    assert.match(examples[0]?.trace ?? '', /^[0-9a-f]{32}$/);
    assert.doesNotMatch(JSON.stringify(served.report()), /Ada|1250|4111|\/17/);
  });

  it('and leaves out what legacy itself cannot say twice', async () => {
    let count = 0;
    const noisy: Answer = (request, response) => json({ id: 1, at: count++, total: 1 })(request, response);
    const served = await serve({
      legacy: noisy,
      fresh: json({ id: 2, at: -1, total: 1 }),
      feature: `${SHADOW}\n      shadow: { noise: true }`,
    });
    await served.get('/orders/1');
    const { examples, noise } = await judged(served, 1);
    assert.deepEqual(noise, { '/at': 1 });
    assert.deepEqual(
      examples[0]?.differences.map(({ at }) => at),
      ['/id'],
    );
    assert.equal(served.legacy.seen.length, 2);
    assert.equal(served.legacy.seen[1]?.headers['tenfold-shadow'], '1');
  });

  it('and leaves out for unsafe methods what it knows to be noise', async () => {
    let count = 0;
    const served = await serve({
      legacy: (request, response) => json({ id: 1, at: count++ })(request, response),
      fresh: json({ id: 1, at: -1 }),
      feature: `${SHADOW}\n      shadow: { noise: true, unsafeMethods: true }`,
    });
    await served.get('/orders/1');
    await judged(served, 1);
    await served.get('/orders', { method: 'POST', body: '{}' });
    assert.partialDeepStrictEqual(await judged(served, 2), { compared: 2, mismatched: 0 });
  });

  it('a failing new side as failures, not as differences', async () => {
    const served = await serve({ fresh: json({}, 500) });
    await served.get('/orders/1');
    const { compared, examples } = await judged(served, 1);
    assert.equal(compared, 0);
    assert.deepEqual(examples[0]?.differences, [{ at: 'status', legacy: '200', new: '500' }]);
    assert.equal(served.report().sides.new.failed, 1);
  });

  it('latency and requests of both sides', async () => {
    const served = await serve({});
    for (let index = 0; index < 5; index++) await served.get('/orders/1');
    await judged(served, 5);
    const { legacy, new: fresh } = served.report().sides;
    assert.deepEqual([legacy.requests, fresh.requests], [5, 5]);
    assert.ok((legacy.latency?.p95 ?? 0) > 0 && (fresh.latency?.p95 ?? 0) > 0);
  });
});

describe('shadow never lets the client notice', () => {
  afterEach(closeSides);

  it('waits for nothing when the new side hangs', async () => {
    const served = await serve({ fresh: () => {} });
    for (let index = 0; index < 100; index++) {
      const began = performance.now();
      assert.equal((await served.get('/orders/1')).status, 200);
      assert.ok(performance.now() - began < 20_000, 'it does not wait for the deadline');
    }
    await eventually(() => served.fresh.seen.length === 64, 'the new side holds as many as it may');
    assert.equal(served.report().shadow.skipped.busy, 36);
  });

  it('holds no more memory while the new side hangs', async () => {
    const body = Buffer.alloc(200_000, 'x');
    const served = await serve({ legacy: (_request, response) => void response.end(body), fresh: () => {} });
    const held = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    for (let index = 0; index < 80; index++) await served.get('/orders/1');
    const filled = held();
    for (let index = 0; index < 400; index++) await served.get('/orders/1');
    // 400 answers are 80 MB. Memory is given back some time after the collection.
    await eventually(() => held() - filled < 10_000_000, 'less than 10 MB more are held');
    assert.equal(served.report().shadow.skipped.busy, 480 - served.fresh.seen.length);
  });

  it('answers letter by letter as in the phase legacy', async () => {
    const legacy: Answer = (_request, response) => {
      response.writeHead(203, 'Odd', {
        date: 'Tue, 24 Nov 2026 00:00:00 GMT',
        'X-Case': 'Kept',
        'set-cookie': ['a=1', 'b=2'],
      });
      response.write('first ');
      response.end('second');
    };
    const raw = 'GET /orders/1 HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n';
    const served = await serve({ legacy, fresh: json({}, 500), feature: '      phase: legacy' });
    const plain = await sendRaw(served.address, raw);
    await served.feature().control.set('shadow', undefined, 'test');
    const shadowed = await sendRaw(served.address, raw);
    await judged(served, 1);
    assert.equal(shadowed.text, plain.text);
    assert.match(plain.text, /X-Case: Kept/);
  });

  it('sends no unsafe method twice unless told, and then once to each side', async () => {
    const served = await serve({ feature: `${SHADOW}\n      shadow: { noise: true }` });
    await served.get('/orders', { method: 'POST', body: '{}' });
    const { skipped } = await judged(served, 1);
    assert.deepEqual(skipped, { unsafe: 1 });
    served.declare(`${SHADOW}\n      shadow: { noise: true, unsafeMethods: true }`);
    await served.get('/orders', { method: 'POST', body: '{"a":1}' });
    await judged(served, 1);
    assert.deepEqual([served.legacy.seen.length, served.fresh.seen.length], [2, 1]);
    assert.equal(served.fresh.seen[0]?.headers['content-length'], '7');
  });

  it('gives up bodies that are too large, on the way in and on the way out', async () => {
    const large = 'x'.repeat(2000);
    const served = await serve({
      legacy: json({ large }),
      feature: `${SHADOW}\n      shadow: { maxBody: 1000, unsafeMethods: true }`,
    });
    await served.get('/orders/1');
    await served.get('/orders', { method: 'POST', body: large });
    const { uncompared, compared } = await judged(served, 2);
    assert.deepEqual([uncompared, compared], [{ 'too-large': 2 }, 0]);
    assert.equal(served.fresh.seen.length, 0);
  });

  it('sends the new side what legacy got, without what only that client’s copy could answer', async () => {
    const served = await serve({});
    await served.get('/orders/1?x=1', { headers: { cookie: 'sid=1', 'if-none-match': '"1"', range: 'bytes=0-1' } });
    await judged(served, 1);
    const { url, headers } = served.fresh.seen[0] ?? {};
    assert.equal(url, '/orders/1?x=1');
    assert.partialDeepStrictEqual(headers, { cookie: 'sid=1', 'accept-encoding': 'identity', 'tenfold-shadow': '1' });
    assert.deepEqual([headers?.['if-none-match'], headers?.range], [undefined, undefined]);
  });

  it('compares a share only, when told', async () => {
    const served = await serve({ feature: `${SHADOW}\n      shadow: { sample: 20% }` });
    for (let index = 0; index < 100; index++) await served.get('/orders/1');
    await eventually(() => served.report().shadow.compared === served.fresh.seen.length, 'all are compared');
    const { compared } = served.report().shadow;
    assert.ok(compared > 2 && compared < 50, `${compared} of 100`);
  });

  it('stops when the client leaves early', async () => {
    const leaving = new AbortController();
    const served = await serve({ legacy: () => leaving.abort() });
    await assert.rejects(served.get('/orders/1', { signal: leaving.signal }));
    const { skipped } = await judged(served, 1);
    assert.deepEqual(skipped, { 'no-answer': 1 });
    assert.equal(served.report().sides.legacy.requests, 0);
  });
});
