// Clients that read slowly, or not at all, from a cached route: they hold up nobody
// else, and cost bounded memory.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { READING_MS, whenRead } from '../../../gateway/cache/when-read.ts';
import { eventually } from '../../eventually.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { collectGarbage } from '../../kept-memory.ts';
import { openCachedListener } from './cached-listener.ts';

/** What `fetch` sends, so that both want the same. */
const AS_FETCH = 'Accept: */*\r\nAccept-Language: *\r\nAccept-Encoding: gzip, deflate\r\n';
const BODY = Buffer.alloc(7 * 1024 * 1024, 'a');

describe('a client that does not read', () => {
  let sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    sockets = [];
  });

  function askWithoutReading(address: string, path: string): void {
    const { host, port } = new URL(address);
    const socket = connect(Number(port), '127.0.0.1').pause();
    socket.on('error', () => {});
    socket.write(`GET /shop${path} HTTP/1.1\r\nHost: ${host}\r\n${AS_FETCH}\r\n`);
    sockets.push(socket);
  }

  it('holds up nobody who wants the same: it is fetched to its end, and kept', async () => {
    const cached = await openCachedListener('ttl: 1m', (_, response) => {
      response.setHeader('content-length', BODY.length);
      response.end(BODY);
    });
    try {
      askWithoutReading(cached.listener.address, '/big');
      await eventually(() => cached.upstream.seen.length === 1, 'the fetch has begun');
      const began = performance.now();
      const answer = await cached.get('/big');
      assert.equal(answer.status, 200);
      assert.ok(performance.now() - began < 15_000, 'it does not wait for the deadline');
      assert.equal(answer.body.length, BODY.length);
      assert.equal(cached.upstream.seen.length, 1);
    } finally {
      await cached.close();
    }
  });

  it('costs no more than all kept answers may, together with others of its kind', async () => {
    const cached = await openCachedListener('ttl: 1m', (_, response) => {
      response.setHeader('content-length', BODY.length);
      response.end(BODY);
    });
    const held = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    try {
      const before = held();
      for (let reader = 0; reader < 60; reader++) askWithoutReading(cached.listener.address, `/big?${reader}`);
      await eventually(() => cached.upstream.seen.length === 60, 'all have been asked for');
      let most = 0;
      let last = -1;
      let still = 0;
      await eventually(() => {
        const now = held() - before;
        most = Math.max(most, now);
        still = now === last ? still + 1 : 0;
        last = now;
        return still > 20;
      }, 'nothing moves');
      // What may be held to be kept, what is kept, and room for what is given back some time after
      // the collection.
      assert.ok(most < (64 + 64 + 100) * 1024 * 1024, `${most} bytes are held`);
      for (const socket of sockets.splice(0)) socket.destroy();
      await eventually(async () => (await cached.get('/again')).cache.includes('hit'), 'there is room again');
    } finally {
      await cached.close();
    }
  });
});

describe('whenRead', () => {
  /** Takes what is written once `read` is called. */
  const client = () => {
    let read = () => {};
    const response = new Writable({
      write(_chunk, _encoding, done) {
        read = done;
      },
    });
    return { response, read: () => read() };
  };

  it('goes on at once when nothing is left to be sent', () => {
    let calls = 0;
    whenRead(createFakeWorld(), client().response, 1, () => calls++);
    assert.equal(calls, 1);
  });

  it('waits for the end of the answer', async () => {
    const world = createFakeWorld();
    const { response, read } = client();
    let calls = 0;
    response.end('left');
    whenRead(world, response, 1, () => calls++);
    await world.pass(READING_MS - 1);
    assert.deepEqual([calls, response.destroyed], [0, false]);
    read();
    await world.pass(READING_MS);
    assert.equal(calls, 1);
  });

  it('cuts off who has not read all in time, but not before the deadline of the request', async () => {
    const world = createFakeWorld();
    const { response } = client();
    let calls = 0;
    response.end('left');
    whenRead(world, response, 2 * READING_MS, () => calls++);
    await world.pass(2 * READING_MS - 1);
    assert.equal(response.destroyed, false);
    await world.pass(1);
    assert.deepEqual([calls, response.destroyed], [1, true]);
  });
});
