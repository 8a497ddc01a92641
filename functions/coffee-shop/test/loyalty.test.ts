// The loyalty cards.
import assert from 'node:assert/strict';
import { problem } from 'tenfold';
import { call, createTestContext } from 'tenfold/testing';
import loyalty from '../loyalty.ts';
import { createRows } from './rows.ts';

const cards = createRows('customer');
const points = (params: { key?: string }) => {
  if (params.key !== 'grace') throw problem(404);
  return { member: 'grace', score: 12 };
};
const context = createTestContext({ topics: { cards: cards.fold }, views: { cards: cards.ask, points } });

describe('loyalty cards', () => {
  it('are given once, however often a customer asks', async () => {
    const ask = { method: 'PUT', path: '/cards/ada' };
    assert.equal((await call(loyalty, ask, context)).status, 201);
    assert.equal((await call(loyalty, ask, context)).status, 200);
    const { body } = await call(loyalty, { path: '/cards/ada' }, context);
    assert.deepEqual(body, { customer: 'ada', discountPercent: 10, points: 0 });
  });

  it('show the points of all orders, also of those before the card', async () => {
    const { body } = await call(loyalty, { method: 'PUT', path: '/cards/grace' }, context);
    assert.deepEqual(body, { customer: 'grace', discountPercent: 10, points: 12 });
  });

  it('are not there for who never asked', async () => {
    assert.equal((await call(loyalty, { path: '/cards/bob' }, context)).status, 404);
  });
});
