// The order service against a menu and customers of the test's own.
import assert from 'node:assert/strict';
import { call, createTestContext } from 'tenfold/testing';
import orders from '../orders.ts';
import { createRows } from './rows.ts';

const ada = { id: '5b2c6e5c-5f0e-4b43-9d0e-0d3c5f8a1f10', name: 'Ada' };
const kept = createRows('id');
let topicIsDown = false;
const context = createTestContext({
  topics: {
    'orders.created': event => {
      if (topicIsDown) throw new Error('the log does not answer');
      kept.fold(event);
    },
  },
  views: { orders: kept.ask },
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
    assert.match(context.queried.at(-2)?.params['after'] ?? '', /^orders\.created@0:\d+$/, 'written before it is read');
  });

  it('lists the latest first', async () => {
    const { body } = await call(orders, { path: '/orders' }, context);
    const times = (body as { orders: { takenAt: string }[] }).orders.map(({ takenAt }) => takenAt);
    assert.ok(times.length > 1);
    assert.deepEqual(times, times.toSorted().reverse());
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

  it('takes no order that it cannot announce', async () => {
    topicIsDown = true;
    const body = { customer: ada.id, items: [{ drink: 'v60' }] };
    await assert.rejects(call(orders, { method: 'POST', path: '/orders', body }, context), /orders\.created/);
    topicIsDown = false;
  });
});
