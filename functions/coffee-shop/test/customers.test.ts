// The customers.
import assert from 'node:assert/strict';
import { problem } from 'tenfold';
import { call, createTestContext } from 'tenfold/testing';
import customers from '../customers.ts';
import { createRows } from './rows.ts';

describe('customers', () => {
  const kept = createRows('id');
  let viewIsBehind = false;
  const ask = (params: Readonly<Record<string, string>>) => {
    if (viewIsBehind) throw problem(504);
    return kept.ask(params);
  };
  const context = createTestContext({ topics: { customers: kept.fold }, views: { customers: ask } });
  const add = (name: string) => call(customers, { path: '/customers', body: { name } }, context);

  it('can be read by whoever has the answer: their View is waited for', async () => {
    const { status, headers } = await add('Grace');
    assert.equal(status, 201);
    assert.match(context.queried.at(-1)?.params['after'] ?? '', /^customers@0:\d+$/);
    assert.partialDeepStrictEqual((await call(customers, { path: String(headers['location']) }, context)).body, {
      name: 'Grace',
    });
  });

  it('are there when their View is late: the event is durable', async () => {
    viewIsBehind = true;
    const { status, headers } = await add('Ada');
    assert.equal(status, 201);
    viewIsBehind = false;
    assert.equal((await call(customers, { path: String(headers['location']) }, context)).status, 200);
  });

  it('are listed by their names', async () => {
    const { body } = await call(customers, { path: '/customers' }, context);
    assert.deepEqual(
      (body as { customers: { name: string }[] }).customers.map(({ name }) => name),
      ['Ada', 'Grace'],
    );
  });

  it('that nobody knows are not found', async () => {
    assert.equal((await call(customers, { path: `/customers/${crypto.randomUUID()}` }, context)).status, 404);
  });
});
