// One client that opens all the connections it can: others are served, at both listeners.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { realWorld } from '../../../core/world.ts';
import { createClientReader } from '../../../gateway/http/client.ts';
import { parseNetworks } from '../../../gateway/http/networks.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { createConnectionCounts, createConnectionGuard } from '../../../gateway/listeners/connection-guard.ts';
import { createInternalHandler } from '../../../gateway/listeners/internal-listener.ts';
import { type ListenerServer, openListener } from '../../../gateway/listeners/listener-server.ts';
import { createPublicHandler } from '../../../gateway/listeners/public-listener.ts';
import { createPlan } from '../../../gateway/routing/router.ts';
import { eventually } from '../../eventually.ts';

const world = realWorld;
const answered = () => {};
const handlers = {
  public: createPublicHandler({ world, plan: () => createPlan([]), readClient: createClientReader([]), answered }),
  internal: createInternalHandler({
    world,
    callers: createCallerKeys('a secret'),
    targetOf: () => undefined,
    timeoutOf: () => undefined,
    answered,
  }),
};
const REQUEST = 'GET /nothing HTTP/1.1\r\nHost: a.example\r\n\r\n';

for (const [name, handle] of Object.entries(handlers)) {
  describe(`many connections to the ${name} listener`, () => {
    const counts = createConnectionCounts();
    const sockets: Socket[] = [];
    let listener: ListenerServer;
    let port: number;
    before(async () => {
      listener = await openListener({
        world,
        host: '127.0.0.1',
        port: 0,
        maxConnections: 200,
        maxPerClient: 50,
        counts,
        handle,
      });
      port = Number(new URL(listener.address).port);
    });
    after(async () => {
      for (const socket of sockets) socket.destroy();
      await listener.close(0);
    });

    /** `from`: each address of loopback is a client of its own. */
    const open = (from: string, bytes: string) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: from });
      sockets.push(socket);
      const seen = { socket, text: '', closed: false };
      socket.on('error', () => {}).on('close', () => (seen.closed = true));
      socket.setEncoding('latin1').on('data', chunk => (seen.text += chunk));
      socket.write(bytes);
      return seen;
    };

    it('one client never has more than its part, and the oldest idle ones make room', async () => {
      const held = Array.from({ length: 120 }, () => open('127.0.0.2', REQUEST));
      await eventually(() => held.every(({ text, closed }) => text !== '' || closed), 'each is answered or closed');
      await eventually(() => held.filter(({ closed }) => !closed).length === 50, 'fifty are left');
      assert.equal(counts.open, 50);
      assert.equal(counts.reaped, 70);
      const last = held.at(-1);
      assert.ok(last && !last.closed, 'the newest is served');
    });

    it('silent and half-sent heads make room, too, and other clients are served', async () => {
      for (let count = 0; count < 200; count++) open('127.0.0.3', count % 2 === 0 ? '' : 'GET / HT');
      const other = open('127.0.0.4', REQUEST);
      await eventually(() => /^HTTP\/1\.1 40/.test(other.text), 'the other client is answered');
      assert.ok(counts.open <= 200);
    });

    it('many clients together leave room for one more', async () => {
      for (let client = 10; client < 40; client++)
        for (let count = 0; count < 10; count++) open(`127.0.1.${client}`, REQUEST);
      const other = open('127.0.0.5', REQUEST);
      await eventually(() => /^HTTP\/1\.1 40/.test(other.text), 'the other client is answered');
      assert.ok(counts.open <= 200);
    });
  });
}

describe('who may have how many connections', () => {
  class FakeSocket {
    readonly remoteAddress: string;
    readonly remotePort: number;
    destroyed = false;
    #closed = () => {};
    constructor(address: string, port: number) {
      this.remoteAddress = address;
      this.remotePort = port;
    }
    once(_event: string, listener: () => void) {
      this.#closed = listener;
    }
    destroy() {
      this.destroyed = true;
      this.#closed();
    }
  }
  const asSocket = (fake: FakeSocket) => fake as unknown as Socket;

  it('whatever comes and goes: never more than the limits, nothing busy is closed to make room, and all is counted', () => {
    const addresses = ['10.0.0.1', '10.0.0.2', '2001:db8::1', '2001:db8::2', '::ffff:10.0.0.1', '192.0.2.9'];
    const step = fc.tuple(fc.constantFrom('open', 'busy', 'done', 'close'), fc.nat(5), fc.nat(30));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), steps => {
        const counts = createConnectionCounts();
        const guard = createConnectionGuard({ max: 20, perClient: 4 }, counts, parseNetworks(['192.0.2.0/24']));
        const all: { fake: FakeSocket; busy: number; taken: boolean }[] = [];
        const alive = () => all.filter(({ fake }) => !fake.destroyed);
        steps.forEach(([what, address, at], port) => {
          const some = alive()[at % Math.max(1, alive().length)];
          if (what === 'open' && alive().length < 20) {
            const fake = new FakeSocket(addresses[address] ?? '', port);
            const busy = alive().filter(each => each.busy > 0);
            all.push({ fake, busy: 0, taken: true });
            guard.opened(asSocket(fake));
            for (const each of busy) assert.ok(!each.fake.destroyed, 'what is answered goes on');
          } else if (some && what === 'busy') {
            some.busy++;
            guard.busy(asSocket(some.fake));
          } else if (some && what === 'done' && some.busy > 0) {
            some.busy--;
            guard.done(asSocket(some.fake));
          } else if (some && what === 'close') some.fake.destroy();
          const of = (network: RegExp) => alive().filter(({ fake }) => network.test(fake.remoteAddress)).length;
          for (const network of [/10\.0\.0\.1$/, /10\.0\.0\.2$/, /^2001/]) assert.ok(of(network) <= 4);
          assert.equal(counts.open, alive().length);
        });
      }),
      { numRuns: 1000 },
    );
  });
});
