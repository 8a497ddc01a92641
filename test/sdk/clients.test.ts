// The clients of a context against the endpoints of a test: what they send, what
// they give, how they fail.
import assert from 'node:assert/strict';
import { batch, type Context, event, http, InvokeError, problem, reply } from 'tenfold';
import {
  call,
  createTestContext,
  deliver,
  deliverBatch,
  type TestContext,
  type TestContextOptions,
} from 'tenfold/testing';

/** Runs `work` with a context whose clients reach the fakes. */
async function within<T>(
  options: TestContextOptions,
  work: (context: Context, app: TestContext) => Promise<T>,
): Promise<T> {
  const app = createTestContext(options);
  let result: { value: T } | { error: unknown } | undefined;
  const fn = http(async (_request, context) => {
    try {
      result = { value: await work(context, app) };
    } catch (error) {
      result = { error };
    }
  });
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  await call(fn, { headers: { traceparent, tracestate: 'a=1', 'tenfold-depth': '2' } }, app);
  if (result && 'value' in result) return result.value;
  throw result?.error;
}

describe('invoke', () => {
  const functions = {
    customers: http({
      'GET /customers/:id': ({ params, query }) => ({ id: params.id, query }),
      'POST /customers': async request => reply(201, { got: await request.json() }, { location: '/customers/1' }),
      'PUT /text': async request => [request.headers['content-type'], await request.text()],
      'GET /bytes': () => Buffer.from([1, 2]),
      'GET /missing': () => Promise.reject(problem(404, { detail: 'No customer 9.' })),
      'GET /busy': () => Promise.reject(problem(503, { retryAfterSeconds: 3 })),
      'GET /broken': () => Promise.reject(new Error('secret')),
    }),
    plain: (request: { path: string }, { trace }: Context) => ({ path: request.path, trace: trace.traceId }),
  };

  it('gives status, headers and the parsed body', () =>
    within({ functions }, async ({ invoke }) => {
      const found = await invoke('customers', {
        path: '/customers/a%2Fb',
        query: { full: true, tag: ['x', 'y'], none: undefined },
      });
      assert.deepEqual(found.body, { id: 'a/b', query: { full: 'true', tag: ['x', 'y'] } });
      const created = await invoke('customers', { path: '/customers', body: { name: 'Ada' } });
      assert.equal(created.status, 201);
      assert.equal(created.headers['location'], '/customers/1');
      assert.deepEqual(created.body, { got: { name: 'Ada' } });
      assert.deepEqual((await invoke('customers', { path: '/bytes' })).body, Buffer.from([1, 2]));
    }));

  it('sends strings as they are, with a type of one’s own', () =>
    within({ functions }, async ({ invoke }) => {
      const text = await invoke('customers', { method: 'PUT', path: '/text', body: 'hi' });
      assert.deepEqual(text.body, ['text/plain; charset=utf-8', 'hi']);
      const typed = await invoke('customers', {
        method: 'PUT',
        path: '/text',
        body: '<a/>',
        headers: { 'Content-Type': 'text/xml' },
      });
      assert.deepEqual(typed.body, ['text/xml', '<a/>']);
    }));

  it('carries deadline, trace, caller and depth', () =>
    within({ functions, functionName: 'orders', timeoutMs: 5000 }, async ({ invoke, trace }, app) => {
      const { body } = await invoke('plain');
      assert.deepEqual(body, { path: '/', trace: 'a'.repeat(32) });
      const [sent] = app.invoked;
      assert.equal(sent?.headers['tenfold-caller'], 'orders');
      assert.equal(sent?.headers['tenfold-depth'], '3');
      assert.equal(sent?.headers['traceparent'], trace.traceparent);
      assert.deepEqual([sent?.headers['tracestate'], trace.tracestate], ['a=1', 'a=1']);
      const left = Number(sent?.headers['tenfold-timeout-ms']);
      assert.ok(left > 0 && left <= 5000, String(left));
    }));

  it('a shorter limit of the call wins over the deadline', () =>
    within({ functions }, async ({ invoke }, app) => {
      await invoke('plain', { timeoutMs: 100 });
      assert.ok(Number(app.invoked[0]?.headers['tenfold-timeout-ms']) <= 100);
    }));

  const failures: Array<
    [path: string, status: number, retryable: boolean, detail: unknown, seconds: number | undefined]
  > = [
    ['/missing', 404, false, 'No customer 9.', undefined],
    ['/busy', 503, true, undefined, 3],
    ['/broken', 500, false, undefined, undefined],
  ];
  for (const [path, status, retryable, detail, seconds] of failures) {
    it(`${path} rejects with the status ${status} and the problem`, () =>
      within({ functions }, async ({ invoke }) => {
        await assert.rejects(invoke('customers', { path }), (error: unknown) => {
          assert.ok(error instanceof InvokeError);
          assert.equal(error.status, status);
          assert.equal(error.retryable, retryable);
          assert.equal(error.retryAfterSeconds, seconds);
          assert.equal((error.problem as { detail?: string }).detail, detail);
          assert.match(error.message, new RegExp(`^GET /functions/customers${path}: answered ${status}`));
          return true;
        });
      }));
  }

  it('thrown on, a failed call leaks nothing', async () => {
    const app = createTestContext({ functions, errors: 'answer' });
    const fn = http((_request, { invoke }) => invoke('customers', { path: '/missing' }));
    const { status, body } = await call(fn, {}, app);
    assert.equal(status, 500);
    assert.doesNotMatch(JSON.stringify(body), /customer/);
  });

  it('gives up at its own limit, and says so', () =>
    within({ functions: { slow: () => new Promise(() => {}) } }, async ({ invoke }) => {
      const failing = invoke('slow', { timeoutMs: 20 });
      await assert.rejects(failing, {
        name: 'InvokeError',
        message: 'GET /functions/slow: no answer within 20 ms',
        retryable: true,
      });
    }));

  it('gives up when asked to', () =>
    within({ functions: { slow: () => new Promise(() => {}) } }, async ({ invoke }) => {
      const controller = new AbortController();
      const failing = invoke('slow', { signal: controller.signal });
      controller.abort(new Error('changed my mind'));
      await assert.rejects(failing, /changed my mind/);
    }));

  it('does not begin when no time is left', () =>
    within({ functions, timeoutMs: 1 }, async ({ invoke, remainingMs }) => {
      while (remainingMs() > 0) await new Promise(setImmediate);
      await assert.rejects(invoke('plain'), /no time is left|no answer within|time limit/);
    }));

  it('refuses a path that does not begin with a slash', () =>
    within({ functions }, ({ invoke }) => assert.rejects(invoke('plain', { path: 'x' }), /begins with a slash/)));

  it('names the functions that the test has', () =>
    within({ functions }, ({ invoke }) =>
      assert.rejects(invoke('custmers'), /no function named custmers; it has: customers, plain/),
    ));
});

describe('publish, enqueue and query', () => {
  it('publishes data as an event', () =>
    within({ functionName: 'orders' }, async ({ publish }, app) => {
      const { id } = await publish(
        'orders.created',
        { orderId: 7 },
        { type: 'OrderCreated', subject: 's', key: 'k', id: 'fixed' },
      );
      assert.equal(id, 'fixed');
      const { time, ...event } = app.published[0]!.event;
      assert.ok(!Number.isNaN(Date.parse(time!)));
      assert.deepEqual(event, {
        ...{
          specversion: '1.0',
          id: 'fixed',
          source: '/functions/orders',
          type: 'OrderCreated',
          subject: 's',
          partitionkey: 'k',
        },
        ...{ datacontenttype: 'application/json', data: { orderId: 7 } },
      });
    }));

  it('publishes a whole event as it is, and bytes as bytes', () =>
    within({}, async ({ publish }, app) => {
      const event = { specversion: '1.0', id: '1', source: '/x', type: 't', data: null } as const;
      await publish('a', event);
      assert.deepEqual(app.published[0], { topic: 'a', event });
      await publish('a', Buffer.from([1, 2]));
      assert.deepEqual(app.published[1]?.event.data, Buffer.from([1, 2]));
    }));

  it('enqueues a job and gives its id and location', () =>
    within({}, async ({ enqueue }, app) => {
      assert.deepEqual(await enqueue('imports', { a: 1 }, { idempotencyKey: 'k"1' }), {
        id: 'job-1',
        location: '/queues/imports/job-1',
      });
      assert.deepEqual(app.enqueued[0]?.data, { a: 1 });
      assert.equal(app.enqueued[0]?.idempotencyKey, 'k\\"1');
    }));

  it('queries a view', () =>
    within({ views: { trends: [{ tag: 'x' }], one: (params: object) => params } }, async ({ query }, app) => {
      assert.deepEqual(await query('trends'), [{ tag: 'x' }]);
      assert.deepEqual(await query('one', { key: 'a b', limit: 5 }), { key: 'a b', limit: '5' });
      assert.deepEqual(
        app.queried.map(entry => entry.view),
        ['trends', 'one'],
      );
    }));

  it('fails for what the test does not have, and when its fake refuses', () =>
    within(
      { topics: { known: () => Promise.reject(problem(503)) }, queues: {} },
      async ({ publish, enqueue, query }) => {
        await assert.rejects(publish('unknown', 1), { status: 404 });
        await assert.rejects(publish('known', 1), { status: 503, retryable: true });
        await assert.rejects(enqueue('imports', 1), { status: 404 });
        await assert.rejects(query('trends'), { status: 404 });
      },
    ));
});

describe('where a change has been', () => {
  const tell = event(async ({ data }, { publish, invoke, enqueue, origin }) => {
    await publish('told', { origin });
    await publish('said', data, { origin: 'crm' });
    await publish('none', data, { origin: '' });
    await invoke('plain');
    await enqueue('jobs', data);
  });
  const functions = { plain: (_: unknown, { origin }: Context) => ({ origin }) };
  const marks = (app: TestContext) =>
    app.published.map(({ topic, event: { tenfoldorigin } }) => [topic, tenfoldorigin]);

  it('goes along with whatever is caused by it, unless something else is said', async () => {
    const app = createTestContext({ functions });
    assert.equal((await deliver(tell, { data: 1, tenfoldorigin: 'default/shop' }, app)).status, 204);
    assert.deepEqual(marks(app), [
      ['told', 'default/shop'],
      ['said', 'crm'],
      ['none', undefined],
    ]);
    assert.deepEqual(app.published[0]?.event.data, { origin: 'default/shop' });
    assert.equal(app.invoked[0]?.headers['tenfold-origin'], 'default/shop');
  });

  it('is nowhere for what has been nowhere', async () => {
    const app = createTestContext({ functions });
    await deliver(tell, { data: 1 }, app);
    assert.deepEqual(marks(app)[0], ['told', undefined]);
    assert.ok(!('tenfold-origin' in (app.invoked[0]?.headers ?? {})));
  });

  it('is not believed from an event that is passed on: what the function was told counts', async () => {
    const app = createTestContext({});
    const forged = { specversion: '1.0', id: '1', source: '/x', type: 'x', tenfoldorigin: 'crm', data: 1 } as const;
    await deliver(
      event((_, { publish }) => publish('told', forged).then(() => undefined)),
      { tenfoldorigin: 'shop' },
      app,
    );
    await deliver(
      event((_, { publish }) => publish('told', forged).then(() => undefined)),
      {},
      app,
    );
    assert.deepEqual(marks(app), [
      ['told', 'shop'],
      ['told', undefined],
    ]);
  });

  it('is the same for all events of a batch', async () => {
    const all = batch(async (events, { publish }) => {
      for (const { data } of events) await publish('told', data);
    });
    const app = createTestContext({});
    await deliverBatch(
      all,
      [
        { data: 1, tenfoldorigin: 'shop' },
        { data: 2, tenfoldorigin: 'shop' },
      ],
      app,
    );
    assert.deepEqual(marks(app), [
      ['told', 'shop'],
      ['told', 'shop'],
    ]);
    await assert.rejects(deliverBatch(all, [{ data: 1, tenfoldorigin: 'shop' }, { data: 2 }], app), TypeError);
  });
});
