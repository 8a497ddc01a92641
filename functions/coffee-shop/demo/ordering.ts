// A simple web service: the menu, customers and orders, and what is refused.
import assert from 'node:assert/strict';
import type { Walk } from './client.ts';

/** The customer and the order that the rest of the demonstration is about. */
export interface Ordered {
  readonly customer: string;
  readonly order: string;
}

export async function order({ call, say }: Walk): Promise<Ordered> {
  say('The menu is a function behind the Api; its first call starts it.');
  const menu = await call('GET', '/shop/menu');
  assert.equal(menu.status, 200);
  assert.partialDeepStrictEqual(menu.body, { drinks: [{ id: 'v60', priceCents: 450 }] });

  say('Ada becomes a customer.');
  const customer = await call('POST', '/shop/customers', { json: { name: 'Ada' } });
  assert.equal(customer.status, 201);
  assert.equal(customer.headers.get('location'), `/shop/customers/${customer.body.id}`);

  say('She orders; orders asks customers and menu through the internal client, not through the public listener.');
  const items = [{ drink: 'v60', quantity: 2 }, { drink: 'cookie' }];
  const placed = await call('POST', '/shop/orders', { json: { customer: customer.body.id, items } });
  assert.equal(placed.status, 201);
  assert.partialDeepStrictEqual(placed.body, { customer: { name: 'Ada' }, totalCents: 1150 });

  say('The order is kept where its Location says.');
  const kept = await call('GET', String(placed.headers.get('location')));
  assert.deepEqual(kept.body, placed.body);

  say('A problem document tells the client its mistake, and nothing is stored.');
  const wrong = await call('POST', '/shop/orders', { json: { customer: customer.body.id, items: [] } });
  assert.equal(wrong.status, 400);
  assert.equal(wrong.headers.get('content-type'), 'application/problem+json');
  const tea = { customer: customer.body.id, items: [{ drink: 'tea' }] };
  const unknown = await call('POST', '/shop/orders', { json: tea });
  assert.equal(unknown.status, 422);
  assert.match(String(unknown.body.detail), /tea/);

  say('Only declared routes can be reached, and there is no other way in.');
  assert.equal((await call('GET', '/orders')).status, 404);
  assert.equal((await call('GET', '/shop/../functions/orders')).status, 404);
  assert.equal((await call('DELETE', '/shop/orders')).status, 405);
  return { customer: String(customer.body.id), order: String(placed.body.id) };
}
