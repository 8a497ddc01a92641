// How far consumers have come, in the statuses of a real API server: written by whoever works,
// seldom, and not at all when nothing changes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { parseAllDocuments } from 'yaml';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, pathOf } from '../installed-crds.ts';
import { accountOf, asked, grantedTo, kubectl, startPlane } from '../operator/operators.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

const application: { kind: Kind; metadata: { name: string }; spec: object }[] = parseAllDocuments(
  readFileSync(new URL('../application/all-kinds.yaml', import.meta.url), 'utf8'),
).map(document => document.toJS());
const CONSUMERS: readonly Kind[] = ['Subscription', 'Queue', 'View', 'Pipeline', 'FanOut'];

describe('figures in statuses', () => {
  let plane: ControlPlane;
  let upstream: Server;
  let serving: ServingProcess;
  let listener: string;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    // What it is asked it never takes.
    upstream = createServer((_request, response) => void response.writeHead(422).end());
    const url = await listen(upstream, '127.0.0.1', 0);
    const kube = kubectl(plane);
    for (const { kind, metadata, spec } of application) {
      await kube.apply(kind, metadata.name, kind === 'Function' ? { url } : spec);
    }
    await kube.apply('Api', 'intake', {
      routes: [{ match: { method: 'POST', path: '/orders' }, to: { topic: 'orders' } }],
    });
    serving = startServing(plane, {
      role: 'serve',
      component: 'worker',
      env: { TENFOLD_CLUSTER_FIGURES_EVERY: '1s' },
    });
    listener = (await serving.addresses()).public;
  });
  after(async () => {
    await serving?.end('SIGKILL');
    if (upstream) await closeServer(upstream, realWorld, 0);
    await plane?.close();
    removeTempFolders();
  });

  const nameOf = (kind: Kind) => application.find(one => one.kind === kind)?.metadata.name ?? '';
  const statusOf = async (kind: Kind) => (await kubectl(plane).get(pathOf(kind, nameOf(kind)))).status ?? {};
  const writes = () => asked(plane, 'worker').filter(call => /^patch (?!coordination)/.test(call));

  for (const kind of CONSUMERS) {
    it(`are there for a ${kind}`, () =>
      eventually(async () => {
        const { lag, parked, dead } = await statusOf(kind);
        return [lag, parked, dead].every(value => value === 0);
      }, 'all are 0'));
  }

  it('are nothing to write when nothing changes', async () => {
    const before = writes().length;
    // Some rounds.
    await new Promise(resolve => setTimeout(resolve, 4000));
    assert.equal(writes().length, before);
  });

  it('count what was given up, and kubectl get shows it', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${listener}/orders`, { method: 'POST', headers, body: '{"id":"a","total":1}' });
    assert.ok(response.status < 300, String(response.status));
    await eventually(async () => (await statusOf('Subscription')).dead === 1, 'one is given up');
    const { body } = await plane.client.table(pathOf('Subscription'));
    const columns = body.columnDefinitions.filter((one: { priority: number }) => one.priority === 0);
    assert.deepEqual(
      columns.map(({ name }: { name: string }) => name),
      ['Name', 'Ready', 'Healthy', 'Status', 'Topic', 'Lag', 'Parked', 'Dead', 'Age'],
    );
    assert.deepEqual(body.rows[0].cells.slice(4, 8), ['orders', 0, 0, 1]);
  });

  it('come with the condition Healthy, which says why it is none, beside conditions of others', async () => {
    const healthOf = async (kind: Kind) =>
      ((await statusOf(kind)).conditions ?? []).find(({ type }: { type: string }) => type === 'Healthy');
    await eventually(async () => (await healthOf('Subscription'))?.reason === 'DeadLetters', 'it is not healthy');
    const { status, message, lastTransitionTime } = await healthOf('Subscription');
    assert.equal(status, 'False');
    assert.match(message, /^1 event was given up/);
    assert.ok(Math.abs(Date.now() - Date.parse(lastTransitionTime)) < 10 * 60_000, lastTransitionTime);
  });

  it('go with calls of Functions that sleep, which a worker tells of, and whose instances it follows meanwhile', async () => {
    const kube = kubectl(plane);
    await kube.apply('Function', 'nap', { image: 'ghcr.io/acme/nap:1' });
    const status = { url: 'http://fn-nap.default.svc', idleSeconds: 60, asleepAfter: 'never' };
    await plane.client.request(
      'PATCH',
      `${pathOf('Function', 'nap')}/status`,
      { status },
      'application/merge-patch+json',
    );
    await kube.apply('Subscription', 'nap', { topic: 'orders', from: 'earliest', to: { function: 'nap' } });
    const calledAt = async () => (await kube.get(pathOf('Function', 'nap'))).status.calledAt;
    await eventually(async () => (await calledAt()) !== undefined, 'it is told');
  });

  it('take no other right than a worker has, and all of those', async () => {
    const { name } = accountOf('worker');
    const refused = plane.audit().filter(one => one.user.username === name && one.responseStatus?.code === 403);
    assert.deepEqual(refused, []);
    assert.equal(await serving.end('SIGTERM'), 0);
    const granted = grantedTo('worker');
    // A watch is written down when it ends.
    const used = () => [...new Set(asked(plane, 'worker'))].toSorted();
    await eventually(() => used().length >= granted.length, 'all is written down').catch(() => {});
    assert.deepEqual(used(), granted.toSorted());
  });
});
