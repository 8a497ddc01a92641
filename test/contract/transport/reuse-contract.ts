// Whose connections a request may use, and who may use its own afterwards.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Transport, UpstreamRequest } from '../../../gateway/transport/transport.ts';
import { sendTo } from './send-to.ts';

const get = { method: 'GET', body: null };
const post = { method: 'POST', body: 'an order' };
const streamed = () => ({ method: 'POST', body: Readable.from([Buffer.from('an order')]) });

export function reuseContract(name: string, create: () => Transport): void {
  describe(`connections of the transport: ${name}`, () => {
    let transport: Transport;
    let server: Server;
    let origin: string;
    before(async () => {
      server = createServer((request, response) => {
        request.resume();
        // By this a test knows its connection.
        request.on('end', () => response.end(String(request.socket.remotePort)));
      });
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    beforeEach(() => {
      transport = create();
    });
    afterEach(() => transport.destroy());
    after(() => {
      server.closeAllConnections();
      server.close();
    });

    /** Which connection each of them had, one after the other. */
    const connectionsOf = async (requests: readonly Partial<UpstreamRequest>[]): Promise<string[]> => {
      const found: string[] = [];
      for (const request of requests) {
        const { body, status } = await sendTo(transport, { origin, ...request });
        assert.equal(status, 200);
        found.push(body);
        // A connection is free once its receiver has heard the end.
        await nextTurn();
      }
      return found;
    };
    const distinct = (all: readonly string[]) => new Set(all).size;

    it('are kept for all, where nothing is said and with always', async () => {
      for (const reuse of [undefined, 'always'] as const) {
        const used = await connectionsOf([get, post, streamed(), get, post, get].map(one => ({ ...one, reuse })));
        assert.ok(distinct(used) <= 2, `${reuse}: ${used}`);
      }
    });

    it('are kept after requests without a body, with safe', async () => {
      const used = await connectionsOf([get, get, get, get, get, get].map(one => ({ ...one, reuse: 'safe' })));
      assert.ok(distinct(used) <= 2, `${used}`);
    });

    it('are used by nobody after a request with a body, with safe', async () => {
      const requests = [get, post, get, streamed(), get, post, post, get];
      const used = await connectionsOf(requests.map(one => ({ ...one, reuse: 'safe' })));
      for (const [at, { method }] of requests.entries())
        if (method === 'POST') assert.ok(!used.slice(at + 1).includes(used[at] ?? ''), `${at} of ${used}`);
    });

    it('are new each time, with never', async () => {
      const used = await connectionsOf([get, get, post, get].map(one => ({ ...one, reuse: 'never' })));
      assert.equal(distinct(used), 4);
    });

    it('of requests that leave something behind are not those of requests that must not get it', async () => {
      const [kept, safe] = await connectionsOf([
        { ...post, reuse: 'always' },
        { ...get, reuse: 'safe' },
      ]);
      assert.notEqual(safe, kept);
    });

    it('are not handed to one that is to have its own, though it waits for it', async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => connectionsOf([{ ...get, reuse: 'never' }])));
      assert.equal(distinct(all.flat()), 20);
    });
  });
}
