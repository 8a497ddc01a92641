// Limits and circuit breakers as Functions declare them, over real sockets.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { eventually } from '../../eventually.ts';
import { api, fn, serve } from './served-orders.ts';

describe('Function.limits and Function.circuitBreaker', () => {
  for (const limit of [
    'timeouts: { firstByte: 40ms }',
    'retry: { attempts: 2, attemptTimeout: 40ms, initial: 1ms, "on": [reset] }',
  ]) {
    it(`opens for a function that hangs, when its route has ${limit}`, async () => {
      const yaml = api(limit) + fn(', circuitBreaker: { minimum: 2, open: 1m }');
      const { upstream, url, close } = await serve(yaml, () => undefined);
      const statuses: number[] = [];
      for (let index = 0; index < 3; index++) statuses.push((await fetch(url)).status);
      await close();
      assert.deepEqual([statuses, upstream.seen.length], [[504, 504, 503], 2]);
    });
  }

  it('hold over all routes together', async () => {
    let inFlight = 0;
    let most = 0;
    const two = `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { path: /a }, to: { function: orders } }
    - { match: { path: /b }, to: { function: orders } }
`;
    const { listener, close } = await serve(two + fn(', limits: { concurrency: 2 }'), (_request, response) => {
      most = Math.max(most, ++inFlight);
      setTimeout(() => {
        inFlight--;
        response.end();
      }, 20);
    });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => fetch(`${listener.address}/${index % 2 ? 'a' : 'b'}`)),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(most, 2);
    await close();
  });

  it('refuse with 503 and Retry-After when too many wait', async () => {
    const held: ServerResponse[] = [];
    const { url, close } = await serve(
      api('') + fn(', limits: { concurrency: 1, waiting: 0 }'),
      (_request, response) => {
        held.push(response);
      },
    );
    const first = fetch(url);
    await eventually(() => held.length === 1, 'the first call');
    const refused = await fetch(url);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
    held[0]!.end();
    assert.equal((await first).status, 200);
    await close();
  });

  it('slow down for Retry-After of the function', async () => {
    const { upstream, url, close } = await serve(
      api('') + fn(', limits: { concurrency: 9, maxWait: 50ms }'),
      (_request, response) => {
        response.writeHead(503, { 'retry-after': '30' }).end();
      },
    );
    assert.equal((await fetch(url)).status, 503);
    assert.equal((await fetch(url)).status, 503);
    assert.equal(upstream.seen.length, 1);
    await close();
  });

  it('open one breaker for all routes, and nobody waits behind it', async () => {
    const { upstream, url, close } = await serve(
      api('') + fn(', limits: { concurrency: 1 }, circuitBreaker: { minimum: 2, open: 1m }'),
      (_request, response) => response.writeHead(500).end(),
    );
    await fetch(url);
    await fetch(url);
    const answers = await Promise.all(Array.from({ length: 5 }, () => fetch(url)));
    assert.ok(answers.every(({ status }) => status === 503));
    assert.equal(upstream.seen.length, 2);
    await close();
  });
});
