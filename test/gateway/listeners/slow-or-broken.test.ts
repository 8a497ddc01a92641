// What the public listener does where its upstream or its client is slow, fails or leaves.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { openTestListener, type TestRoute } from './test-listener.ts';

const routes: TestRoute[] = [{ path: '/any/*' }, { path: '/slow', timeoutMs: 100 }];

describe('the public listener, where either side fails or is slow', () => {
  it('answers 504 when the deadline passes, and lets the upstream know', async () => {
    const stuck = await startUpstream(() => {});
    const slow = await openTestListener(stuck.origin, routes);
    const answer = await fetch(`${slow.address}/slow`);
    assert.equal(answer.status, 504);
    await eventually(() => stuck.seen[0]?.socket.destroyed === true, 'the upstream connection is cut');
    await slow.close();
    await stuck.close();
  });

  it('answers 502 without naming the host when the upstream refuses connections', async () => {
    const gone = await startUpstream();
    await gone.close();
    const broken = await openTestListener(gone.origin, routes);
    const answer = await fetch(`${broken.address}/any/x`, { method: 'POST', body: 'x'.repeat(100_000) });
    assert.equal(answer.status, 502);
    const text = await answer.text();
    assert.match(text, /refuses connections/);
    assert.doesNotMatch(text, /127\.0\.0\.1|ECONN/);
    await broken.close();
  });

  it('cuts the answer when the upstream breaks off in the middle', async () => {
    const half = await startUpstream((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    const broken = await openTestListener(half.origin, routes);
    const answer = await fetch(`${broken.address}/any/x`);
    assert.equal(answer.status, 200);
    await assert.rejects(answer.text());
    await broken.close();
    await half.close();
  });

  it('gives up the upstream request when the client leaves', async () => {
    const stuck = await startUpstream(() => {});
    const waiting = await openTestListener(stuck.origin, routes);
    const gone = new AbortController();
    const answer = fetch(`${waiting.address}/any/x`, { signal: gone.signal });
    await eventually(() => stuck.seen.length === 1, 'the upstream has the request');
    gone.abort();
    await assert.rejects(answer);
    await eventually(() => stuck.seen[0]?.socket.destroyed === true, 'the upstream connection is cut');
    await eventually(() => waiting.answered.length === 1, 'the end is reported');
    assert.equal(waiting.answered[0]?.status, 0);
    await waiting.close();
    await stuck.close();
  });

  it('streams: the client has the first part before the upstream has sent the second', async () => {
    let finish = () => {};
    const parts = await startUpstream((_, response) => {
      response.write('first');
      finish = () => response.end('second');
    });
    const streaming = await openTestListener(parts.origin, routes);
    const answer = await fetch(`${streaming.address}/any/x`);
    const reader = answer.body!.getReader();
    assert.equal(Buffer.from((await reader.read()).value!).toString(), 'first');
    finish();
    assert.equal(Buffer.from((await reader.read()).value!).toString(), 'second');
    await streaming.close();
    await parts.close();
  });

  it('holds the upstream back when the client does not read', async () => {
    let written = 0;
    const chunk = Buffer.alloc(65_536);
    const endless = await startUpstream((_, response) => {
      const more = () => {
        while (written < 64 * 1024 * 1024) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const held = await openTestListener(endless.origin, routes);
    const request = httpRequest(`${held.address}/any/x`);
    request.end();
    const [response] = await once(request, 'response');
    response.pause();
    let before = -1;
    await eventually(() => {
      const still = written === before;
      before = written;
      return still;
    }, 'the upstream stands still');
    assert.ok(written < 32 * 1024 * 1024, `${written} bytes were taken from the upstream`);
    request.destroy();
    await held.close();
    await endless.close();
  });
});
