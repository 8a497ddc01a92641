// Endpoints that are replaced one by one behind a balancer while functions call through it.
import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { realWorld } from '../../../core/world.ts';
import { type ListenerServer, openListener } from '../../../gateway/listeners/listener-server.ts';
import type { CallScope } from '../../../sdk/client/call-endpoint.ts';
import { invoke, publish } from '../../../sdk/client/clients.ts';
import { createHttpTransport } from '../../../sdk/client/http-transport.ts';
import { withRepeats } from '../../../sdk/client/repeats.ts';
import { eventually } from '../../eventually.ts';

const LANES = 16;

/** As kube-proxy does: a connection goes to one of those that it was told of, and stays there. */
async function openBalancer() {
  const sockets = new Set<Socket>();
  const targets: string[] = [];
  let next = 0;
  const server = createServer(client => {
    const { port } = new URL(targets[next++ % targets.length]!);
    const listener = connect(Number(port), '127.0.0.1');
    for (const [from, to] of [
      [client, listener],
      [listener, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.resetAndDestroy()).on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

type Make = (scope: CallScope, number: number) => Promise<unknown>;
const post: Make = (scope, number) => invoke(scope, 'other', { path: `/${number}`, body: 1 });
const publication: Make = (scope, number) => publish(scope, `t${number}`, 1);

/** `leave` ends a listener; it may let balancer and callers notice meanwhile. */
type Leave = (listener: ListenerServer, forget: () => void, more: () => Promise<void>) => Promise<void>;
const drain: Leave = async (listener, forget, more) => {
  listener.drain();
  // It takes new connections until the balancer has noticed, and is left by the
  // others with their next answers.
  await more();
  forget();
  await more();
  await listener.close(1000);
};
const crash: Leave = async (listener, forget, more) => {
  await listener.close(0);
  await more();
  forget();
};

const rows: Array<[what: string, make: Make, leave: Leave, isOnce: boolean]> = [
  ['one that drains fails no call, safe to repeat or not, and none is worked twice', post, drain, true],
  ['one that crashes fails no publication', publication, crash, false],
];

describe('gateways that are replaced while functions call', () => {
  for (const [what, make, leave, isOnce] of rows) {
    it(what, async () => {
      const worked = new Map<string, number>();
      const open = () =>
        openListener({
          world: realWorld,
          host: '127.0.0.1',
          port: 0,
          maxConnections: 1000,
          handle({ url = '' }, response) {
            worked.set(url, (worked.get(url) ?? 0) + 1);
            setImmediate(() => response.writeHead(204).end());
          },
        });
      const balancer = await openBalancer();
      const endpoints: ListenerServer[] = [];
      const scope: CallScope = {
        functionName: 'orders',
        signal: new AbortController().signal,
        traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
        origin: undefined,
        depth: 0,
        remainingMs: () => 10_000,
        transport: withRepeats(createHttpTransport({ url: balancer.url, keyHeader: undefined })),
      };
      let made = 0;
      let leaving = false;
      const failed: unknown[] = [];
      const call = async () => {
        while (!leaving) await make(scope, made++).catch(error => failed.push(error));
      };
      const more = () => {
        const enough = made + 100;
        return eventually(() => made >= enough, 'a hundred more calls');
      };
      const start = async () => {
        const listener = await open();
        endpoints.push(listener);
        balancer.targets.push(listener.address);
      };
      try {
        await start();
        await start();
        const lanes = Array.from({ length: LANES }, call);
        for (let times = 0; times < 3; times++) {
          await more();
          const [old] = endpoints;
          assert.ok(old);
          await start();
          await leave(old, () => balancer.targets.splice(balancer.targets.indexOf(old.address), 1), more);
          endpoints.shift();
        }
        leaving = true;
        await Promise.all(lanes);
        assert.deepEqual(failed.slice(0, 3), [], `${failed.length} of ${made} failed`);
        assert.equal(worked.size, made);
        if (isOnce) assert.equal(Math.max(...worked.values()), 1);
      } finally {
        leaving = true;
        await Promise.all(endpoints.map(listener => listener.close(0)));
        balancer.close();
      }
    });
  }
});
