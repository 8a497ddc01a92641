// Listeners of namespaces over real sockets: each answers by the routes of its own namespaces, has
// limits and proxies of its own, and says its name in logs and metrics.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { type AllowedRoutes, createListeners } from '../../../resources/ownership/listeners.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import type { RequestEntry } from '../../../server/platform-events.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { sendRaw } from '../../fakes/raw-http.ts';

const TEAMS = ['blue', 'green', 'red'];
const ports = { public: 0, internal: 0, admin: 0 };

const platforms: Platform[] = [];
const entries: RequestEntry[] = [];
/** Says which team's route led to it, and for whom it takes the client. */
let upstream: Server;
let origin = '';

const api = (namespace: string, path: string, more: object = {}) => ({
  apiVersion: API_VERSION,
  kind: 'Api',
  metadata: { name: `api-${path.replace(/\W/g, sign => String(sign.charCodeAt(0)))}`, namespace },
  spec: { ...more, routes: [{ match: { path }, request: { path: `/${namespace}` }, to: { url: origin } }] },
});
const start = async (
  apis: readonly object[],
  all: readonly AllowedRoutes[],
  more: Partial<Parameters<typeof startPlatform>[0]> = {},
  ofEach: object = {},
) => {
  const platform = await startPlatform({
    directory: tempFolder({ 'app.yaml': apis.map(one => stringify(one)).join('---\n') }),
    watch: false,
    host: '127.0.0.1',
    ports,
    events: { request: entry => entries.push(entry) },
    listeners: createListeners([{ name: 'public', namespaces: undefined, hosts: undefined }, ...all]),
    listenerPlaces: all.map(({ name }) => ({ name, port: 0, trustedProxies: [], ...ofEach })),
    ...more,
  });
  platforms.push(platform);
  assert.deepEqual(
    platform.view.catalog.problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  return platform;
};
const addressOf = ({ addresses }: Platform, name: string) =>
  name === 'public' ? addresses.public : (addresses.listeners?.[name] ?? '');
const ask = async (address: string, path: string, fields = 'Host: a.example\r\n') => {
  const { text } = await sendRaw(address, `GET ${path} HTTP/1.1\r\n${fields}Connection: close\r\n\r\n`);
  return { status: Number(text.slice(9, 12)), by: / \d{3} /.test(text) ? /\r\n\/(\w+) for/.exec(text)?.[1] : '' };
};

describe('A listener of some namespaces', () => {
  before(async () => {
    upstream = createServer((request, response) => {
      request.resume().on('end', () => response.end(`${request.url} for ${request.headers['x-forwarded-for']}`));
    });
    origin = await listen(upstream, '127.0.0.1', 0);
  });
  after(async () => {
    for (const platform of platforms) await platform.close(0);
    await closeServer(upstream, realWorld, 0);
    removeTempFolders();
  });

  it('is reached by no route of another namespace, whatever is declared: every team may have the same paths', async () => {
    const some = fc.record({
      all: fc.array(
        fc.record({
          namespaces: fc.subarray(TEAMS, { minLength: 1, maxLength: 1 }),
          hosts: fc.constantFrom(undefined, undefined, ['a.example'], ['*.test']),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      paths: fc.subarray(['/*', '/shop/*', '/shop/:id', '/shop/pay'], { minLength: 1 }),
    });
    let [answered, refused] = [0, 0];
    for (const { all: sketches, paths } of fc.sample(some, { numRuns: 4, seed: 17 })) {
      const all = sketches.map((one, index): AllowedRoutes => ({ name: `l${index}`, ...one }));
      const named = new Set(all.flatMap(({ namespaces = [] }) => namespaces));
      // Those that share the public listener have paths of their own.
      const shared = TEAMS.filter(team => !named.has(team));
      const apis = TEAMS.flatMap(team =>
        shared.includes(team) ? [api(team, `/${team}/*`)] : paths.map(path => api(team, path)),
      );
      const platform = await start(apis, all);
      for (const { name, namespaces = shared, hosts } of [
        { name: 'public', namespaces: shared, hosts: undefined },
        ...all,
      ]) {
        for (const path of ['/shop/pay', '/shop/17', '/other', ...TEAMS.map(team => `/${team}/x`)]) {
          for (const host of ['a.example', 'b.test', 'A.EXAMPLE:80']) {
            const { status, by } = await ask(addressOf(platform, name), path, `Host: ${host}\r\n`);
            const what = `${host}${path} at ${name} of ${namespaces}: ${status} ${by}`;
            const isServed = hosts?.some(one => (one === '*.test' ? host === 'b.test' : host !== 'b.test')) ?? true;
            if (by !== undefined) {
              answered++;
              assert.ok(isServed && namespaces.includes(by), what);
            } else {
              refused++;
              assert.equal(status, 404, what);
            }
            if (isServed && name !== 'public' && paths.includes('/*')) assert.equal(by, namespaces[0], what);
          }
        }
      }
      await platform.close(0);
    }
    assert.ok(answered > 15 && refused > 15, `${answered} answered, ${refused} refused`);
  });

  it('names itself in the access log, in metrics, and in what is told of routes', async () => {
    const platform = await start(
      [api('green', '/shop'), api('blue', '/shop')],
      [{ name: 'green', namespaces: ['green'], hosts: undefined }],
    );
    assert.equal((await ask(addressOf(platform, 'green'), '/shop')).by, 'green');
    assert.equal((await ask(platform.addresses.public, '/shop')).by, 'blue');
    assert.equal((await ask(addressOf(platform, 'green'), '/nothing')).status, 404);
    await eventually(() => entries.some(({ path }) => path === '/nothing'), 'the last request is logged');
    const told = entries.slice(-3).map(({ listener, resource, status }) => [listener, resource, status]);
    assert.deepEqual(told, [
      ['green', 'Api/green/api-47shop', 200],
      ['public', 'Api/blue/api-47shop', 200],
      ['green', undefined, 404],
    ]);
    const metrics = await platform.view.metrics();
    assert.match(
      metrics,
      /^http_server_request_duration_seconds_count\{listener="green",.*resource="Api\/green\/api-47shop"/m,
    );
    assert.match(metrics, /^tenfold_connections\{listener="green"\} /m);
    assert.doesNotMatch(metrics, /listener="public",.*resource="Api\/green/);
    assert.deepEqual(
      platform.view
        .routes()
        .map(({ namespace, listeners }) => [namespace, listeners])
        .toSorted(),
      [
        ['blue', ['public']],
        ['green', ['green']],
      ],
    );
    const explain = (listener?: string) =>
      platform.view
        .explain({ method: 'GET', path: '/shop', headers: [], listener })
        .candidates.map(({ namespace }) => namespace);
    assert.deepEqual([explain(), explain('green')], [['blue'], ['green']]);
    assert.throws(() => explain('red'), /There is no listener "red". There are: public, green\./);
  });

  it('believes its own proxies alone, and has connections of its own', async () => {
    const limits = { max: 20, perClient: 3, idle: 60_000 };
    const platform = await start(
      [api('green', '/shop'), api('blue', '/shop')],
      [{ name: 'green', namespaces: ['green'], hosts: undefined }],
      { trustedProxies: ['127.0.0.1'] },
      { connections: limits },
    );
    const forwarded = 'Host: a.example\r\nX-Forwarded-For: 203.0.113.7\r\n';
    const seenAt = async (name: string) =>
      (await sendRaw(addressOf(platform, name), `GET /shop HTTP/1.1\r\n${forwarded}Connection: close\r\n\r\n`)).text;
    assert.match(await seenAt('public'), /for 203\.0\.113\.7/);
    assert.doesNotMatch(await seenAt('green'), /203\.0\.113\.7/);

    const held: Socket[] = [];
    const open = (name: string) => {
      const { hostname, port } = new URL(addressOf(platform, name));
      const socket = connect(Number(port), hostname).on('error', () => {});
      held.push(socket);
      return socket;
    };
    const sockets = Array.from({ length: 10 }, () => open('green'));
    await eventually(() => sockets.filter(({ closed }) => !closed).length === 3, 'three of one client are left');
    const others = Array.from({ length: 10 }, () => open('public'));
    assert.equal((await ask(platform.addresses.public, '/shop')).by, 'blue');
    assert.ok(
      others.every(({ closed }) => !closed),
      'the public listener has its own limit',
    );
    for (const socket of held) socket.destroy();
  });

  it('serves no route of a namespace that no listener is for, and says so', async () => {
    const all: AllowedRoutes[] = [{ name: 'green', namespaces: ['green'], hosts: ['green.example'] }];
    const platform = await start(
      [api('green', '/shop'), api('green', '/else', { hosts: ['blue.example'] }), api('blue', '/shop')],
      all,
      { listeners: createListeners([{ name: 'public', namespaces: ['red'], hosts: undefined }, ...all]) },
    );
    assert.deepEqual(platform.view.catalog.problems.map(({ reason, severity }) => [reason, severity]).toSorted(), [
      ['NoMatchingListenerHostname', 'warning'],
      ['NotAllowedByListeners', 'warning'],
    ]);
    assert.equal((await ask(platform.addresses.public, '/shop')).status, 404);
    assert.equal((await ask(addressOf(platform, 'green'), '/shop', 'Host: green.example\r\n')).by, 'green');
    assert.equal((await ask(addressOf(platform, 'green'), '/else', 'Host: blue.example\r\n')).status, 404);
  });
});
