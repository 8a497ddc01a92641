// The order service against a menu and customers of the test's own.
import assert from 'node:assert/strict';
import { call, createTestContext } from 'tenfold/testing';

process.env.DATA_DIR = ':memory:';
const { default: orders } = await import('../orders.ts');

const ada = { id: '5b2c6e5c-5f0e-4b43-9d0e-0d3c5f8a1f10', name: 'Ada' };
const context = createTestContext({
  functions: {
    customers: (request: { path: string }) =>
      request.path === `/customers/${ada.id}` ? ada : { status: 404, headers: {}, body: {} },
    menu: () => ({ id: 'v60', name: 'V60 pour-over', priceCents: 450 }),
  },
});

describe('orders', () => {
  it('adds up the prices of the menu', async () => {
    const body = { customer: ada.id, items: [{ drink: 'v60', quantity: 3 }] };
    const answer = await call(orders, { method: 'POST', path: '/orders', body }, context);
    assert.equal(answer.status, 201);
    assert.partialDeepStrictEqual(answer.body, { customer: ada, totalCents: 1350 });
  });

  it('keeps the order under its location', async () => {
    const body = { customer: ada.id, items: [{ drink: 'v60' }] };
    const { headers } = await call(orders, { method: 'POST', path: '/orders', body }, context);
    const answer = await call(orders, { path: String(headers.location) }, context);
    assert.partialDeepStrictEqual(answer.body, { totalCents: 450 });
  });

  it('refuses an order without items', async () => {
    const answer = await call(
      orders,
      { method: 'POST', path: '/orders', body: { customer: ada.id, items: [] } },
      context,
    );
    assert.equal(answer.status, 400);
  });
});
