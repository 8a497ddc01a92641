// A robust API: two versions at the same time, and a canary that each guest stays with.
import assert from 'node:assert/strict';
import type { Walk } from './client.ts';
import type { Ordered } from './ordering.ts';

const GUESTS = 20;

export async function release({ call, say }: Walk, { customer, order }: Ordered): Promise<void> {
  say('A client without a version gets v1, and learns that its orders go away; v2 has amounts with their currency.');
  const old = await call('GET', `/shop/orders/${order}`);
  assert.equal(old.body.totalCents, 1150);
  assert.match(old.headers.get('deprecation') ?? '', /^@\d+$/);
  const v2 = { headers: { 'api-version': 'v2' } };
  const fresh = await call('GET', `/shop/orders/${order}`, v2);
  assert.deepEqual(fresh.body.total, { amount: '11.50', currency: 'EUR' });
  assert.equal(fresh.headers.get('deprecation'), null);
  const placed = await call('POST', '/shop/orders', { ...v2, json: { customer, items: [{ drink: 'espresso' }] } });
  assert.equal(placed.status, 201);
  assert.deepEqual((await call('GET', String(placed.headers.get('location')), v2)).body, placed.body);
  const v3 = await call('GET', `/shop/orders/${order}`, { headers: { 'api-version': 'v3' } });
  assert.equal(v3.status, 404);
  assert.match(String(v3.body.detail), /v1 and v2/);

  say('A fifth of the guests gets the menu with allergens. A new guest gets a cookie, and stays.');
  const first = await call('GET', '/shop/menu');
  const cookie = (first.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  assert.match(cookie, /^guest=./);
  for (let visit = 0; visit < 3; visit++) {
    assert.deepEqual((await call('GET', '/shop/menu', { headers: { cookie } }, 'quietly')).body, first.body);
  }
  let canary = 0;
  for (let guest = 0; guest < GUESTS; guest++) {
    const headers = { cookie: `guest=number-${guest}` };
    const menu = await call('GET', '/shop/menu', { headers }, 'quietly');
    assert.deepEqual((await call('GET', '/shop/menu', { headers }, 'quietly')).body, menu.body);
    if (JSON.stringify(menu.body).includes('allergens')) canary++;
  }
  say(`  of ${GUESTS} guests, ${canary} see it`);
  assert.ok(canary > 0 && canary < GUESTS / 2);
}
