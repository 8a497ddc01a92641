// One of two targets is away, in every way in which a service is: no request fails that may be made
// elsewhere, wherever several stand behind one `to`.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { freePorts } from '../../cluster/free-ports.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

/** A TCP server that does `act` with each connection; `refuse` has nobody listen. */
async function startDead(act: 'refuse' | ((socket: Socket) => void)) {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (act !== 'refuse') act(socket);
  });
  const [port = 0] = await freePorts(1);
  if (act !== 'refuse') {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise(resolve => server.close(resolve));
  };
  return { origin: `http://127.0.0.1:${port}`, secure: `https://127.0.0.1:${port}`, close };
}
const says = (answer: string) => (socket: Socket) => {
  socket.on('data', () => socket.end(answer));
};
const status = (line: string) => says(`HTTP/1.1 ${line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);

const SILENT = 'does not answer';

const deaths: Readonly<Record<string, 'refuse' | ((socket: Socket) => void)>> = {
  'refuses connections': 'refuse',
  'resets connections': socket => void socket.resetAndDestroy(),
  'closes them without an answer': socket => void socket.once('data', () => socket.destroy()),
  'answers 502': status('502 Bad Gateway'),
  'answers 503': status('503 Service Unavailable'),
  'answers 504': status('504 Gateway Timeout'),
  [SILENT]: () => {},
};

const yaml = (dead: string, live: string, firstByte = '29s') => `
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: page }
spec:
  parts: { one: { to: [ { url: "${dead}", weight: 50 }, { url: "${live}", weight: 50 } ] } }
  response: { body: { answer: "\${one.body}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes:
    - match: { path: /split }
      to: [ { url: "${dead}", weight: 50 }, { url: "${live}", weight: 50 } ]
      timeouts: { firstByte: ${firstByte} }
    - match: { path: /retried }
      to: [ { url: "${dead}", weight: 50 }, { url: "${live}", weight: 50 } ]
      timeouts: { firstByte: ${firstByte} }
      retry: { attempts: 2, budget: "100%" }
      circuitBreaker: { minimum: 1, open: 5m }
    - match: { path: /failover }
      to: { url: "${dead}" }
      failover: { url: "${live}" }
      timeouts: { firstByte: ${firstByte} }
    - match: { path: /sticky }
      to: [ { url: "${dead}", weight: 50 }, { url: "${live}", weight: 50 } ]
      sticky: { by: "header:x-client" }
      timeouts: { firstByte: ${firstByte} }
    - { match: { path: /page }, to: { aggregate: page } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: old }
spec:
  basePath: /old
  legacy: { url: "${dead}" }
  features: [ { name: all, match: { path: /new }, to: [ { url: "${dead}", weight: 50 }, { url: "${live}", weight: 50 } ], phase: live } ]
`;

describe('one of two targets is away', () => {
  let live: Awaited<ReturnType<typeof startUpstream>>;
  let dead: Awaited<ReturnType<typeof startDead>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;

  before(async () => {
    live = await startUpstream(async (request, response) => {
      const body = await text(request);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(`${request.method} ${body.length}`));
    });
  });
  afterEach(async () => {
    await listener.close();
    await dead.close();
  });
  after(() => live.close());

  const start = async (act: 'refuse' | ((socket: Socket) => void), firstByte?: string) => {
    dead = await startDead(act);
    listener = await serveYaml(yaml(dead.origin, live.origin, firstByte));
  };
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(listener.address + path, init);
    await answer.arrayBuffer();
    return answer.status;
  };
  const statuses = (path: string, count: number, init?: RequestInit) =>
    Promise.all(
      Array.from({ length: count }, (_, index) => ask(path, { ...init, headers: { 'x-client': `c${index}` } })),
    );

  for (const [how, act] of Object.entries(deaths)) {
    // Where nothing says how long an answer may take, a target that is silent costs
    // all the time that there is.
    const places = ['/shop/split', '/shop/retried', '/shop/failover', '/shop/sticky'];
    const all = how === SILENT ? places : [...places, '/shop/page', '/old/new'];
    it(`it ${how}: no idempotent request fails at any place`, async () => {
      await start(act, how === SILENT ? '3s' : undefined);
      for (const path of all) {
        const got = [...(await statuses(path, 40)), ...(await statuses(path, 8))];
        if (path !== '/shop/page') got.push(...(await statuses(path, 4, { method: 'PUT', body: 'again' })));
        assert.deepEqual(
          got.filter(code => code !== 200),
          [],
          path,
        );
      }
    });
  }

  it('it refuses connections: no request fails, whatever its method, and a streamed body goes elsewhere whole', async () => {
    await start('refuse');
    const chunks = () =>
      new ReadableStream({
        start(controller) {
          for (let count = 0; count < 100; count++) controller.enqueue(Buffer.alloc(10_000, 'x'));
          controller.close();
        },
      });
    for (const path of ['/shop/split', '/shop/failover', '/old/new']) {
      assert.deepEqual(new Set(await statuses(path, 10, { method: 'POST', body: 'once' })), new Set([200]), path);
      for (let count = 0; count < 4; count++) {
        const init: RequestInit = { method: 'POST', body: chunks(), duplex: 'half' };
        const answer = await fetch(listener.address + path, init);
        assert.equal(await answer.json(), 'POST 1000000');
      }
    }
  });

  it('and it is to speak TLS: the same', async () => {
    dead = await startDead('refuse');
    listener = await serveYaml(yaml(dead.secure, live.origin));
    for (let count = 0; count < 8; count++) {
      const body = Buffer.alloc(200_000);
      const answer = await fetch(`${listener.address}/shop/split`, { method: 'POST', body });
      assert.equal(await answer.json(), 'POST 200000');
    }
  });

  it('a request that may have arrived is made once when its method is not idempotent', async () => {
    let received = 0;
    await start(socket => {
      socket.once('data', () => {
        received++;
        socket.destroy();
      });
    });
    const got = await statuses('/shop/split', 20, { method: 'POST', body: 'once' });
    assert.equal(got.filter(code => code === 502).length, received);
    assert.ok(received > 0 && got.includes(200));
  });

  it('both are: a clear 503 once their breakers are open', async () => {
    dead = await startDead('refuse');
    listener = await serveYaml(yaml(dead.origin, dead.origin.replace('127.0.0.1', 'localhost')));
    assert.ok([502, 503].includes(await ask('/shop/retried')));
    const answer = await fetch(`${listener.address}/shop/retried`);
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    assert.match(await answer.text(), /All targets of the route fail/);
  });

  it('a client that is to stay goes elsewhere meanwhile and comes back, and the log tells both', async () => {
    dead = await startDead('refuse');
    const { port } = new URL(dead.origin);
    listener = await serveYaml(yaml(dead.origin, live.origin));
    assert.deepEqual(new Set(await statuses('/shop/sticky', 20)), new Set([200]));
    const home = await startUpstreamAt(Number(port), (_, response) => response.end('"home"'));
    const served = async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const answer = await fetch(`${listener.address}/shop/sticky`, { headers: { 'x-client': `c${index}` } });
          return answer.json();
        }),
      );
      return answers.map(answer => answer === 'home');
    };
    await eventually(async () => (await served()).includes(true), 'it gets calls again');
    const before = await served();
    assert.ok(before.includes(false));
    assert.deepEqual(await served(), before);
    const messages = listener.logged.map(({ message }) => message);
    assert.ok(messages.some(message => message.includes('has left its split')));
    assert.ok(messages.some(message => message.includes('is back in its split')));
    await home.close();
  });

  it('failover is left alone as long as the target answers', async () => {
    const seen: string[] = [];
    dead = await startDead('refuse');
    const first = await startUpstream((_, response) => response.end('first'));
    listener = await serveYaml(yaml(first.origin, live.origin));
    for (let count = 0; count < 5; count++) seen.push(await (await fetch(`${listener.address}/shop/failover`)).text());
    assert.deepEqual(seen, Array(5).fill('first'));
    await first.close();
  });
});

describe('health checks', () => {
  const checked = (origin: string, other: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: reports }
spec: { url: "${origin}/reports", healthCheck: { path: /healthz, interval: 100ms, unhealthy: 2, healthy: 2 } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { path: /route }
      to: [ { url: "${origin}/base", weight: 1 }, { url: "${other}", weight: 1 } ]
      healthCheck: { path: /healthz, interval: 100ms, unhealthy: 2, healthy: 2 }
    - { match: { path: /function }, to: { function: reports } }
`;

  it('take a target out that answers but is not well, and let it in again', async () => {
    let well = true;
    let called = 0;
    const sick = await startUpstream((request: IncomingMessage, response: ServerResponse) => {
      if (request.url === '/healthz') response.statusCode = well ? 200 : 500;
      else called++;
      response.end('sick');
    });
    const other = await startUpstream((_, response) => response.end('other'));
    const listener = await serveYaml(checked(sick.origin, other.origin), {
      functions: { reports: `${sick.origin}/reports` },
    });
    const answers = async () => {
      const all = Array.from({ length: 10 }, async () => (await fetch(`${listener.address}/route`)).text());
      return new Set(await Promise.all(all));
    };
    const asFunction = async () => (await fetch(`${listener.address}/function`)).status;
    await eventually(async () => (await answers()).has('sick'), 'it gets calls');
    assert.equal(await asFunction(), 200);
    well = false;
    await eventually(async () => (await asFunction()) === 503, 'it is found out');
    await eventually(async () => !(await answers()).has('sick'), 'its calls go elsewhere');
    called = 0;
    await answers();
    assert.equal(called, 0);
    well = true;
    await eventually(async () => (await answers()).has('sick') && (await asFunction()) === 200, 'it is back');
    const told = listener.logged.filter(({ message }) => message.includes('by its health checks'));
    assert.equal(told.length, 2);
    await listener.close();
    await sick.close();
    await other.close();
  });
});

async function startUpstreamAt(port: number, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createHttpServer(answer);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
