// The order service against a menu and customers of the test's own.
import assert from 'node:assert/strict';
import { call, createTestContext } from 'tenfold/testing';

process.env.DATA_DIR = ':memory:';
const { default: orders } = await import('../orders.ts');

const ada = { id: '5b2c6e5c-5f0e-4b43-9d0e-0d3c5f8a1f10', name: 'Ada' };
let topicIsDown = false;
const context = createTestContext({
  topics: {
    'orders.created': () => {
      if (topicIsDown) throw new Error('the log does not answer');
    },
  },
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

  it('announces what was ordered, and for which table', async () => {
    const body = { customer: ada.id, table: '7', items: [{ drink: 'v60', quantity: 2 }] };
    const { body: order } = await call(orders, { method: 'POST', path: '/orders', body }, context);
    const { topic, event } = context.published.at(-1) ?? assert.fail('nothing was published');
    const { id } = order as { id: string };
    assert.equal(topic, 'orders.created');
    assert.partialDeepStrictEqual(event, { type: 'OrderCreated', id, subject: id, data: order as object });
    assert.partialDeepStrictEqual(event.data, { table: '7', customer: ada, totalCents: 900 });
  });

  it('takes orders while they cannot be announced, and announces them later, oldest first', async () => {
    const take = () =>
      call(orders, { method: 'POST', path: '/orders', body: { customer: ada.id, items: [{ drink: 'v60' }] } }, context);
    const before = context.published.length;
    topicIsDown = true;
    const ids = [await take(), await take()].map(({ status, body }) => {
      assert.equal(status, 201);
      return (body as { id: string }).id;
    });
    assert.equal(context.published.length, before);
    topicIsDown = false;
    await call(orders, { path: '/orders' }, context);
    assert.deepEqual(
      context.published.slice(before).map(({ event }) => event.id),
      ids,
    );
  });
});
