// What is written back into the legacy shop: the order as it is, as often as it comes; what legacy
// refuses is refused for good.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { deliver } from 'tenfold/testing';
import { openDatabase } from '../legacy/database.ts';
import { createShop } from '../legacy/shop.ts';
import toLegacy from '../orders-to-legacy.ts';

const item = (product: string) => ({ product, quantity: 3, price: 4.35 });
const order = (id: number, product: string) => ({
  id,
  customer: 'ada',
  items: [item(product)],
  total: 13.05,
  createdAt: '2026-01-01T00:00:00.000Z',
});

describe('orders written back to legacy', () => {
  const database = openDatabase(':memory:');
  const legacy = createShop(database);
  const { LEGACY_URL } = process.env;

  before(async () => {
    legacy.listen(0, '127.0.0.1');
    await once(legacy, 'listening');
    process.env.LEGACY_URL = `http://127.0.0.1:${(legacy.address() as AddressInfo).port}`;
  });
  after(() => {
    legacy.close();
    legacy.closeAllConnections();
    process.env.LEGACY_URL = LEGACY_URL;
    if (LEGACY_URL === undefined) delete process.env.LEGACY_URL;
  });

  it('are there once, however often they come, and leave legacy its own numbers', async () => {
    for (let time = 0; time < 2; time++) {
      assert.equal((await deliver(toLegacy, { data: order(1_000_001, 'v60') })).status, 204);
    }
    assert.deepEqual(JSON.parse(JSON.stringify(database.orders())), [
      {
        id: 1_000_001,
        customer: 'ada',
        createdAt: '2026-01-01T00:00:00.000Z',
        lines: [{ name: 'v60', quantity: 3, euros: 4.35 }],
      },
    ]);
    assert.equal(database.addOrder('bob', '2026-01-01T00:00:00.000Z', []), 1);
  });

  it('are refused for good when legacy does not know the product', async () => {
    const answer = await deliver(toLegacy, { data: order(1_000_002, 'oat-cookie') });
    assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
    assert.match(JSON.stringify(answer.body), /legacy refuses order 1000002: .*There is no product oat-cookie/);
    assert.equal(database.order(1_000_002), undefined);
  });
});
