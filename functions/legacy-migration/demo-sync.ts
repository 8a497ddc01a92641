// Legacy learns of the orders that the new service takes: they are written back, none that legacy
// has already, and one that it refuses.
import assert from 'node:assert/strict';
import type { Client } from './demo-client.ts';

/** In the phase shadow, once copies of `copies` orders have reached the new service. */
export async function showNothingReturns({ report, until, say }: Client, copies: number): Promise<void> {
  say(
    'The new service tells of each order; those that are copies, or were taken over, came from legacy and are not written back there.',
  );
  await until('all changes have been looked at', async () => {
    const { sync } = await report();
    return sync.lag === 0 && sync.returned >= copies;
  });
  const { sync } = await report();
  say(`  ${sync.returned} left out, ${sync.delivered} written back`);
  assert.equal(sync.delivered, 0);
}

/** In the phase canary: `written` orders, `order` among them, were taken by the new service. */
export async function showWrittenBack(
  { call, report, until, say }: Client,
  order: number,
  written: number,
): Promise<void> {
  say('The account page of the legacy shop shows the orders of the new service.');
  // With many processes, a change is in the report a moment later.
  await until('legacy has every order', async () => {
    const { sync } = await report();
    return sync.lag === 0 && sync.delivered === written;
  });
  assert.ok((await call('GET', '/account/ada')).text.includes(`Order ${order}<`));
}

/** In the phase canary; `headers` are those of a user whom the new service answers. */
export async function showHeld(client: Client, headers: Readonly<Record<string, string>>): Promise<void> {
  const { call, promote, heldOrders, skipHeld, report, until, say } = client;
  say(
    'The new service sells a cookie that legacy does not know. That order waits for a person, and so do further steps.',
  );
  const json = { customer: 'ada', items: [{ product: 'oat-cookie' }] };
  assert.equal((await call('POST', '/orders', { headers, json })).status, 201);
  await until('legacy is known to be behind', async () => (await report()).sync.behind !== undefined);
  const refused = await promote();
  say(`  ${refused}`);
  assert.match(refused ?? '', /^orders is not moved on\. Legacy is \d+s behind \(1 change, at most 2s\)/);
  const [held] = await heldOrders();
  assert.ok(held);
  say(`  order ${held.key}: ${held.error}`);
  assert.match(held.error, /There is no product oat-cookie/);
  await skipHeld(held.id);
  await until('legacy has every order that it can have', async () => (await report()).sync.lag === 0);
}

/**
 * In the phase live: `order` was taken by legacy while it answered, `written`
 * orders by the new service.
 */
export async function showTakenOver(
  { call, report, until, say }: Client,
  order: number,
  written: number,
): Promise<void> {
  say('The new service takes over an order of legacy when a client asks for it, and does not write that order back.');
  await until('legacy has every order', async () => (await report()).sync.delivered === written);
  const { returned } = (await report()).sync;
  const found = await call('GET', `/orders/${order}`);
  assert.equal(found.json.total, 13.05);
  await until('it has been looked at', async () => {
    const { sync } = await report();
    return sync.lag === 0 && sync.returned > returned;
  });
  assert.equal((await report()).sync.delivered, written);
}
