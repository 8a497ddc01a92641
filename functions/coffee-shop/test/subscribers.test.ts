// What listens to the orders: what each of them makes of an order, and how what
// is kept of that is shown.
import assert from 'node:assert/strict';
import { call, createTestContext, deliver } from 'tenfold/testing';
import barista from '../barista.ts';
import collectPoints from '../collect-points.ts';
import learnTastes from '../learn-tastes.ts';
import printReceipt from '../print-receipt.ts';
import receipts from '../receipts.ts';
import screens from '../screens.ts';
import tastes from '../tastes.ts';
import videoWall from '../video-wall.ts';
import { createRows } from './rows.ts';

const rows = {
  wall: createRows('order', 'OrderServed'),
  shown: createRows('order'),
  plugs: createRows('table'),
  receipts: createRows('order'),
};
let pairs: readonly { member: string; score: number }[] = [];
const context = createTestContext({
  topics: { 'screens.plugged': rows.plugs.fold, 'wall.changed': rows.wall.fold },
  views: {
    ...Object.fromEntries(Object.entries(rows).map(([view, { ask }]) => [view, ask])),
    tastes: () => ({ items: pairs }),
  },
});

const item = (drink: string, quantity = 1, priceCents = 450) => ({
  drink,
  name: drink.toUpperCase(),
  quantity,
  priceCents,
});

let minutes = 0;
function orderCreated(id: string, items: readonly ReturnType<typeof item>[], table = 'counter') {
  const totalCents = items.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0);
  const takenAt = new Date(Date.UTC(2026, 10, 1, 8, minutes++)).toISOString();
  const data = { id, takenAt, table, customer: { id: 'ada', name: 'Ada' }, items, totalCents };
  return { id, type: 'OrderCreated', data };
}

const get = async (fn: Parameters<typeof call>[0], path: string) => (await call(fn, { path }, context)).body;

/** As a Subscription with a reply and the View of its topic do; returns the status. */
async function subscribe(
  fn: Parameters<typeof deliver>[0],
  view: keyof typeof rows,
  event: ReturnType<typeof orderCreated>,
) {
  const answer = await deliver(fn, event, context);
  if (answer.event) rows[view].fold(answer.event);
  return answer;
}

describe('the video wall', () => {
  it('shows every cup and cookie of an order, once', async () => {
    const order = orderCreated('wall-1', [item('v60', 2), item('cookie')], '4');
    for (let time = 0; time < 2; time++) assert.equal((await subscribe(videoWall, 'wall', order)).status, 200);
    await subscribe(videoWall, 'wall', orderCreated('wall-2', [item('espresso')], '5'));
    const each = { order: 'wall-1', table: '4', guest: 'Ada' };
    assert.deepEqual(await get(screens, '/wall'), {
      toMake: [
        { ...each, drink: 'v60', name: 'V60' },
        { ...each, drink: 'v60', name: 'V60' },
        { ...each, drink: 'cookie', name: 'COOKIE' },
        { order: 'wall-2', table: '5', guest: 'Ada', drink: 'espresso', name: 'ESPRESSO' },
      ],
    });
  });

  it('shows no order that is served', async () => {
    await subscribe(videoWall, 'wall', orderCreated('wall-4', [item('v60')]));
    assert.equal((await call(screens, { method: 'DELETE', path: '/wall/wall-4' }, context)).status, 204);
    assert.doesNotMatch(JSON.stringify(await get(screens, '/wall')), /wall-4/);
  });

  it('refuses an order that it cannot read', async () => {
    const { data } = orderCreated('wall-3', []);
    assert.equal((await deliver(videoWall, { data: { ...data, items: 'none' } as never }, context)).status, 400);
  });
});

describe('the screens of the tables', () => {
  const plug = (table: string, plugged: boolean) =>
    call(screens, { method: 'PUT', path: `/screens/${table}`, body: { plugged } }, context);

  it('show the orders of their table in the order of taking, each once', async () => {
    const [first, second] = ['s-2', 's-1'].map(id => orderCreated(id, [item('v60', 2)], '7'));
    assert.ok(first && second);
    for (const order of [second, first, second]) await subscribe(barista, 'shown', order);
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
    const waiting = orderCreated('s-3', [item('v60')], '8');
    const failed = await subscribe(barista, 'shown', waiting);
    assert.equal(failed.status, 500);
    assert.equal(failed.headers['retry-after'], undefined);
    assert.partialDeepStrictEqual(failed.body, { detail: 'The screen of table 8 does not answer.' });
    assert.equal((await subscribe(barista, 'shown', orderCreated('s-4', [item('v60')], '80'))).status, 200);
    assert.partialDeepStrictEqual(await get(screens, '/screens/8'), { plugged: false, orders: [] });

    await plug('8', true);
    assert.equal((await subscribe(barista, 'shown', waiting)).status, 200);
    assert.partialDeepStrictEqual(await get(screens, '/screens/8'), { plugged: true, orders: [{ order: 's-3' }] });
  });
});

describe('the receipts', () => {
  it('are printed once, with what was paid for each line', async () => {
    const order = orderCreated('r-1', [item('v60', 2), item('cookie', 1, 250)]);
    for (let time = 0; time < 2; time++) await subscribe(printReceipt, 'receipts', order);
    assert.deepEqual(await get(receipts, '/receipts/r-1'), {
      order: 'r-1',
      lines: ['2 × V60: 9.00 €', '1 × COOKIE: 2.50 €'],
      total: '11.50 €',
    });
    assert.equal((await call(receipts, { path: '/receipts/r-2' }, context)).status, 404);
  });
});

describe('the points', () => {
  it('are one for each full euro', async () => {
    const { body } = await deliver(collectPoints, orderCreated('p-1', [item('v60')]), context);
    assert.deepEqual(body, { customer: 'ada', points: 4 });
  });
});

describe('the tastes', () => {
  it('are two for each two different things of an order', async () => {
    const { body } = await deliver(learnTastes, orderCreated('t-1', [item('v60', 3), item('cookie')]), context);
    assert.deepEqual(body, [{ pair: 'v60+cookie' }, { pair: 'cookie+v60' }]);
    assert.deepEqual((await deliver(learnTastes, orderCreated('t-2', [item('v60', 2)]), context)).body, []);
  });

  it('say what goes with what, most often first, and are kept for a moment', async () => {
    pairs = [
      { member: 'v60+cookie', score: 2 },
      { member: 'cookie+v60', score: 2 },
      { member: 'v60+espresso', score: 1 },
    ];
    const known = {
      drink: 'v60',
      goesWith: [
        { drink: 'cookie', orders: 2 },
        { drink: 'espresso', orders: 1 },
      ],
    };
    assert.deepEqual(await get(tastes, '/v60'), known);
    assert.deepEqual(await get(tastes, '/tea'), { drink: 'tea', goesWith: [] });
    pairs = [];
    assert.deepEqual(await get(tastes, '/v60'), known);
    context.cache.pass(2_000);
    assert.deepEqual(await get(tastes, '/v60'), { drink: 'v60', goesWith: [] });
  });
});
