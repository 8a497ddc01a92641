// Sessions: what a function knows of its visitors stands in the cache, so that any instance can
// answer and none has to last.
import assert from 'node:assert/strict';
import type { Walk } from './client.ts';

export async function keepSessions({ call, say }: Walk): Promise<void> {
  say(
    'Grace becomes a customer with a passcode, and logs in. The cookie is a random text; what it stands for is in the cache.',
  );
  const json = { name: 'Grace', passcode: 'nanosecond' };
  const { body: customer } = await call('POST', '/shop/customers', { json }, 'quietly');
  assert.deepEqual(Object.keys(customer), ['id', 'name']);
  const logIn = (passcode: string) => call('POST', '/shop/login', { json: { customer: customer.id, passcode } });
  assert.equal((await logIn('microsecond')).status, 401);
  const answer = await logIn('nanosecond');
  assert.equal(answer.status, 200);
  const headers = { cookie: (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '' };

  say('Two tabs put something into her basket at the same moment: neither overwrites the other.');
  const items = [{ drink: 'flat-white', quantity: 3 }, { drink: 'cookie' }];
  const put = await Promise.all(items.map(json => call('POST', '/shop/basket', { headers, json }, 'quietly')));
  assert.deepEqual(
    put.map(({ status }) => status),
    [200, 200],
  );
  const me = await call('GET', '/shop/me', { headers });
  assert.equal((me.body.basket as unknown[]).length, 2);

  say('She presses "order" twice, and orders once.');
  const orders = await Promise.all([1, 2].map(() => call('POST', '/shop/basket/order', { headers }, 'quietly')));
  assert.deepEqual(orders.map(({ status }) => status).sort(), [201, 409]);
  assert.equal(orders.find(({ status }) => status === 201)?.body.totalCents, 1510);

  say('After the logout the cookie stands for nobody.');
  assert.equal((await call('POST', '/shop/logout', { headers })).status, 204);
  assert.equal((await call('GET', '/shop/me', { headers })).status, 401);
}
