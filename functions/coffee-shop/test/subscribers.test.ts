// What listens to the orders: each event counts once, however often it comes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, createTestContext, deliver, deliverBatch } from 'tenfold/testing';

const before = process.env.DATA_DIR;
const folder = mkdtempSync(join(tmpdir(), 'coffee-shop-'));
process.env.DATA_DIR = folder;
const { default: videoWall } = await import('../video-wall.ts');
const { default: barista } = await import('../barista.ts');
const { default: screens } = await import('../screens.ts');
const { default: printReceipt } = await import('../print-receipt.ts');
const { default: receipts } = await import('../receipts.ts');
const { default: collectPoints } = await import('../collect-points.ts');
const { default: learnTastes } = await import('../learn-tastes.ts');
const { default: tastes } = await import('../tastes.ts');
const { openTally } = await import('../tally.ts');
const points = openTally('points');
process.env.DATA_DIR = before;
if (before === undefined) delete process.env.DATA_DIR;

const context = createTestContext();

const item = (drink: string, quantity = 1, priceCents = 450) => ({
  drink,
  name: drink.toUpperCase(),
  quantity,
  priceCents,
});

function orderCreated(id: string, items: readonly ReturnType<typeof item>[], table = 'counter') {
  const totalCents = items.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0);
  return { id, type: 'OrderCreated', data: { id, table, customer: { id: 'ada', name: 'Ada' }, items, totalCents } };
}

const get = async (fn: Parameters<typeof call>[0], path: string) => (await call(fn, { path }, context)).body;

describe('the video wall', () => {
  it('shows every cup and cookie of an order, once', async () => {
    const order = orderCreated('wall-1', [item('v60', 2), item('cookie')], '4');
    for (let time = 0; time < 2; time++) assert.equal((await deliver(videoWall, order, context)).status, 204);
    const each = { order: 'wall-1', table: '4', guest: 'Ada' };
    assert.deepEqual(await get(screens, '/wall'), {
      toMake: [
        { ...each, drink: 'v60', name: 'V60' },
        { ...each, drink: 'v60', name: 'V60' },
        { ...each, drink: 'cookie', name: 'COOKIE' },
      ],
    });
  });

  it('refuses an order that it cannot read', async () => {
    const { data } = orderCreated('wall-2', []);
    assert.equal((await deliver(videoWall, { data: { ...data, items: 'none' } as never }, context)).status, 400);
  });
});

describe('the screens of the tables', () => {
  const plug = (table: string, plugged: boolean) =>
    call(screens, { method: 'PUT', path: `/screens/${table}`, body: { plugged } }, context);

  it('show the orders of their table in the order of taking, each once', async () => {
    for (const id of ['s-2', 's-1', 's-2']) await deliver(barista, orderCreated(id, [item('v60', 2)], '7'), context);
    assert.deepEqual(await get(screens, '/screens/7'), {
      table: '7',
      plugged: true,
      orders: [
        { order: 's-2', lines: ['2 × V60'] },
        { order: 's-1', lines: ['2 × V60'] },
      ],
    });
  });

  it('take nothing while unplugged, so that it is tried again, and slow no other table down', async () => {
    assert.equal((await plug('8', false)).status, 200);
    const failed = await deliver(barista, orderCreated('s-3', [item('v60')], '8'), context);
    assert.equal(failed.status, 502);
    assert.equal(failed.headers['retry-after'], undefined);
    assert.partialDeepStrictEqual(failed.body, { detail: 'The screen of table 8 does not answer.' });
    assert.equal((await deliver(barista, orderCreated('s-4', [item('v60')], '80'), context)).status, 204);
    assert.partialDeepStrictEqual(await get(screens, '/screens/8'), { plugged: false, orders: [] });

    await plug('8', true);
    assert.equal((await deliver(barista, orderCreated('s-3', [item('v60')], '8'), context)).status, 204);
    assert.partialDeepStrictEqual(await get(screens, '/screens/8'), { plugged: true, orders: [{ order: 's-3' }] });
  });
});

describe('the receipts', () => {
  it('are printed once, with what was paid for each line', async () => {
    const order = orderCreated('r-1', [item('v60', 2), item('cookie', 1, 250)]);
    for (let time = 0; time < 2; time++) await deliver(printReceipt, order, context);
    assert.deepEqual(await get(receipts, '/receipts/r-1'), {
      order: 'r-1',
      lines: ['2 × V60: 9.00 €', '1 × COOKIE: 2.50 €'],
      total: '11.50 €',
    });
    assert.equal((await call(receipts, { path: '/receipts/r-2' }, context)).status, 404);
  });
});

describe('the points', () => {
  it('grow by one for each full euro, once for each order', async () => {
    for (const id of ['p-1', 'p-1', 'p-2']) await deliver(collectPoints, orderCreated(id, [item('v60')]), context);
    assert.equal(points.get('ada'), 8);
  });
});

describe('the tastes', () => {
  it('know what goes with what, most often first, from batches that may come again', async () => {
    const orders = [
      orderCreated('t-1', [item('v60'), item('cookie')]),
      orderCreated('t-2', [item('v60', 3), item('cookie'), item('espresso')]),
      orderCreated('t-3', [item('v60', 2)]),
    ];
    for (let time = 0; time < 2; time++) {
      const { results } = await deliverBatch(learnTastes, orders, context);
      assert.deepEqual(
        results.map(({ status }) => status),
        [204, 204, 204],
      );
    }
    assert.deepEqual(await get(tastes, '/v60'), {
      drink: 'v60',
      goesWith: [
        { drink: 'cookie', orders: 2 },
        { drink: 'espresso', orders: 1 },
      ],
    });
    assert.deepEqual(await get(tastes, '/tea'), { drink: 'tea', goesWith: [] });
  });

  it('are kept, and dropped for what was ordered', async () => {
    const order = (id: string, ...drinks: string[]) =>
      orderCreated(
        id,
        drinks.map(drink => item(drink)),
      );
    await deliverBatch(learnTastes, [order('t-4', 'mocha', 'cake')], context);
    const first = await get(tastes, '/mocha');
    assert.deepEqual(context.cache.value('tastes/mocha'), first);
    await get(tastes, '/chai');
    await deliverBatch(learnTastes, [order('t-5', 'mocha', 'cake')], context);
    assert.equal(context.cache.value('tastes/mocha'), undefined);
    assert.notEqual(context.cache.value('tastes/chai'), undefined);
    assert.deepEqual(await get(tastes, '/mocha'), { drink: 'mocha', goesWith: [{ drink: 'cake', orders: 2 }] });
  });
});

after(() => rmSync(folder, { recursive: true, force: true }));
