// `tenfold serve --cluster` against a real API server: what is applied there is served here,
// whatever becomes of the API server meanwhile.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { API_VERSION, kinds } from '../../../resources/kinds/index.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { freePorts } from '../free-ports.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';
import { accountOf, asked, grantedTo, startPlane } from '../operator/operators.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

const MERGE = 'application/merge-patch+json';

let plane: ControlPlane;
let upstream: Server;
let url: string;
let serving: ServingProcess;
let address: string;
const delivered: string[] = [];

const path = (kind: Kind, name: string, namespace = 'default') =>
  `/apis/${API_VERSION}/namespaces/${namespace}/${kinds[kind].plural}/${name}`;
const apply = async (kind: Kind, name: string, spec: object, namespace = 'default') => {
  const manifest = { apiVersion: API_VERSION, kind, metadata: { name, namespace }, spec };
  const answer = await plane.client.apply(path(kind, name, namespace), manifest);
  assert.ok(answer.status < 300, message(answer));
};
const get = async (place: string, host = 'localhost') => {
  const response = await fetch(`${address}${place}`, { headers: { 'x-host': host } });
  return `${response.status} ${await response.text()}`;
};
const answers = (place: string, expected: string) =>
  eventually(async () => (await get(place)) === expected, `${place}: ${expected}`);

/** Statuses of requests that were made all the while. */
const askWhile = async (place: string, act: () => Promise<void>) => {
  const seen = new Set<string>();
  const acting = new AbortController();
  const ask = async () => {
    while (!acting.signal.aborted)
      seen.add((await get(place).catch(error => String(error.cause ?? error))).slice(0, 3));
  };
  const asking = [ask(), ask()];
  await act().finally(() => acting.abort());
  await Promise.all(asking);
  return [...seen];
};

describe('tenfold serve --cluster', () => {
  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    upstream = createServer((request, response) => {
      request.setEncoding('utf8');
      let body = '';
      request.on('data', chunk => (body += chunk));
      request.on('end', () => {
        if (request.method === 'POST') delivered.push(body);
        response.end(`${request.url} ${request.headers['x-version'] ?? ''}`.trim());
      });
    });
    url = await listen(upstream, '127.0.0.1', 0);
    // Figures are told by others, and would be told here after half a minute: however long this
    // takes, it asks for nothing more.
    serving = startServing(plane, { role: 'serve', env: { TENFOLD_CLUSTER_FIGURES_EVERY: '1h' } });
    address = (await serving.addresses()).public;
  });
  after(async () => {
    await serving?.end('SIGKILL');
    if (upstream) await closeServer(upstream, realWorld, 0);
    await plane?.close();
    removeTempFolders();
  });

  describeResources();
  describeCallsThatWait();
  // Before an API server starts anew: for a moment one refuses whoever is nobody's administrator.
  it('asks for nothing that it may not', () => {
    const { name } = accountOf('gateway');
    const refused = plane.audit().filter(one => one.user.username === name && one.responseStatus?.code === 403);
    assert.deepEqual(refused, []);
  });

  it('keeps what is in force while the API server is away, and follows it again', async () => {
    const statuses = askWhile('/menu', async () => {
      await plane.restartApiServer(2000);
      await apply('Function', 'menu', { url, headers: [{ name: 'x-version', value: 'after' }] });
      await eventually(async () => (await get('/menu')) === '200 /menu after', 'it follows again');
    });
    assert.deepEqual(await statuses, ['200']);
  });

  describeRefusals();
  it('waits for an API server that is away when it starts, says so, and can be stopped meanwhile', async () => {
    const [closedPort = 0, adminPort = 0] = await freePorts(2);
    const waiting = startServing(
      { url: `https://127.0.0.1:${closedPort}`, ca: plane.ca },
      { role: 'serve', adminPort },
    );
    const readiness = async () => {
      const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
      return `${response.status} ${await response.text()}`;
    };
    await eventually(
      async () => /^503 .*API server.*cannot be reached/s.test(await readiness().catch(() => '')),
      'it says that it waits',
    );
    assert.equal((await fetch(`http://127.0.0.1:${adminPort}/healthz`)).status, 200);
    assert.equal(await waiting.end('SIGTERM'), 0);
  });

  it('has used every right that it has when it ends, and no other', async () => {
    assert.equal(await serving.end('SIGTERM'), 0);
    const granted = grantedTo('gateway').toSorted();
    // A watch is written down when it ends.
    const used = () => [...new Set(asked(plane, 'gateway'))].toSorted();
    await eventually(() => used().length >= granted.length, 'all is written down').catch(() => {});
    assert.deepEqual(used(), granted);
  });
});

function describeResources(): void {
  it('answers what was applied', async () => {
    await apply('Function', 'menu', { url });
    await apply('Api', 'web', { routes: [{ match: { path: '/menu' }, to: { function: 'menu' } }] });
    await answers('/menu', '200 /menu');
  });

  it('delivers events', async () => {
    await apply('Topic', 'orders', {});
    await apply('Subscription', 'kitchen', { topic: 'orders', from: 'earliest', to: { function: 'menu' } });
    await apply('Api', 'intake', { routes: [{ match: { method: 'POST', path: '/orders' }, to: { topic: 'orders' } }] });
    await eventually(async () => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${address}/orders`, { method: 'POST', headers, body: '{"table":7}' });
      return response.status < 300;
    }, 'an order is taken');
    await eventually(() => delivered.some(body => body.includes('"table":7')), 'it is delivered');
  });

  it('lets a request to a Function wait until what runs it says where it is', async () => {
    await apply('Function', 'slow', { image: 'ghcr.io/acme/slow:1' });
    await apply('Api', 'slow', { routes: [{ match: { path: '/slow' }, to: { function: 'slow' } }] });
    await eventually(() => serving.output().includes('"resources":7'), 'it is in force');
    const waiting = get('/slow');
    // As an operator says it, whose provider has brought an instance up.
    await plane.client.request(
      'PATCH',
      `${path('Function', 'slow')}/status`,
      { status: { url, idleSeconds: 60 } },
      MERGE,
    );
    assert.equal(await waiting, '200 /slow');
  });

  it('follows changes, one version after the other, without a failed request', async () => {
    const statuses = askWhile('/menu', async () => {
      for (let version = 1; version <= 5; version++) {
        await apply('Function', 'menu', { url, headers: [{ name: 'x-version', value: String(version) }] });
        await answers('/menu', `200 /menu ${version}`);
      }
    });
    assert.deepEqual(await statuses, ['200']);
  });
}

function describeCallsThatWait(): void {
  it('tells that a Function is called that would sleep otherwise, once for many calls', async () => {
    for (let call = 0; call < 20; call++) assert.equal(await get('/slow'), '200 /slow');
    const calledAt = async () => (await plane.client.request('GET', path('Function', 'slow'))).body.status.calledAt;
    await eventually(async () => (await calledAt()) !== undefined, 'it is told');
    const told = asked(plane, 'gateway').filter(call => /^patch (?!coordination)/.test(call));
    assert.deepEqual(told, ['patch tenfold.dev/functions/status']);
  });

  it('follows the instances of a Function while a call waits for it', async () => {
    await apply('Function', 'nap', { image: 'ghcr.io/acme/nap:1' });
    await apply('Api', 'nap', { routes: [{ match: { path: '/nap' }, to: { function: 'nap' } }] });
    await eventually(() => serving.output().includes('"resources":9'), 'it is in force');
    const status = (now: object) =>
      plane.client.request('PATCH', `${path('Function', 'nap')}/status`, { status: now }, MERGE);
    await status({ url: 'http://fn-nap.default.svc', idleSeconds: 60, asleepAfter: 'never' });
    const waiting = get('/nap');
    const calledAt = async () => (await plane.client.request('GET', path('Function', 'nap'))).body.status.calledAt;
    await eventually(async () => (await calledAt()) !== undefined, 'it is told');
    await status({ url, asleepAfter: null });
    assert.equal(await waiting, '200 /nap');
  });

  it('refuses calls of a Function that has been deleted at once, also one that waits', async () => {
    await apply('Function', 'gone', { image: 'ghcr.io/acme/gone:1' });
    await apply('Api', 'gone', { routes: [{ match: { path: '/gone' }, to: { function: 'gone' } }] });
    await eventually(() => serving.output().includes('"resources":11'), 'it is in force');
    const status = { status: { idleSeconds: 60, asleepAfter: 'never' } };
    await plane.client.request('PATCH', `${path('Function', 'gone')}/status`, status, MERGE);
    const waiting = get('/gone');
    const calledAt = async () => (await plane.client.request('GET', path('Function', 'gone'))).body.status.calledAt;
    await eventually(async () => (await calledAt()) !== undefined, 'it waits');
    await plane.client.request('DELETE', path('Function', 'gone'));
    assert.match(await waiting, /^404 .*#unknown-function/s);
    assert.match(await get('/gone'), /^404 .*#unknown-function/s);
    await plane.client.request('DELETE', path('Api', 'gone'));
  });
}

function describeRefusals(): void {
  it('refuses what is wrong, and keeps the version before', async () => {
    await apply('Api', 'web', { routes: [{ match: { path: '/menu' }, to: { function: 'nobody' } }] });
    await eventually(() => serving.output().includes('nobody'), 'it says so');
    assert.equal(await get('/menu'), '200 /menu after');
    await apply('Api', 'web', { routes: [{ match: { path: '/menu' }, to: { function: 'menu' } }] });
  });

  it('reads no file of its machine for whoever may write an Api', async () => {
    const resolvers = { 'Query.x': { to: { function: 'menu' } } };
    await apply('Api', 'nosy', { graphql: { schema: '../../../../../../../../../../etc/passwd.graphql', resolvers } });
    await eventually(() => /a cluster has no files/.test(serving.output()), 'it says why');
  });

  it('serves the namespaces that it is given, and no other', async () => {
    for (const name of ['shop', 'billing']) {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await plane.client.apply(`/api/v1/namespaces/${name}`, namespace);
      await apply('Function', 'till', { url }, name);
      await apply('Api', 'web', { routes: [{ match: { path: `/${name}` }, to: { function: 'till' } }] }, name);
    }
    const one = startServing(plane, { role: 'serve', words: ['--namespace', 'shop'] });
    try {
      const { public: listener } = await one.addresses();
      assert.equal((await fetch(`${listener}/shop`)).status, 200);
      assert.equal((await fetch(`${listener}/billing`)).status, 404);
      assert.equal((await fetch(`${listener}/menu`)).status, 404);
    } finally {
      await one.end('SIGKILL');
    }
  });
}
