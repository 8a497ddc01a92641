// Logins and baskets: nothing stands in an instance, nobody else gets in, and nothing
// is lost between two tabs.
import assert from 'node:assert/strict';
import { problem } from 'tenfold';
import { call, createTestContext } from 'tenfold/testing';
import customers from '../customers.ts';
import sessions from '../sessions.ts';
import { createRows } from './rows.ts';

const [known, passcodes] = [createRows('id'), createRows('customer')];
let ordersAnswer: () => unknown = () => ({ id: 'order-1' });
const context = createTestContext({
  functions: { customers, orders: () => ordersAnswer() },
  topics: { customers: known.fold, passcodes: passcodes.fold },
  views: { customers: known.ask, passcodes: passcodes.ask },
});

const ask = (method: string, path: string, cookie = '', body?: unknown) =>
  call(sessions, { method, path, headers: { cookie }, ...(body === undefined ? {} : { body }) }, context);

async function logIn(): Promise<string> {
  const body = { name: 'Ada', passcode: 'secret' };
  const { id } = (await call(customers, { path: '/customers', body }, context)).body as { id: string };
  const answer = await ask('POST', '/login', '', { customer: id, passcode: 'secret' });
  assert.equal(answer.status, 200);
  const [cookie = ''] = [answer.headers['set-cookie']].flat();
  assert.match(cookie, /^session=[\w-]{43}; Path=\/shop; HttpOnly; SameSite=Strict; Max-Age=1800$/);
  return `theme=dark; ${cookie.split(';')[0]}`;
}

describe('sessions', () => {
  it('know who has logged in, and what is in the basket', async () => {
    const cookie = await logIn();
    assert.equal((await ask('POST', '/basket', cookie, { drink: 'v60', quantity: 2 })).status, 200);
    const { body, headers } = await ask('GET', '/me', cookie);
    assert.partialDeepStrictEqual(body, { customer: { name: 'Ada' }, basket: [{ drink: 'v60', quantity: 2 }] });
    assert.equal(headers['cache-control'], 'no-store');
  });

  it('are nobody’s without the cookie, with a wrong one, after half an hour, and after a logout', async () => {
    const cookie = await logIn();
    assert.equal((await ask('GET', '/me')).status, 401);
    assert.equal((await ask('GET', '/me', `session=${'A'.repeat(43)}`)).status, 401);
    context.cache.pass(29 * 60_000);
    assert.equal((await ask('GET', '/me', cookie)).status, 200);
    context.cache.pass(29 * 60_000);
    assert.equal((await ask('GET', '/me', cookie)).status, 200, 'each request lengthens it');
    context.cache.pass(30 * 60_000 + 1);
    assert.equal((await ask('GET', '/me', cookie)).status, 401);
    const other = await logIn();
    const out = await ask('POST', '/logout', other);
    assert.match(String(out.headers['set-cookie']), /^session=; .*Max-Age=0$/);
    assert.equal((await ask('GET', '/me', other)).status, 401);
  });

  it('are not begun with a wrong passcode, or by who has none', async () => {
    const add = async (body: object) =>
      ((await call(customers, { path: '/customers', body }, context)).body as { id: string }).id;
    const withOne = await add({ name: 'Bob', passcode: 'right' });
    const without = await add({ name: 'Eve' });
    for (const body of [
      { customer: withOne, passcode: 'wrong' },
      { customer: without, passcode: 'none' },
      { customer: crypto.randomUUID(), passcode: 'none' },
    ])
      assert.equal((await ask('POST', '/login', '', body)).status, 401);
    assert.deepEqual(Object.keys((await call(customers, { path: `/customers/${withOne}` }, context)).body as object), [
      'id',
      'name',
    ]);
  });

  it('lose nothing of what several tabs put in at the same time', async () => {
    const cookie = await logIn();
    const answers = await Promise.all(['a', 'b', 'c'].map(drink => ask('POST', '/basket', cookie, { drink })));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    const { basket } = (await ask('GET', '/me', cookie)).body as { basket: { drink: string }[] };
    assert.deepEqual(basket.map(({ drink }) => drink).sort(), ['a', 'b', 'c']);
  });

  it('order the basket once, however often somebody presses', async () => {
    const cookie = await logIn();
    await ask('POST', '/basket', cookie, { drink: 'v60' });
    const count = context.invoked.length;
    const answers = await Promise.all([1, 2].map(() => ask('POST', '/basket/order', cookie)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
    assert.equal(context.invoked.slice(count).filter(({ name }) => name === 'orders').length, 1);
  });

  it('keep the basket when the order is refused', async () => {
    const cookie = await logIn();
    await ask('POST', '/basket', cookie, { drink: 'tea' });
    ordersAnswer = () => problem(422, { detail: 'No tea.' });
    assert.equal((await ask('POST', '/basket/order', cookie)).status, 422);
    assert.partialDeepStrictEqual((await ask('GET', '/me', cookie)).body, { basket: [{ drink: 'tea' }] });
  });
});
