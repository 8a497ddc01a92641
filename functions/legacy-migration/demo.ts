// Takes the orders of the legacy shop through all phases over HTTP, shows what the platform
// reports, and checks what comes back.
import assert from 'node:assert/strict';
import { type Client, createClient } from './demo-client.ts';
import { showHeld, showNothingReturns, showTakenOver, showWrittenBack } from './demo-sync.ts';

export interface DemoOptions {
  /** Public listener of a platform that runs this application. */
  readonly address: string;
  /** Its admin port. */
  readonly admin: { readonly url: string; readonly token: string };
  say(line: string): void;
}

/** Its right total is 13.05; legacy says 13.02. */
const ORDER = { customer: 'ada', items: [{ product: 'v60', quantity: 3 }] };

/** Throws an AssertionError at the first answer that is not as it should be. */
export async function demo(options: DemoOptions): Promise<void> {
  const client = createClient(options);
  await showLegacy(client);
  await showShadow(client);
  await showNothingReturns(client, 2);
  const { right, order, headers } = await showCanary(client);
  await showWrittenBack(client, order, right);
  await showHeld(client, headers);
  const old = await showLive(client);
  await showTakenOver(client, old, right + 1);
  await showRetired(client);
}

async function showLegacy({ call, say }: Client): Promise<void> {
  say('Everything goes to the legacy shop; its pages, cookies and redirects look like those of the facade.');
  const shop = await call('GET', '/');
  assert.match(shop.text, /The old shop/);
  assert.equal(shop.headers.get('x-powered-by'), null);
  const cookie = shop.headers.get('set-cookie') ?? '';
  const form = { headers: { cookie: cookie.split(';')[0] ?? '', 'content-type': 'application/x-www-form-urlencoded' } };
  const added = await call('POST', '/cart', { ...form, body: 'product=v60&quantity=2' });
  assert.equal(added.status, 303);
  assert.equal(added.headers.get('location'), '/cart');
  assert.match((await call('GET', '/cart', form)).text, /2 × v60/);
  const first = await call('POST', '/orders', { json: { customer: 'ada', items: [{ product: 'cookie' }] } });
  assert.equal(first.status, 201);
  assert.equal(first.headers.get('location'), '/orders/1');
}

async function showShadow({ call, setPhase, report, until, say }: Client): Promise<void> {
  say('Phase shadow: legacy answers as before, and the new service is asked the same.');
  await setPhase('shadow');
  await call('GET', '/orders/1');
  await until('the new service has been compared', async () => (await report()).shadow.compared >= 1);
  assert.equal((await report()).shadow.mismatched, 0);
  const second = await call('POST', '/orders', { json: ORDER });
  assert.equal(second.json.total, 13.02);
  // The copy of an order is sent once the client has its answer: before that the
  // new service cannot know it.
  await until('the order has been taken by both', async () => (await report()).shadow.compared >= 2);
  await call('GET', '/orders/2');
  await call('GET', '/orders/1');
  await until('four more answers have been compared', async () => (await report()).shadow.compared >= 4);

  say(
    'The report finds the bug that nobody dared to touch, and that legacy itself gives no two answers with the same time:',
  );
  const { shadow } = await report();
  for (const { count, method, path, differences } of shadow.examples) {
    for (const { at, legacy, new: fresh, note } of differences) {
      say(`  ${count}× ${method} ${path}, at ${at}: legacy ${legacy}, new ${fresh} (${note})`);
    }
  }
  assert.equal(shadow.mismatched, 2);
  assert.deepEqual(shadow.examples[0]?.differences, [
    { at: '/total', legacy: '00.00', new: '00.00', note: 'larger by less than 1%' },
  ]);
  assert.deepEqual(Object.keys(shadow.noise), ['/generatedAt']);
}

interface Canary {
  /** Orders with the right total: the new service took them. */
  readonly right: number;
  /** One of these. */
  readonly order: number;
  /** Headers of the user who placed it. */
  readonly headers: Readonly<Record<string, string>>;
}

async function showCanary({ call, setPhase, say }: Client): Promise<Canary> {
  say(
    'The new total is the right one. Phase canary: half of the users get the new service, and each stays on its side.',
  );
  await setPhase('canary');
  const totals = new Map<unknown, number>();
  let fresh = { order: 0, headers: {} };
  for (let user = 0; user < 20; user++) {
    const headers = { 'x-user': `user-${user}` };
    const placed = await call('POST', '/orders', { headers, json: ORDER }, 'quietly');
    const kept = await call('GET', placed.headers.get('location') ?? '', { headers }, 'quietly');
    assert.equal(kept.json.total, placed.json.total);
    if (placed.json.total === 13.05) fresh = { order: Number(placed.json.id), headers };
    totals.set(placed.json.total, (totals.get(placed.json.total) ?? 0) + 1);
  }
  const right = totals.get(13.05) ?? 0;
  say(`  of 20 users, ${right} got the right total, ${totals.get(13.02)} the old one`);
  assert.equal(right + (totals.get(13.02) ?? 0), 20);
  assert.ok(totals.size === 2);
  return { right, ...fresh };
}

/** Resolves to the number of an order that legacy took meanwhile. */
async function showLive({ call, setPhase, say }: Client): Promise<number> {
  say('Phase live: the new service answers all. Back-out: legacy answers again, at once.');
  await setPhase('live');
  assert.equal((await call('POST', '/orders', { json: ORDER })).json.total, 13.05);
  await setPhase('back-out');
  const old = await call('POST', '/orders', { json: ORDER });
  assert.equal(old.json.total, 13.02);
  await setPhase('live');
  return Number(old.json.id);
}

async function showRetired({ call, setPhase, report, say }: Client): Promise<void> {
  say('Phase retired: legacy is never asked for orders again; everything else is still its business.');
  await setPhase('retired');
  const before = (await report()).sides.legacy.requests;
  assert.equal((await call('POST', '/orders', { json: ORDER })).json.total, 13.05);
  assert.equal((await report()).sides.legacy.requests, before);
  assert.match((await call('GET', '/account/ada')).text, /Orders of ada/);
  for (const { from, to, by } of (await report()).moves) say(`  ${from.phase} → ${to.phase} by ${by}`);
}
