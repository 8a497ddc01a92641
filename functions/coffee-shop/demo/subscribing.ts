// Decoupled messaging and pub/sub: who listens to the orders, one who
// fails, and one who comes late.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Issuer } from '../issuer.ts';
import { type Ask, until, type Walk } from './client.ts';
import type { Ordered } from './ordering.ts';

interface ToMake {
  readonly order: string;
  readonly drink: string;
}

export async function subscribe({ call, say }: Walk, { customer, order }: Ordered): Promise<void> {
  say('The order was announced once, and three listen: the video wall splits it into what is to be made, ...');
  await until('everything is on the wall', async () => {
    const { body } = await call('GET', '/shop/wall', {}, 'quietly');
    const drinks = (body.toMake as ToMake[]).filter(each => each.order === order).map(({ drink }) => drink);
    if (drinks.length < 3) return false;
    assert.deepEqual(drinks, ['v60', 'v60', 'cookie']);
    return true;
  });
  say('  V60, V60, cookie');

  say('... a receipt is printed, and points are collected.');
  await until('the receipt is printed', async () => {
    const { status, body } = await call('GET', `/shop/receipts/${order}`, {}, 'quietly');
    if (status === 404) return false;
    assert.partialDeepStrictEqual(body, {
      lines: ['2 × V60 pour-over: 9.00 €', '1 × Oat cookie: 2.50 €'],
      total: '11.50 €',
    });
    return true;
  });
  await until('the points are there', async () => {
    const { body } = await call('GET', `/shop/cards/${customer}`, {}, 'quietly');
    return Number(body.points) >= 11;
  });
}

export async function failForOneTable(
  { call, say }: Walk,
  ask: Ask,
  { customer }: Ordered,
  { sign }: Pick<Issuer, 'sign'>,
): Promise<void> {
  const headers = { authorization: `Bearer ${await sign({ sub: 'grace', role: 'barista' })}` };
  const shown = async (table: string) => {
    const { body } = await call('GET', `/staff/screens/${table}`, { headers }, 'quietly');
    return (body.orders as { order: string }[]).map(({ order }) => order);
  };
  const place = async (table: string) => {
    const json = { customer, table, items: [{ drink: 'v60' }] };
    return String((await call('POST', '/shop/orders', { json }, 'quietly')).body.id);
  };
  const plug = (plugged: boolean) => call('PUT', '/staff/screens/7', { headers, json: { plugged } });

  say('The screen of table 7 is unplugged. The other tables do not notice.');
  assert.equal((await plug(false)).status, 200);
  const waiting = [await place('7')];
  const eighth = await place('8');
  waiting.push(await place('7'));
  const ninth = await place('9');
  await until(
    'the others have their orders',
    async () => (await shown('8')).length > 0 && (await shown('9')).length > 0,
  );
  assert.deepEqual([await shown('7'), await shown('8'), await shown('9')], [[], [eighth], [ninth]]);

  say('After three tries each, the orders of table 7 are dead letters:');
  const list = async () => {
    const query = 'kind=Subscription&namespace=default&name=barista';
    const { items } = (await ask('GET', `/dead-letters?${query}`)) as {
      items: { eventId: string; key: string; attempts: number; error: string }[];
    };
    return items;
  };
  await until('both are given up', async () => (await list()).length === 2);
  const letters = await list();
  for (const { eventId, key, attempts, error } of letters)
    say(`  ${eventId}, key ${key}, ${attempts} attempts: ${error}`);
  assert.deepEqual(letters.map(({ eventId }) => eventId).sort(), waiting.toSorted());
  assert.ok(letters.every(({ key, attempts }) => key === '7' && attempts === 3));

  say('Plugged in again and redriven, they are shown, in the order in which they were taken.');
  assert.equal((await plug(true)).status, 200);
  const command = { action: 'redrive', kind: 'Subscription', namespace: 'default', name: 'barista', query: {} };
  await ask('POST', '/dead-letters/commands', command);
  await until('table 7 has its orders', async () => (await shown('7')).length === 2);
  assert.deepEqual(await shown('7'), waiting);
  await until('no dead letter is left', async () => (await list()).length === 0);
}

/** `directory`: of the running application, which follows its files. */
export async function comeLate({ call, say }: Walk, directory: string, { customer }: Ordered): Promise<void> {
  say('A new View counts which products go together. It begins with the first order; the orders do not notice.');
  assert.equal((await call('GET', '/tastes/v60')).status, 404);
  copyFileSync(join(directory, 'tastes.yaml.later'), join(directory, 'tastes.yaml'));
  await until('it has read all orders', async () => {
    const { status, body } = await call('GET', '/tastes/v60', {}, 'quietly');
    return status === 200 && (body.goesWith as unknown[]).length > 0;
  });
  const { body } = await call('GET', '/tastes/v60');
  assert.deepEqual(body, { drink: 'v60', goesWith: [{ drink: 'cookie', orders: 1 }] });

  say('It is asked far more often than it changes, so it is kept for two seconds. Then a new order shows.');
  const json = { customer, items: [{ drink: 'v60' }, { drink: 'cookie' }] };
  assert.equal((await call('POST', '/shop/orders', { json })).status, 201);
  await until('the new order shows', async () => {
    const { body } = await call('GET', '/tastes/v60', {}, 'quietly');
    return (body.goesWith as { orders: number }[])[0]?.orders === 2;
  });
}
