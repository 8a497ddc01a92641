// A robust API: who may come in by which door: partners with a key, staff with a signed token.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Issuer } from '../issuer.ts';
import type { Order } from '../orders.ts';
import { until, type Walk } from './client.ts';
import type { Ordered } from './ordering.ts';

/** `key`: of the consumer bakery. */
export async function comeAsPartner({ call, say }: Walk, { customer }: Ordered, key: string): Promise<void> {
  say('The bakery next door has a key. Without one, or with a wrong one, nobody gets in.');
  assert.equal((await call('GET', '/partners/menu')).status, 401);
  assert.equal((await call('GET', '/partners/menu', { headers: { 'x-api-key': 'guessed' } })).status, 401);
  const headers = { 'x-api-key': key };
  assert.equal((await call('GET', '/partners/menu', { headers })).status, 200);

  say(
    'The shop checks the request before it calls any function. A client may try twice at once, then six times a minute.',
  );
  assert.equal((await call('POST', '/partners/orders', { headers, json: { items: [] } })).status, 400);
  const json = { customer, items: [{ drink: 'cookie', quantity: 20 }] };
  assert.equal((await call('POST', '/partners/orders', { headers, json })).status, 201);
  const refused = await call('POST', '/partners/orders', { headers, json });
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  say(`  ratelimit: ${refused.headers.get('ratelimit')}`);
}

export async function comeAsStaff({ call, say }: Walk, { sign }: Pick<Issuer, 'sign'>): Promise<void> {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  say('A barista sees the orders, and only a manager sees the customers.');
  const barista = bearer(await sign({ sub: 'grace', role: 'barista' }));
  const manager = bearer(await sign({ sub: 'barbara', role: 'manager' }));
  assert.equal((await call('GET', '/staff/orders', barista)).status, 200);
  assert.equal((await call('GET', '/staff/customers', barista)).status, 403);
  assert.equal((await call('GET', '/staff/customers', manager)).status, 200);

  say('A manager sees what each customer has spent: a View adds the orders up, key by key.');
  const best = '/staff/revenue?index=spentCents&order=desc&limit=1';
  assert.equal((await call('GET', best, barista)).status, 403);
  const { body: taken } = await call('GET', '/staff/orders', manager, 'quietly');
  const ofAda = (taken.orders as Order[]).filter(({ customer }) => customer.name === 'Ada');
  const spentCents = ofAda.reduce((sum, { totalCents }) => sum + totalCents, 0);
  await until('each order of Ada counts once', async () => {
    const { status, body } = await call('GET', best, manager, 'quietly');
    const [first] = status === 200 ? (body.items as { value: Record<string, unknown> }[]) : [];
    return isDeepStrictEqual(
      [first?.value['name'], first?.value['orders'], first?.value['spentCents']],
      ['Ada', ofAda.length, spentCents],
    );
  });

  say('No token, one that has run out, one that was changed: 401, with the reason.');
  const nobody = await call('GET', '/staff/orders');
  assert.equal(nobody.status, 401);
  assert.match(nobody.headers.get('www-authenticate') ?? '', /^Bearer/);
  const late = await call('GET', '/staff/orders', bearer(await sign({ sub: 'grace', role: 'barista', ttl: -300 })));
  assert.equal(late.status, 401);
  assert.match(late.headers.get('www-authenticate') ?? '', /expired/);
  assert.equal((await call('GET', '/staff/customers', bearer(await promoted(sign)))).status, 401);
}

/** The token of a barista who writes "manager" into it. */
async function promoted(sign: Issuer['sign']): Promise<string> {
  const [header, payload = '', signature] = (await sign({ sub: 'grace', role: 'barista' })).split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const changed = Buffer.from(JSON.stringify({ ...claims, role: 'manager' })).toString('base64url');
  return [header, changed, signature].join('.');
}
