// Version 2 of the orders over a version 1 of the test's own.
import assert from 'node:assert/strict';
import { http, problem, reply } from 'tenfold';
import { call, createTestContext } from 'tenfold/testing';
import orders from '../orders-v2.ts';

const order = {
  id: '17',
  customer: { id: '1', name: 'Ada' },
  items: [{ drink: 'v60', name: 'V60 pour-over', quantity: 2, priceCents: 450 }],
  totalCents: 905,
};
const inVersion2 = {
  id: '17',
  customer: { id: '1', name: 'Ada' },
  lines: [{ name: 'V60 pour-over', quantity: 2, price: { amount: '4.50', currency: 'EUR' } }],
  total: { amount: '9.05', currency: 'EUR' },
};

const context = createTestContext({
  errors: 'answer',
  functions: {
    orders: http({
      'GET /orders/:id': request => {
        if (request.params.id === 'broken') throw new Error('The disk is full.');
        if (request.params.id !== '17') throw problem(404, { detail: 'No order has this id.' });
        return order;
      },
      'POST /orders': async request => {
        if (JSON.stringify(await request.json()) === '{}') throw problem(400, { detail: 'No items.' });
        return reply(201, order);
      },
    }),
  },
});

describe('orders, version 2', () => {
  it('gives amounts with their currency', async () => {
    const { status, body } = await call(orders, { path: '/orders/17' }, context);
    assert.deepEqual([status, body], [200, inVersion2]);
  });

  it('takes orders, and says where they are', async () => {
    const answer = await call(orders, { method: 'POST', path: '/orders', body: { any: 'order' } }, context);
    assert.deepEqual([answer.status, answer.headers['location'], answer.body], [201, '/orders/17', inVersion2]);
  });

  const wrong: Record<string, [{ method?: string; path: string; body?: unknown }, number, string]> = {
    'that there is no such order': [{ path: '/orders/18' }, 404, 'No order has this id.'],
    'what is wrong with an order': [{ method: 'POST', path: '/orders', body: {} }, 400, 'No items.'],
  };
  for (const [name, [request, status, detail]] of Object.entries(wrong)) {
    it(`says as version 1 does ${name}`, async () => {
      const answer = await call(orders, request, context);
      assert.equal(answer.status, status);
      assert.partialDeepStrictEqual(answer.body, { detail });
    });
  }

  it('shows nothing of what goes wrong behind it', async () => {
    const answer = await call(orders, { path: '/orders/broken' }, context);
    assert.equal(answer.status, 500);
    assert.doesNotMatch(JSON.stringify(answer.body), /disk/);
  });
});
