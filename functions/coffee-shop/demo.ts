// Drives the coffee shop over HTTP as a client would, says what it does, and checks what comes back.
import assert from 'node:assert/strict';

export interface DemoOptions {
  /** Public door of a platform that runs this application, e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  say(line: string): void;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Throws an AssertionError at the first answer that is not as it should be. */
export async function demo({ address, say }: DemoOptions): Promise<void> {
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await fetch(address + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    say(`${method} ${path} → ${answer.status}`);
    return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) };
  };

  say('The menu is a function behind the Api; its first call starts it.');
  const menu = await call('GET', '/shop/menu');
  assert.equal(menu.status, 200);
  assert.partialDeepStrictEqual(menu.body, { drinks: [{ id: 'v60', priceCents: 450 }] });

  say('Ada becomes a customer.');
  const customer = await call('POST', '/shop/customers', { name: 'Ada' });
  assert.equal(customer.status, 201);
  assert.equal(customer.headers.get('location'), `/shop/customers/${customer.body.id}`);

  say('She orders; orders asks customers and menu through the internal client, not through the public door.');
  const order = await call('POST', '/shop/orders', {
    customer: customer.body.id,
    items: [{ drink: 'v60', quantity: 2 }, { drink: 'cookie' }],
  });
  assert.equal(order.status, 201);
  assert.partialDeepStrictEqual(order.body, { customer: { name: 'Ada' }, totalCents: 1150 });

  say('The order is kept where its Location says.');
  const kept = await call('GET', String(order.headers.get('location')));
  assert.deepEqual(kept.body, order.body);

  say('What a client gets wrong is said in a problem document, and nothing is stored.');
  const wrong = await call('POST', '/shop/orders', { customer: customer.body.id, items: [] });
  assert.equal(wrong.status, 400);
  assert.equal(wrong.headers.get('content-type'), 'application/problem+json');
  const unknown = await call('POST', '/shop/orders', { customer: customer.body.id, items: [{ drink: 'tea' }] });
  assert.equal(unknown.status, 422);
  assert.match(String(unknown.body.detail), /tea/);

  say('What no route declares is not reachable, and nobody gets in by the back door.');
  assert.equal((await call('GET', '/orders')).status, 404);
  assert.equal((await call('GET', '/shop/../functions/orders')).status, 404);
  assert.equal((await call('DELETE', '/shop/orders')).status, 405);
}
