// An aggregator: the invoice out of four services, with and without the one that it can do without.
import assert from 'node:assert/strict';
import type { Walk } from './client.ts';
import type { Ordered } from './ordering.ts';

export async function invoice({ call, say }: Walk, { customer, order }: Ordered): Promise<void> {
  say('The invoice needs order, customer and menu. Ada has no loyalty card, so its fallback counts: no discount.');
  const full = await call('GET', `/shop/invoices/${order}`);
  assert.equal(full.status, 200);
  assert.deepEqual(full.body, {
    order,
    billedTo: 'Ada',
    lines: [
      { text: '2 × V60 pour-over, Ethiopia', cents: 900 },
      { text: '1 × Oat cookie', cents: 250 },
    ],
    totalCents: 1150,
    discountCents: 0,
    dueCents: 1150,
  });
  say(`  tenfold-parts: ${full.headers.get('tenfold-parts')}`);
  assert.match(full.headers.get('tenfold-parts') ?? '', /^order;ok.*card;fallback/);

  say('With a card she pays less.');
  assert.equal((await call('PUT', `/shop/cards/${customer}`)).status, 201);
  const less = await call('GET', `/shop/invoices/${order}`);
  assert.partialDeepStrictEqual(less.body, { totalCents: 1150, discountCents: 115, dueCents: 1035 });
  assert.match(less.headers.get('tenfold-parts') ?? '', /card;ok/);

  say('Without the order there is no invoice, and the problem names no service behind it.');
  const none = await call('GET', '/shop/invoices/nothing');
  assert.equal(none.status, 404);
  assert.doesNotMatch(JSON.stringify(none.body), /127\.0\.0\.1|localhost|function/);
}
