// Operators that lead one after another, and API servers that go away.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { startProxy, type TcpProxy } from '../../services/proxy.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, pathOf } from '../installed-crds.ts';
import { startServing } from '../serving/serving-process.ts';
import { accountOf, kubectl, PLATFORM, type RunningOperator, runOperator, startPlane } from './operators.ts';

const IMAGE = { image: 'ghcr.io/acme/menu:1' };
/** A whole minute at night (TENFOLD_NIGHTLY). */
const AWAY_MS = process.env['TENFOLD_NIGHTLY'] ? 60_000 : 3000;
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${PLATFORM}/leases/tenfold-operator`;

let plane: ControlPlane;
let proxy: TcpProxy;
let kube: ReturnType<typeof kubectl>;
const running: RunningOperator[] = [];

async function start(url?: string): Promise<RunningOperator> {
  const operator = runOperator(plane, url === undefined ? {} : { url });
  running.push(operator);
  await operator.synced;
  return operator;
}
const statusOf = async (kind: Kind, name: string) => (await kube.get(pathOf(kind, name))).status ?? {};
const leads = (operator: RunningOperator) => eventually(() => operator.isLeader, 'it leads');

describe('Operators', () => {
  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    kube = kubectl(plane);
    proxy = await startProxy(Number(new URL(plane.url).port));
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map(operator => operator.close()));
  });

  after(async () => {
    await proxy?.close();
    await plane?.close();
    removeTempFolders();
  });

  describeLeaders();
  describeOutages();
  it('wait for an API server that is not there when they start', async () => {
    proxy.turnTo(1);
    const operator = runOperator(plane, { url: `https://127.0.0.1:${proxy.port}` });
    running.push(operator);
    await new Promise(resolve => setTimeout(resolve, 500));
    assert.equal(operator.isLeader, false);
    proxy.turnTo(Number(new URL(plane.url).port));
    await operator.synced;
    await leads(operator);
  });

  it('stop at once when they are told to while they wait', async () => {
    proxy.turnTo(1);
    const operator = runOperator(plane, { url: `https://127.0.0.1:${proxy.port}` });
    await new Promise(resolve => setTimeout(resolve, 300));
    await operator.close();
  });
});

function describeLeaders(): void {
  it('lead one at a time, and the next begins at once when one stops', async () => {
    const first = await start();
    await leads(first);
    const second = await start();
    await new Promise(resolve => setTimeout(resolve, 1000));
    assert.equal(second.isLeader, false);
    const { holderIdentity: held } = (await kube.get(LEASE)).spec;
    await first.close();
    // Nobody has to wait until it is over.
    assert.notEqual((await kube.get(LEASE)).spec.holderIdentity, held);
    await leads(second);
    await kube.apply('Function', 'handed-over', IMAGE);
    await kube.wait('Function', 'handed-over', 'Accepted', 'True Valid');
    assert.equal((await kube.get(LEASE)).spec.leaseTransitions >= 1, true);
  });

  it('leave alone what others say of their Lease', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
    const annotations = { 'meta.helm.sh/release-name': 'tenfold' };
    await plane.client.apply(LEASE, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'tenfold-operator', labels, annotations },
    });
    await leads(await start());
    const { metadata, spec } = await kube.get(LEASE);
    assert.notEqual(spec.holderIdentity, '');
    assert.deepEqual([metadata.labels, metadata.annotations], [labels, annotations]);
  });

  it('stop leading before another begins when they are cut off without a word', async () => {
    const first = await start(`https://127.0.0.1:${proxy.port}`);
    await leads(first);
    const second = await start();
    let both = false;
    const watching = setInterval(() => {
      both ||= first.isLeader && second.isLeader;
    }, 5);
    proxy.keepAnswers(true);
    proxy.swallow();
    await leads(second);
    clearInterval(watching);
    assert.equal(both, false);
    assert.equal(first.isLeader, false);
    await kube.apply('Function', 'cut-off', IMAGE);
    await kube.wait('Function', 'cut-off', 'Accepted', 'True Valid');
    proxy.keepAnswers(false);
    proxy.cut();
  });
}

function describeOutages(): void {
  it('go on when the API server comes back', async () => {
    const operator = await start();
    await leads(operator);
    await plane.restartApiServer(1500);
    await kube.apply('Function', 'restarted', IMAGE);
    await kube.wait('Function', 'restarted', 'Accepted', 'True Valid', 30_000);
    await leads(operator);
    const outages = operator.lines.filter(line => line.includes('the cluster cannot be followed'));
    assert.equal(outages.length, 1, operator.lines.join('\n'));
  });

  it('find all as it was after an API server that was away, whoever serves went on meanwhile, and nothing is written twice', async function () {
    this.timeout(600_000 + 2 * AWAY_MS);
    const operator = await start();
    await leads(operator);
    let events = 0;
    const upstream = createServer((request, response) => {
      if (request.method === 'POST') events += 1;
      request.resume().once('end', () => response.writeHead(204).end());
    });
    const serving = startServing(plane, {
      role: 'serve',
      component: 'worker',
      env: { TENFOLD_CLUSTER_FIGURES_EVERY: '1s' },
    });
    const leaving = new AbortController();
    const answered = new Map<string, number>();
    let loaded: Promise<unknown> = Promise.resolve();
    try {
      await kube.apply('Function', 'kitchen', { url: await listen(upstream, '127.0.0.1', 0) });
      await kube.apply('Topic', 'orders', {});
      await kube.apply('Subscription', 'kitchen', { topic: 'orders', to: { function: 'kitchen' } });
      const routes = [
        { match: { method: 'GET', path: '/menu' }, to: { function: 'kitchen' } },
        { match: { method: 'POST', path: '/orders' }, to: { topic: 'orders' } },
      ];
      await kube.apply('Api', 'web', { routes });
      const { public: listener } = await serving.addresses();
      for (const kind of ['Api', 'Subscription'] as const)
        await kube.wait(kind, kind === 'Api' ? 'web' : 'kitchen', 'Ready', 'True InForce');
      await eventually(async () => (await statusOf('Subscription', 'kitchen')).lag === 0, 'it works');
      const guest = async (method: string, path: string) => {
        const order = {
          method,
          headers: { 'content-type': 'application/json' },
          body: method === 'POST' ? '{}' : null,
        };
        while (!leaving.signal.aborted) {
          const status = await fetch(`${listener}${path}`, order).then(
            answer => `${method} ${answer.status}`,
            error => String(error.cause ?? error),
          );
          answered.set(status, (answered.get(status) ?? 0) + 1);
          await new Promise(resolve => setTimeout(resolve, 10));
        }
      };
      loaded = Promise.all([guest('GET', '/menu'), guest('POST', '/orders')]);
      const before = plane.audit().length;
      const counted = { answers: answered.get('GET 204') ?? 0, events };
      const back = plane.restartApiServer(AWAY_MS);
      await new Promise(resolve => setTimeout(resolve, AWAY_MS));
      // Now it is about to come back.
      assert.ok(
        (answered.get('GET 204') ?? 0) > counted.answers + AWAY_MS / 200,
        'it answers while the API server is away',
      );
      assert.ok(events > counted.events + AWAY_MS / 200, 'events are delivered while the API server is away');
      await back;
      await leads(operator);
      await kube.apply('Api', 'after', { routes: [{ match: { path: '/after' }, to: { function: 'kitchen' } }] });
      await kube.wait('Api', 'after', 'Ready', 'True InForce', 30_000);
      assert.equal((await fetch(`${listener}/after`)).status, 204);
      leaving.abort();
      await loaded;
      assert.deepEqual([...answered.keys()].toSorted(), ['GET 204', 'POST 204']);
      await eventually(() => events === answered.get('POST 204'), 'each event is delivered once');
      const { name: operators } = accountOf('operator');
      const written = plane
        .audit()
        .slice(before)
        .filter(({ user, verb, objectRef: { resource, name } = {} }) => {
          if (user.username !== operators || resource === 'leases' || resource === 'events') return false;
          return verb !== 'list' && verb !== 'watch' && name !== 'after';
        });
      assert.deepEqual(written, []);
    } finally {
      leaving.abort();
      await loaded;
      await serving.end('SIGKILL');
      await closeServer(upstream, realWorld, 0);
    }
  });
}
