// The new order service: it takes over what legacy has, keeps its interface, and gets totals right.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { call, createTestContext } from 'tenfold/testing';
import { openDatabase } from '../legacy/database.ts';
import { createShop } from '../legacy/shop.ts';

const database = openDatabase(':memory:');
const legacy = createShop(database);
const { DATA_DIR, LEGACY_URL } = process.env;
const context = createTestContext({});
/** It reads its environment when it is loaded. */
let orders: Parameters<typeof call>[0];

describe('the new order service', () => {
  before(async () => {
    legacy.listen(0, '127.0.0.1');
    await once(legacy, 'listening');
    process.env.DATA_DIR = ':memory:';
    process.env.LEGACY_URL = `http://127.0.0.1:${(legacy.address() as AddressInfo).port}`;
    ({ default: orders } = await import('../orders.ts'));
    database.addOrder('ada', '2026-01-01T00:00:00.000Z', [{ name: 'v60', euros: 4.35, quantity: 3 }]);
  });
  after(() => {
    legacy.close();
    legacy.closeAllConnections();
    process.env.DATA_DIR = DATA_DIR;
    process.env.LEGACY_URL = LEGACY_URL;
    if (DATA_DIR === undefined) delete process.env.DATA_DIR;
    if (LEGACY_URL === undefined) delete process.env.LEGACY_URL;
  });

  // In this order: each goes on from the orders of those before.
  describe('and orders', takesOrders);
  describe('and their events', tellsOfOrders);
  describe('and what is wrong', refuses);
});

function takesOrders(): void {
  it('takes over, once, what legacy has, with the total made right', async () => {
    const answers = await Promise.all([1, 1].map(id => call(orders, { path: `/orders/${id}` }, context)));
    for (const { status, body } of answers) {
      assert.equal(status, 200);
      assert.partialDeepStrictEqual(body, {
        id: 1,
        customer: 'ada',
        total: 13.05,
        createdAt: '2026-01-01T00:00:00.000Z',
      });
    }
  });

  it('gives copies the next number of legacy, and orders of its own numbers that legacy never gives', async () => {
    const body = { customer: 'bob', items: [{ product: 'cookie', quantity: 2 }, { product: 'espresso' }] };
    const place = (headers: Record<string, string>) =>
      call(orders, { method: 'POST', path: '/orders', body, headers }, context);
    database.addOrder('bob', '2026-01-01T00:00:00.000Z', [{ name: 'cookie', euros: 1.9, quantity: 2 }]);
    const copy = await place({ 'tenfold-shadow': '1', 'tenfold-origin': 'default/shop' });
    assert.equal(copy.headers.location, '/orders/2');
    const answer = await place({});
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.location, '/orders/1000001');
    assert.partialDeepStrictEqual(answer.body, { id: 1_000_001, total: 6 });
    assert.partialDeepStrictEqual((await call(orders, { path: '/orders' }, context)).body, {
      orders: [{ id: 1 }, { id: 2 }, { id: 1_000_001 }],
    });
  });
}

function tellsOfOrders(): void {
  it('tells of each order, and where that has been', () => {
    // Two requests at the same time may both tell of the same order: its event is the same one.
    const told = new Map(context.published.map(({ topic, event }) => [event.id, [topic, event] as const]));
    assert.deepEqual(
      [...told.values()].map(([topic, { data, partitionkey, tenfoldorigin }]) => {
        return [topic, (data as { id: number }).id, partitionkey, tenfoldorigin];
      }),
      [
        ['orders.changed', 1, '1', 'shop'],
        ['orders.changed', 2, '2', 'default/shop'],
        ['orders.changed', 1_000_001, '1000001', undefined],
      ],
    );
  });

  it('takes over what legacy takes later, when it is asked for that, but not for a copy', async () => {
    const id = database.addOrder('eve', '2026-01-02T00:00:00.000Z', [{ name: 'cookie', euros: 1.9, quantity: 1 }]);
    const copied = await call(orders, { path: `/orders/${id}`, headers: { 'tenfold-shadow': '1' } }, context);
    assert.equal(copied.status, 404);
    assert.equal((await call(orders, { path: `/orders/${id}` }, context)).status, 200);
    assert.equal(context.published.at(-1)?.event['tenfoldorigin'], 'shop');
  });

  it('takes an order that cannot be told of, and tells of it with the next one, as what it is', async () => {
    const body = { customer: 'bob', items: [{ product: 'cookie' }] };
    const away = createTestContext({ topics: {} });
    assert.equal((await call(orders, { method: 'POST', path: '/orders', body }, away)).status, 201);
    const before = context.published.length;
    const headers = { 'tenfold-shadow': '1', 'tenfold-origin': 'default/shop' };
    await call(orders, { method: 'POST', path: '/orders', body, headers }, context);
    assert.deepEqual(
      context.published.slice(before).map(({ event }) => [event.id, event['tenfoldorigin']]),
      [
        ['order-1000002', undefined],
        ['order-4', 'default/shop'],
      ],
    );
  });
}

function refuses(): void {
  const refused: Record<string, [string, string, unknown, number]> = {
    'an order of nothing': ['POST', '/orders', { customer: 'bob', items: [] }, 400],
    'an unknown product': ['POST', '/orders', { customer: 'bob', items: [{ product: 'tea' }] }, 400],
    'an unknown order': ['GET', '/orders/99', undefined, 404],
    'what is no id': ['GET', '/orders/1e0', undefined, 404],
  };
  for (const [name, [method, path, body, status]] of Object.entries(refused)) {
    it(`refuses ${name} with ${status}`, async () => {
      const request = { method, path, ...(body === undefined ? {} : { body }) };
      assert.equal((await call(orders, request, context)).status, status);
    });
  }
}
