// Event and batch functions: what acknowledges, what answers with an event, what fails and how.
import assert from 'node:assert/strict';
import { batch, doNotRetry, event, problem, reply, retryAfter } from 'tenfold';
import { createTestContext, deliver, deliverBatch } from 'tenfold/testing';
import { z } from 'zod';

const Order = z.object({ total: z.coerce.number() });

describe('an event function', () => {
  it('gets the event, and acknowledges it by returning nothing', async () => {
    const seen: unknown[] = [];
    const fn = event(
      (received, { attempt }) => void seen.push([received.type, received.data, received['ext'], attempt]),
    );
    const { status } = await deliver(fn, { type: 'OrderCreated', data: { a: 1 }, ext: 'x' }, createTestContext(), {
      attempt: 3,
    });
    assert.equal(status, 204);
    assert.deepEqual(seen, [['OrderCreated', { a: 1 }, 'x', 3]]);
  });

  it('gets data as its schema made it; what does not match fails for good', async () => {
    const fn = event(Order, received => ({ doubled: received.data.total * 2 }));
    assert.deepEqual((await deliver(fn, { data: { total: '4' } })).body, { doubled: 8 });
    const refused = await deliver(fn, { data: { total: 'many' } });
    assert.equal(refused.status, 400);
    assert.equal((refused.body as { issues: Array<{ path: string }> }).issues[0]?.path, 'data.total');
  });

  it('answers with an event of its own', async () => {
    const own = { specversion: '1.0', id: '9', source: '/me', type: 'OrderBrewed', data: 1 } as const;
    assert.deepEqual((await deliver(event(() => own))).event, own);
  });

  it('answers data as an event that keeps subject and key', async () => {
    const app = createTestContext({ functionName: 'brew' });
    const cause = { type: 'OrderCreated', subject: 's', partitionkey: 'k' };
    const { status, event: answer } = await deliver(
      event(() => ({ ok: true })),
      cause,
      app,
    );
    assert.equal(status, 200);
    const { id, time, ...rest } = answer!;
    assert.ok(id && time);
    assert.deepEqual(rest, {
      ...{ specversion: '1.0', source: '/functions/brew', type: 'OrderCreated.reply', subject: 's', partitionkey: 'k' },
      ...{ datacontenttype: 'application/json', data: { ok: true } },
    });
  });

  const failures: Array<[name: string, run: () => unknown, status: number, retryAfter: string | undefined]> = [
    ['an error may be tried again', () => Promise.reject(new Error('x')), 500, undefined],
    ['doNotRetry fails for good', () => Promise.reject(doNotRetry('No such customer.')), 422, undefined],
    ['retryAfter says when', () => Promise.reject(retryAfter(30)), 503, '30'],
    ['a problem has its own status', () => Promise.reject(problem(429, { retryAfterSeconds: 5 })), 429, '5'],
    ['a reply is taken as it is', () => reply(202, 'later'), 202, undefined],
  ];
  for (const [name, run, status, retry] of failures) {
    it(name, async () => {
      const answer = await deliver(event(run), {}, createTestContext({ errors: 'answer' }));
      assert.equal(answer.status, status);
      assert.equal(answer.headers['retry-after'], retry);
    });
  }
});

describe('a batch function', () => {
  const three = [{ data: { total: 1 } }, { data: { total: 2 } }, { data: { total: 3 } }];

  it('is done with all events when it returns nothing', async () => {
    const { status, results } = await deliverBatch(
      batch(() => undefined),
      three,
    );
    assert.equal(status, 204);
    assert.deepEqual(
      results.map(result => result.status),
      [204, 204, 204],
    );
  });

  it('says for each event how it went', async () => {
    const app = createTestContext();
    const fn = batch(Order, events =>
      Promise.allSettled(
        events.map(async received => {
          if (received.data.total === 2) throw retryAfter(7);
          if (received.data.total === 3) throw new Error('secret');
        }),
      ),
    );
    const { status, results } = await deliverBatch(fn, three, app);
    assert.equal(status, 207);
    assert.deepEqual(
      results.map(result => [result.id, result.status]),
      [
        ['event-1', 204],
        ['event-2', 503],
        ['event-3', 500],
      ],
    );
    assert.equal(results[1]?.retryAfterSeconds, 7);
    assert.doesNotMatch(JSON.stringify(results), /secret/);
    assert.equal((app.logs.at(-1)!.fields['error'] as Error).message, 'secret');
  });

  it('takes a list of errors and nothings too', async () => {
    const { results } = await deliverBatch(
      batch(() => [undefined, doNotRetry('x'), null]),
      three,
    );
    assert.deepEqual(
      results.map(result => result.status),
      [204, 422, 204],
    );
  });

  it('waits for promises that its handler did not', async () => {
    const { results } = await deliverBatch(
      batch(events => events.map(async (_, index) => Promise.reject(retryAfter(index))) as never),
      three,
    );
    assert.deepEqual(
      results.map(({ status, retryAfterSeconds }) => [status, retryAfterSeconds]),
      [0, 1, 2].map(seconds => [503, seconds]),
    );
  });

  const results: readonly [string, unknown, object][] = [
    ['a value', { n: 1 }, { status: 200, data: { n: 1 } }],
    ['a falsy value', 0, { status: 200, data: 0 }],
    ['bytes', Buffer.from('x'), { status: 200, data_base64: 'eA==' }],
    ['a reply', reply(201, { n: 1 }), { status: 201, data: { n: 1 } }],
    ['a reply that is no JSON', reply(200, 'x'), { status: 200, data_base64: 'eA==' }],
    ['a reply that refuses', reply(422, { detail: 'no' }), { status: 422, error: { detail: 'no' } }],
    ['a Response', new Response('x', { status: 503, headers: { 'retry-after': '4' } }), { retryAfterSeconds: 4 }],
    ['an error as value', problem(409), { status: 409 }],
    ['what JSON cannot hold', { n: 1n }, { status: 500 }],
    ['a function', () => 1, { status: 500 }],
    ['nothing', undefined, { status: 204 }],
  ];
  for (const [what, value, entry] of results)
    it(`harms no other event by giving ${what} for one`, async () => {
      const fn = batch(events => events.map((_, at) => ({ status: 'fulfilled', value: at === 1 ? value : { at } })));
      const items = three.map((each, index) => ({ ...each, itemindex: String(index) }));
      const { results: given } = await deliverBatch(fn, items);
      assert.partialDeepStrictEqual(given, [
        { status: 200, data: { at: 0 } },
        { id: 'event-2', ...entry },
        { status: 200, data: { at: 2 } },
      ]);
    });

  it('gives an event for what is no item of a FanOut, as an event function does', async () => {
    const fn = batch(events => events.map(({ data }) => ({ status: 'fulfilled', value: data })));
    const { results: given } = await deliverBatch(fn, [{ id: 'a', type: 'Asked', subject: 's', data: { n: 1 } }]);
    assert.partialDeepStrictEqual(given, [
      { id: 'a', status: 200, event: { type: 'Asked.reply', subject: 's', data: { n: 1 } } },
    ]);
  });

  it('keeps events that do not match from the handler, and the order of the results', async () => {
    let given = 0;
    const fn = batch(Order, events => {
      given = events.length;
      return [undefined, doNotRetry('x')];
    });
    const { results } = await deliverBatch(fn, [
      { data: { total: 1 } },
      { data: { total: Number.NaN } },
      { data: { total: 3 } },
    ]);
    assert.equal(given, 2);
    assert.deepEqual(
      results.map(result => result.status),
      [204, 400, 422],
    );
  });

  it('does not call the handler when no event matches', async () => {
    const fn = batch(Order, () => Promise.reject(new Error('called')));
    assert.deepEqual(
      (await deliverBatch(fn, [{ data: { total: Number.NaN } }])).results.map(result => result.status),
      [400],
    );
  });

  it('fails as a whole when the handler throws', async () => {
    const { status, results } = await deliverBatch(
      batch(() => Promise.reject(retryAfter(1))),
      three,
    );
    assert.equal(status, 503);
    assert.deepEqual(
      results.map(result => result.status),
      [503, 503, 503],
    );
  });

  for (const [name, answer] of [
    ['outcomes for fewer events', [undefined]],
    ['something that is no list', { ok: true }],
  ] as const) {
    it(`fails as a whole when it returns ${name}`, async () => {
      assert.equal(
        (
          await deliverBatch(
            batch(() => answer as never),
            three,
            createTestContext({ errors: 'answer' }),
          )
        ).status,
        500,
      );
    });
  }
});

describe('wrappers used wrongly', () => {
  it('say that a handler is missing', () => {
    assert.throws(() => event(undefined as never), /event\(\) needs a handler/);
    assert.throws(() => batch(Order as never), /batch\(\) needs a handler/);
  });

  it('are refused by call()', async () => {
    const { call } = await import('tenfold/testing');
    await assert.rejects(call(event(() => undefined)), /use deliver\(\)/);
    await assert.rejects(call({}), /what the module exports as default/);
  });
});
