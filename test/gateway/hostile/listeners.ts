// Every listener of the product, started in this process, for tests that send the
// same bytes to each of them.
import { createAdminServer } from '../../../admin/admin-server.ts';
import { openHealthPort } from '../../../cli/operator/health-port.ts';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { createInternalHandler } from '../../../gateway/listeners/internal-listener.ts';
import { openListener } from '../../../gateway/listeners/listener-server.ts';
import { createListeners } from '../../../resources/ownership/listeners.ts';
import { http } from '../../../sdk/http.ts';
import { startPlatform } from '../../../server/platform.ts';
import { tempFolder } from '../../cli/temp-folder.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { endFunction, startFunction } from '../../runtime/running-function.ts';
import { openTestListener } from '../listeners/test-listener.ts';

export interface Listener {
  readonly address: string;
  /** Requests that came through; of some listeners those for `counted` alone. */
  reached(): number;
  readonly counted: string;
  close(): Promise<void>;
}

const world = realWorld;

async function* streamed() {
  yield 'a part';
  await new Promise(resolve => setImmediate(resolve));
  yield ' and another';
}

export const listeners: Readonly<Record<string, () => Promise<Listener>>> = {
  async 'the public listener'() {
    const upstream = await startUpstream((request, response) => {
      if (request.url === '/early') response.end('early');
      else request.resume().on('end', () => response.end('ok'));
    });
    const listener = await openTestListener(upstream.origin, [{ path: '/*' }]);
    return {
      address: listener.address,
      counted: '/smuggled',
      reached: () => upstream.seen.filter(({ complete }) => complete).length,
      close: async () => {
        await listener.close();
        await upstream.close();
      },
    };
  },
  async 'a listener of a namespace'() {
    const upstream = await startUpstream((request, response) => {
      if (request.url === '/early') response.end('early');
      else request.resume().on('end', () => response.end('ok'));
    });
    const resources = `apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop, namespace: green }
spec:
  routes:
    - match: { path: /* }
      to: { url: ${upstream.origin} }
`;
    const platform = await startPlatform({
      directory: tempFolder({ 'app.yaml': resources }),
      watch: false,
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: {},
      listeners: createListeners([
        { name: 'public', namespaces: undefined, hosts: undefined },
        { name: 'green', namespaces: ['green'], hosts: undefined },
      ]),
      listenerPlaces: [{ name: 'green', port: 0, trustedProxies: [] }],
    });
    return {
      address: platform.addresses.listeners?.['green'] ?? '',
      counted: '/smuggled',
      reached: () => upstream.seen.filter(({ complete }) => complete).length,
      close: async () => {
        await platform.close(0);
        await upstream.close();
      },
    };
  },
  async 'the internal listener'() {
    let reached = 0;
    const handle = createInternalHandler({
      world,
      callers: createCallerKeys('a secret'),
      targetOf: () => undefined,
      timeoutOf: () => undefined,
      // Without a key nothing is called: what got past the check of its head is answered 401.
      answered({ status }) {
        if (status === 401) reached++;
      },
    });
    const listener = await openListener({ world, host: '127.0.0.1', port: 0, maxConnections: 1000, handle });
    return { address: listener.address, counted: '/smuggled', reached: () => reached, close: () => listener.close(0) };
  },
  async 'the runtime of a function'() {
    let reached = 0;
    const started = await startFunction(
      http(async request => {
        if (request.path === '/unread') return 'unread';
        if (request.path === '/streamed') return streamed();
        await request.text();
        reached++;
        return 'ok';
      }),
    );
    return { address: started.url, counted: '/smuggled', reached: () => reached, close: () => endFunction(started) };
  },
  async 'the runtime of a function that answers at once'() {
    let reached = 0;
    const started = await startFunction(
      http(() => {
        reached++;
        return 'ok';
      }),
    );
    return { address: started.url, counted: '/smuggled', reached: () => reached, close: () => endFunction(started) };
  },
  async 'the admin port'() {
    const server = createAdminServer(fakeView(), { token: 'a token' });
    let reached = 0;
    server.prependListener('request', (_request, response) => {
      response.on('finish', () => {
        if (response.statusCode === 404) reached++;
      });
    });
    const address = await listen(server, '127.0.0.1', 0);
    return { address, counted: '/smuggled', reached: () => reached, close: () => closeServer(server, world, 0) };
  },
  async "the operator's port"() {
    let reached = 0;
    const stats = { leader: true, synced: true, queued: 0, reconciles: 0, failures: 0, objects: 0, invalid: 0 };
    const port = await openHealthPort(world, { host: '127.0.0.1', port: 0 }, () => {
      reached++;
      return stats;
    });
    return { address: port.address, counted: '/metrics', reached: () => reached, close: port.close };
  },
};
