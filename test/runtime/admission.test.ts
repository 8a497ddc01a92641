// The limits of a function's server on what it does at a time: concurrency and queue.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { http } from 'tenfold';
import { eventually } from '../eventually.ts';
import { gate, runFunction, stopFunctions } from './running-function.ts';

describe('the concurrency limit', () => {
  afterEach(stopFunctions);

  /** Answers each path when it is let through; requests are sent one after another has arrived. */
  async function gated(change: { concurrency: number; queue: number; timeoutMs?: number }) {
    const order: string[] = [];
    const gates = new Map<string, ReturnType<typeof gate>>();
    const gateOf = (path: string) => {
      const known = gates.get(path) ?? gate();
      gates.set(path, known);
      return known;
    };
    const fn = http(async ({ path }) => {
      order.push(path);
      await gateOf(path).passed;
      return path;
    });
    const started = await runFunction(fn, change);
    let arrived = 0;
    started.server.on('request', () => arrived++);
    const send = async (path: string) => {
      const before = arrived;
      const outgoing = httpRequest({ port: started.port, host: '127.0.0.1', path, agent: false }).on('error', () => {});
      const answer = new Promise<{ status: number | undefined; retryAfter: string | undefined }>(resolve =>
        outgoing.on('response', incoming => {
          incoming.resume();
          resolve({ status: incoming.statusCode, retryAfter: incoming.headers['retry-after'] });
        }),
      );
      outgoing.end();
      await eventually(() => arrived > before, `${path} arrives`);
      return { answer, outgoing };
    };
    return { order, open: (path: string) => gateOf(path).open(), send };
  }

  it('runs so many at once, lets so many wait in order, and refuses the rest with 429 and Retry-After', async () => {
    const { order, open, send } = await gated({ concurrency: 2, queue: 2 });
    const sent = [];
    for (const path of ['/1', '/2', '/3', '/4']) sent.push(await send(path));
    assert.deepEqual(await (await send('/5')).answer, { status: 429, retryAfter: '1' });
    assert.deepEqual(order, ['/1', '/2']);
    open('/2');
    await eventually(() => order.length === 3, 'the next one runs');
    assert.deepEqual(order, ['/1', '/2', '/3']);
    for (const path of ['/1', '/3', '/4']) open(path);
    for (const { answer } of sent) assert.equal((await answer).status, 200);
    assert.deepEqual(order, ['/1', '/2', '/3', '/4']);
  });

  it('0 is none', async () => {
    const { order, open, send } = await gated({ concurrency: 0, queue: 0 });
    const paths = Array.from({ length: 100 }, (_, index) => `/${index}`);
    const sent = [];
    for (const path of paths) sent.push(await send(path));
    assert.equal(order.length, 100);
    for (const path of paths) open(path);
    for (const { answer } of sent) assert.equal((await answer).status, 200);
  });

  it('answers one that waited until its deadline with 503 and Retry-After, and never runs it', async () => {
    const { order, send } = await gated({ concurrency: 1, queue: 5, timeoutMs: 50 });
    const first = await send('/1');
    const second = await send('/2');
    assert.equal((await first.answer).status, 504);
    const { status, retryAfter } = await second.answer;
    // The first one's end may give the second its turn just before its own.
    if (order.length === 1) assert.deepEqual([status, retryAfter], [503, '1']);
    else assert.equal(status, 504);
  });

  it('forgets one that waits when its caller leaves', async () => {
    const { order, open, send } = await gated({ concurrency: 1, queue: 1 });
    const first = await send('/1');
    (await send('/gone')).outgoing.destroy();
    let third = await send('/3');
    // Until the server has seen the caller leave, its place is taken.
    await eventually(async () => {
      const state = await Promise.race([third.answer, new Promise(resolve => setImmediate(resolve))]);
      if (state === undefined) return true;
      third = await send('/3');
      return false;
    }, 'the place is free');
    open('/1');
    open('/3');
    assert.equal((await first.answer).status, 200);
    assert.equal((await third.answer).status, 200);
    assert.deepEqual(order, ['/1', '/3']);
  });

  it('frees the place of one that timed out although its handler still runs', async () => {
    const { send } = await gated({ concurrency: 1, queue: 0, timeoutMs: 30 });
    assert.equal((await (await send('/1')).answer).status, 504);
    assert.equal((await (await send('/2')).answer).status, 504);
  });
});
