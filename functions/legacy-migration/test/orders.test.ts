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

describe('the new order service', () => {
  let orders: Parameters<typeof call>[0];
  const context = createTestContext({});

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

  it('goes on with the ids of legacy', async () => {
    const body = { customer: 'bob', items: [{ product: 'cookie', quantity: 2 }, { product: 'espresso' }] };
    const answer = await call(orders, { method: 'POST', path: '/orders', body }, context);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.location, '/orders/2');
    assert.partialDeepStrictEqual(answer.body, { id: 2, total: 6 });
    assert.partialDeepStrictEqual((await call(orders, { path: '/orders' }, context)).body, {
      orders: [{ id: 1 }, { id: 2 }],
    });
  });

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
});
