// The invoice out of parts that an Aggregate has gathered.
import assert from 'node:assert/strict';
import { call, createTestContext } from 'tenfold/testing';
import invoice from '../invoice.ts';

const part = (body: unknown, outcome = 'ok') => ({ status: 200, headers: {}, body, outcome });

function gathered(discountPercent: number, priceCents = 450) {
  const items = [{ drink: 'v60', name: 'V60 pour-over', quantity: 3, priceCents }];
  return {
    request: {},
    params: { order: '17' },
    parts: {
      order: part({ id: '17', items, totalCents: 3 * priceCents, customer: { id: '1', name: 'Ada' } }),
      customer: part({ id: '1', name: 'Ada' }),
      menu: part({ drinks: [{ id: 'v60', name: 'V60 pour-over', origin: 'Ethiopia', priceCents }] }),
      card: part({ discountPercent }, 'fallback'),
    },
  };
}

const ask = (body: unknown) => call(invoice, { method: 'POST', path: '/', body }, createTestContext());

describe('invoice', () => {
  it('lists what was ordered, with where it comes from', async () => {
    const { status, body } = await ask(gathered(0));
    assert.equal(status, 200);
    assert.deepEqual(body, {
      order: '17',
      billedTo: 'Ada',
      lines: [{ text: '3 × V60 pour-over, Ethiopia', cents: 1350 }],
      totalCents: 1350,
      discountCents: 0,
      dueCents: 1350,
    });
  });

  for (const [percent, price, discountCents] of [
    [10, 450, 135],
    [10, 115, 35],
    [100, 450, 1350],
  ] as const) {
    it(`takes ${percent}% off 3 × ${price} in whole cents`, async () => {
      assert.partialDeepStrictEqual((await ask(gathered(percent, price))).body, {
        discountCents,
        dueCents: 3 * price - discountCents,
      });
    });
  }

  it('refuses parts that are not what it knows', async () => {
    assert.equal((await ask({ parts: {} })).status, 400);
  });
});
