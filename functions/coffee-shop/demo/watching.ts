// The live wall: an order comes as it is placed, and goes when it is served. Nobody asks again.
import assert from 'node:assert/strict';
import type { Issuer } from '../issuer.ts';
import { until, type Walk } from './client.ts';
import type { Ordered } from './ordering.ts';

/** `address`: of the public listener. */
export async function watchWall(
  { call, say }: Walk,
  address: string,
  { order }: Ordered,
  { sign }: Pick<Issuer, 'sign'>,
): Promise<void> {
  say('The page of the live wall follows the same View: each order comes by itself, ...');
  assert.equal((await call('GET', '/shop/wall/live')).status, 200);
  const leaving = new AbortController();
  let told = '';
  const headers = { accept: 'text/event-stream' };
  const answer = await fetch(`${address}/shop/wall/orders?index=takenAt&limit=50`, { headers, signal: leaving.signal });
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of answer.body ?? []) told += decoder.decode(bytes, { stream: true });
  })().catch(() => undefined);
  try {
    await until('the follower has the order', async () => told.includes(`"key":"${order}"`));
    say('... and goes when a barista has served it.');
    const barista = { headers: { authorization: `Bearer ${await sign({ sub: 'grace', role: 'barista' })}` } };
    assert.equal((await call('DELETE', `/staff/wall/${order}`, barista)).status, 204);
    await until('the follower is told', async () => told.includes(`"removed":["${order}"]`));
  } finally {
    leaving.abort();
    await reading;
  }
}
