// Retries as routes declare them, over real sockets.
import assert from 'node:assert/strict';
import { api, failTimes, fn, serve } from './served-orders.ts';

describe('route.retry', () => {
  it('makes a failure good, with the attempt in a header, and the body of a PUT sent again', async () => {
    const bodies: string[] = [];
    const { upstream, url, close } = await serve(
      api('retry: { attempts: 3, initial: 1ms }') + fn(),
      (request, response, count) => {
        let body = '';
        request.on('data', chunk => (body += chunk));
        request.on('end', () => {
          bodies.push(body);
          response.statusCode = count < 3 ? 503 : 200;
          response.end('done');
        });
      },
    );
    const answer = await fetch(url, { method: 'PUT', body: 'the body' });
    assert.deepEqual([answer.status, await answer.text()], [200, 'done']);
    assert.deepEqual(bodies, ['the body', 'the body', 'the body']);
    assert.deepEqual(
      upstream.seen.map(({ headers }) => headers['tenfold-attempt']),
      ['1', '2', '3'],
    );
    await close();
  });

  it('passes the last failure on as it is', async () => {
    const { url, close } = await serve(api('retry: { attempts: 2, initial: 1ms }') + fn(), failTimes(9));
    const answer = await fetch(url);
    assert.deepEqual([answer.status, await answer.text()], [503, 'answer 2']);
    await close();
  });

  it('keeps the connection of an answer that nobody gets', async () => {
    const { upstream, url, close } = await serve(api('retry: { attempts: 3, initial: 5ms }') + fn(), failTimes(2));
    await (await fetch(url)).text();
    assert.equal(new Set(upstream.seen.map(({ socket }) => socket)).size, 1);
    await close();
  });

  it('does not send a large upload twice', async () => {
    const { upstream, url, close } = await serve(api('retry: { attempts: 3, initial: 1ms }') + fn(), failTimes(2));
    const answer = await fetch(url, { method: 'PUT', body: Buffer.alloc(100_000) });
    assert.deepEqual([answer.status, upstream.seen.length], [503, 1]);
    await close();
  });

  it('never makes an answer again that has begun', async () => {
    const { upstream, url, close } = await serve(
      api('retry: { attempts: 3, "on": [reset, 5xx], initial: 1ms }') + fn(),
      (_request, response) => {
        response.write('half');
        setTimeout(() => response.destroy(), 20);
      },
    );
    await assert.rejects(async () => (await fetch(url)).text());
    assert.equal(upstream.seen.length, 1);
    await close();
  });

  it('stops when the client leaves', async () => {
    const leaving = new AbortController();
    const ended = Promise.withResolvers<void>();
    const { upstream, url, close } = await serve(
      api('retry: { attempts: 5, "on": [timeout, reset], attemptTimeout: 20s, initial: 0s }') + fn(),
      (_request, response) => {
        response.on('close', ended.resolve);
        leaving.abort();
      },
    );
    await assert.rejects(fetch(url, { signal: leaving.signal }));
    await ended.promise;
    await new Promise(resolve => setTimeout(resolve, 250));
    assert.equal(upstream.seen.length, 1);
    await close();
  });
});
