// How a listener changes and ends: on another plan, while it drains, and when it closes.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { openTestListener, type TestRoute } from './test-listener.ts';

const routes: TestRoute[] = [{ path: '/any/*' }];

describe('a listener', () => {
  it('lets a request finish on the plan it began with when the plan is swapped', async () => {
    let finish = () => {};
    const held = await startUpstream((_, response) => {
      finish = () => response.end('old plan');
    });
    const swapping = await openTestListener(held.origin, routes);
    const answer = fetch(`${swapping.address}/any/x`);
    await eventually(() => held.seen.length === 1, 'the upstream has the request');
    swapping.swap([{ path: '/other' }]);
    assert.equal((await fetch(`${swapping.address}/any/x`)).status, 404);
    finish();
    assert.equal(await (await answer).text(), 'old plan');
    await swapping.close();
    await held.close();
  });

  it('goes on while it drains, and ends each connection with its next answer', async () => {
    const upstream = await startUpstream();
    const draining = await openTestListener(upstream.origin, routes);
    const get = 'GET /any/x HTTP/1.1\r\nHost: a.example\r\n\r\n';
    assert.equal((await sendRaw(draining.address, get)).closed, false);
    draining.drain();
    for (let times = 0; times < 2; times++) {
      const { statuses, closed } = await sendRaw(draining.address, get);
      assert.deepEqual([statuses, closed], [[200], true]);
    }
    await draining.close();
    await upstream.close();
  });

  it('lets answers in flight end when it closes, and takes no new connections', async () => {
    let finish = () => {};
    const held = await startUpstream((_, response) => {
      finish = () => response.end('in time');
    });
    const closing = await openTestListener(held.origin, routes);
    const answer = fetch(`${closing.address}/any/x`);
    await eventually(() => held.seen.length === 1, 'the upstream has the request');
    const closed = closing.close(60_000);
    await assert.rejects(fetch(`${closing.address}/any/y`));
    finish();
    assert.equal(await (await answer).text(), 'in time');
    const began = Date.now();
    await closed;
    assert.ok(Date.now() - began < 30_000, 'it does not wait for the grace to end');
    await held.close();
  });
});
