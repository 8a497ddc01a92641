// Idle connections: whoever sends requests always closes first, over all pairs of the tree and the
// well-known proxies before it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createAdminServer } from '../../../admin/admin-server.ts';
import { openHealthPort } from '../../../cli/operator/health-port.ts';
import {
  CALLER_KEEP_ALIVE_MS,
  CALLER_MAX_KEEP_ALIVE_MS,
  LISTENER_KEEP_ALIVE_MS,
} from '../../../core/http/keep-alive.ts';
import { realWorld } from '../../../core/world.ts';
import { openListener } from '../../../gateway/listeners/listener-server.ts';
import { IDLE_MS } from '../../../sdk/client/http-transport.ts';
import { http } from '../../../sdk/index.ts';
import { root, sourceFiles } from '../../architecture/source-files.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { runFunction, stopFunctions } from '../../runtime/running-function.ts';

/** For how long others keep idle connections to what we listen on; seconds. */
const OTHERS: readonly [caller: string, seconds: number][] = [
  ["Knative's queue-proxy, Traefik, Prometheus: Go's default transport", 90],
  ["AWS' Application Load Balancer", 60],
  ['nginx (keepalive_timeout of an upstream)', 60],
  ["Google Cloud's load balancers", 600],
  ['Envoy (idle_timeout of a cluster)', 3600],
];

const OURS: readonly [caller: string, ms: number][] = [
  ['the SDK', IDLE_MS],
  ['connections of our own, and undici', CALLER_KEEP_ALIVE_MS],
  ['the same where the receiver announces a longer time', CALLER_MAX_KEEP_ALIVE_MS],
];

const folders = ['runtime', 'gateway', 'admin', 'server', 'cli', 'k8s', 'drivers', 'worker', 'images', 'core', 'sdk'];

/** What a listener announces, in seconds. */
async function announcedBy(url: string): Promise<number> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('latin1');
  socket.write('GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n');
  let text = '';
  while (!text.includes('\r\n\r\n')) text += (await once(socket, 'data'))[0];
  socket.destroy();
  return Number(/^keep-alive: timeout=(\d+)\r$/im.exec(text)?.[1]);
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

function listener(maxConnections = 10) {
  return openListener({
    world: realWorld,
    host: '127.0.0.1',
    port: 0,
    maxConnections,
    handle: (_, response) => void response.end('ok'),
  });
}

describe('idle connections', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    await stopFunctions();
  });

  const listeners: readonly [name: string, start: () => Promise<string>][] = [
    [
      'a listener',
      async () => {
        const opened = await listener();
        closers.push(() => opened.close(0));
        return opened.address;
      },
    ],
    ['the runtime of a function', async () => (await runFunction(http(() => 'ok'))).url],
    [
      'the admin port',
      async () => {
        const server = createAdminServer(fakeView(), { token: 'token' });
        closers.push(() => server.close());
        return listening(server);
      },
    ],
    [
      "the operator's port",
      async () => {
        const stats = { leader: true, synced: true, queued: 0, reconciles: 0, failures: 0, objects: 0, invalid: 0 };
        const port = await openHealthPort(realWorld, { host: '127.0.0.1', port: 0 }, () => stats);
        closers.push(() => port.close());
        return port.address;
      },
    ],
  ];
  for (const [name, start] of listeners) {
    it(`are kept longer by ${name} than by any caller`, async () => {
      const announced = await announcedBy(await start());
      assert.equal(announced, LISTENER_KEEP_ALIVE_MS / 1000);
      for (const [caller, seconds] of OTHERS) assert.ok(announced > seconds, caller);
      for (const [caller, ms] of OURS) assert.ok(announced * 1000 > ms + 1000, caller);
    });
  }

  it('are kept by no listener of the tree in another way', () => {
    const files = folders.flatMap(sourceFiles).map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }));
    // It hands on the connections of debuggers, which are not our HTTP, and keeps none itself.
    const handsOn = 'drivers/function-host/local/debug/debug-port.ts';
    const listening = files.filter(({ path, text }) => path !== handsOn && /\bcreateServer\(/.test(text));
    assert.ok(listening.length >= listeners.length);
    for (const { path, text } of listening) assert.match(text, /\.\.\.listenerConnections/, path);
    const own = files.filter(
      ({ path, text }) => !path.endsWith('core/http/keep-alive.ts') && /keepAliveTimeout: [\d_]/.test(text),
    );
    assert.deepEqual(
      own.map(({ path }) => path),
      [],
      'these name a time of their own',
    );
  });

  it('are kept by no caller of the tree in a way of its own', () => {
    /**
     * What makes connections, and by what it is told how long it keeps idle ones.
     * `idle-callers.test.ts` looks whether it does.
     */
    const callers: Readonly<Record<string, RegExp>> = {
      'drivers/blob-store/s3/link.ts': /httpAgent: \{ \.\.\.callerAgent,.*\},\s+httpsAgent: \{ \.\.\.callerAgent,/,
      'drivers/search-index/elasticsearch/connection-options.ts': /agent: \{ \.\.\.callerConnections \}/,
      'gateway/transport/http1/http1-transport.ts':
        /keepMs = CALLER_KEEP_ALIVE_MS[\s\S]*maxKeepMs: CALLER_MAX_KEEP_ALIVE_MS/,
      'gateway/transport/undici-transport.ts': /\.\.\.callerConnections/,
      'images/registry/registry-client.ts': /\.\.\.callerConnections/,
      'k8s/api/kube-client.ts': /\.\.\.callerConnections/,
      'k8s/api/port-forward.ts': /\.\.\.callerConnections/,
      'k8s/providers/openfaas/gateway-calls.ts': /\.\.\.callerConnections/,
      'sdk/client/http-transport.ts': /keepAlive: true,.* timeout: IDLE_MS/,
      'server/tracing/send-otlp.ts': /new Agent\(\{ \.\.\.callerAgent, /,
    };
    const files = folders.flatMap(sourceFiles).map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }));
    const making = files.filter(({ text }) =>
      /new (?:\w+\.)?(?:Agent|Pool|Client|RetryAgent|ProxyAgent)\(|httpAgent: /.test(text),
    );
    assert.deepEqual(
      making.map(({ path }) => path).sort(),
      Object.keys(callers).sort(),
      'say here how each keeps them',
    );
    for (const { path, text } of making) assert.match(text, callers[path] ?? /^$/, path);
  });

  it('of other protocols are probed, or used once', () => {
    const callers: Readonly<Record<string, RegExp>> = {
      'drivers/event-log/kafka/brokers/connection.ts': /setKeepAlive\(true, PROBE_AFTER_MS\)/,
      // To a process of its own, for as long as its debugger stays.
      'drivers/function-host/local/debug/debug-port.ts': /on\('close', attached\.end\)/,
      // Tries whether a port is open.
      'drivers/function-host/probe.ts': /destroy\(/,
      'gateway/transport/http1/connect.ts': /keepAlive: true,\s+keepAliveInitialDelay: PROBE_AFTER_MS/,
      // The client of Redis probes its connections from 5 s on, by default.
      'drivers/store/redis/connection-options.ts': /^(?!.*keepAlive)/s,
    };
    const files = folders.flatMap(sourceFiles).map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }));
    const making = files.filter(({ text }) =>
      /import \{[^}]*\b(?:connect|createConnection|createClient|createCluster)\b[^}]*\} from '(?!\.)/.test(text),
    );
    assert.deepEqual(
      making.map(({ path }) => path).sort(),
      Object.keys(callers).sort(),
      'say here how each keeps them',
    );
    for (const { path, text } of making) assert.match(text, callers[path] ?? /^$/, path);
  });

  it('make room when no more connections may be open', async () => {
    const opened = await listener(1);
    closers.push(() => opened.close(0));
    const { hostname, port } = new URL(opened.address);
    const idle = connect(Number(port), hostname);
    idle.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await once(idle, 'data');
    const dropped = connect(Number(port), hostname);
    dropped.on('error', () => {});
    await Promise.all([once(dropped, 'close'), once(idle, 'close')]);
    assert.equal(await announcedBy(opened.address), LISTENER_KEEP_ALIVE_MS / 1000);
  });
});
