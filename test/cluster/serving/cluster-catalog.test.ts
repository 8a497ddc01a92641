// The catalog of a cluster over a real API server: what is valid is in force, and it goes on after
// all that can happen to a watch.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import { createOutages } from '../../../k8s/api/outages.ts';
import { type ClusterCatalog, createClusterCatalog } from '../../../k8s/catalog/cluster-catalog.ts';
import type { Snapshot } from '../../../resources/catalog/catalog.ts';
import { eventually } from '../../eventually.ts';
import { startProxy, type TcpProxy } from '../../services/proxy.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, pathOf } from '../installed-crds.ts';
import { asked, clientAs, kubectl, startPlane } from '../operator/operators.ts';

const IMAGE = { image: 'ghcr.io/acme/menu:1' };
const NOWHERE = 1;

describe('The catalog of a cluster', () => {
  let plane: ControlPlane;
  let proxy: TcpProxy;
  let catalog: ClusterCatalog;
  let kube: ReturnType<typeof kubectl>;
  let close: () => Promise<void>;
  const snapshots: Snapshot[] = [];
  const lines: string[] = [];

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    kube = kubectl(plane);
    await kube.apply('Function', 'menu', IMAGE);
    proxy = await startProxy(Number(new URL(plane.url).port));
    const client = clientAs(plane, 'gateway', `https://127.0.0.1:${proxy.port}`);
    catalog = await createClusterCatalog({
      client,
      world: realWorld,
      outages: createOutages((level, message) => void lines.push(`${level} ${message}`)),
      accept: () => ({ problems: [], commit() {} }),
      events: { accepted: snapshot => void snapshots.push(snapshot), refused() {} },
    });
    close = async () => {
      await catalog.close();
      await client.close();
    };
  });

  after(async () => {
    await close?.();
    await proxy?.close();
    await plane?.close();
  });

  const names = () => (catalog.current?.resources.ofKind('Function') ?? []).map(one => one.metadata.name).toSorted();
  const has = (...expected: string[]) => names().join() === expected.toSorted().join();

  it('has everything in its first snapshot', () => {
    assert.equal(snapshots.length, 1);
    assert.deepEqual(names(), ['menu']);
  });

  it('follows what is added, changed and deleted', async () => {
    await kube.apply('Function', 'orders', IMAGE);
    await eventually(() => has('menu', 'orders'), 'two Functions');
    await kube.apply('Function', 'orders', { ...IMAGE, timeout: '3s' });
    const timeout = () => catalog.current?.resources.get('Function', 'default', 'orders')?.spec.timeout;
    await eventually(() => timeout() === 3000, 'another timeout');
    await kube.remove('Function', 'orders');
    await eventually(() => has('menu'), 'one Function');
  });

  it('makes no new snapshot of a status', async () => {
    const before = snapshots.length;
    const path = `${pathOf('Function', 'menu')}/status`;
    const answer = await plane.client.request(
      'PATCH',
      path,
      { status: { replicas: 7 } },
      'application/merge-patch+json',
    );
    assert.equal(answer.status, 200);
    const seen = () => JSON.stringify(catalog.objects.get('Function/default/menu')?.object['status']);
    await eventually(() => seen() === '{"replicas":7}', 'the status');
    await new Promise(resolve => setTimeout(resolve, 300));
    assert.equal(snapshots.length, before);
  });

  it('leaves what is valid in force beside what is not', async () => {
    await kube.apply('Api', 'bad', { routes: [{ match: { path: '/bad' }, to: { function: 'nobody' } }] });
    await kube.apply('Api', 'good', { routes: [{ match: { path: '/good' }, to: { function: 'menu' } }] });
    await eventually(() => catalog.current?.resources.get('Api', 'default', 'good') !== undefined, 'the good one');
    assert.equal(catalog.current?.resources.get('Api', 'default', 'bad'), undefined);
    assert.match(catalog.problems.map(({ message }) => message).join(), /There is no Function "nobody"/);
    await kube.remove('Api', 'bad');
    await eventually(() => catalog.problems.length === 0, 'no problems');
  });

  it('loses nothing when its connections are cut again and again', async () => {
    for (let index = 0; index < 15; index++) {
      await kube.apply('Function', `cut-${index}`, IMAGE);
      if (index % 2 === 1) await kube.remove('Function', `cut-${index - 1}`);
      proxy.cut();
    }
    const expected = ['menu', ...[1, 3, 5, 7, 9, 11, 13, 14].map(index => `cut-${index}`)];
    await eventually(() => has(...expected), 'all that is left');
    for (const name of names()) if (name !== 'menu') await kube.remove('Function', name);
    await eventually(() => has('menu'), 'one Function');
  });

  it('lists anew when the server has forgotten where it was, and notices what was deleted meanwhile', async () => {
    await kube.apply('Function', 'deleted', IMAGE);
    await eventually(() => has('deleted', 'menu'), 'two Functions');
    proxy.turnTo(NOWHERE);
    await kube.remove('Function', 'deleted');
    await kube.apply('Function', 'added', IMAGE);
    await kube.apply('Function', 'menu', { ...IMAGE, timeout: '4s' });
    // A server that starts knows nothing of what was before; watches from then are answered 410.
    await plane.restartApiServer();
    const from = plane.audit().length;
    proxy.turnTo(Number(new URL(plane.url).port));
    await eventually(() => has('added', 'menu'), 'what is there now');
    assert.equal(catalog.current?.resources.get('Function', 'default', 'menu')?.spec.timeout, 4000);
    assert.ok(asked(plane, 'gateway', from).includes('list tenfold.dev/functions'));
  });

  it('says once that it cannot follow, and once that it can again', async () => {
    await eventually(() => lines.at(-1) !== 'warn the cluster cannot be followed', 'the word on the case before');
    const begun = lines.length;
    await plane.restartApiServer(1500);
    await kube.apply('Function', 'after', IMAGE);
    await eventually(() => has('added', 'after', 'menu'), 'the new one');
    const told = () => lines.slice(begun);
    await eventually(() => told().length === 2, 'two lines').catch(() => {});
    assert.deepEqual(told(), ['warn the cluster cannot be followed', 'info the cluster is followed again']);
  });

  it('lists and watches, and asks for nothing else', () => {
    const verbs = new Set(asked(plane, 'gateway').map(call => call.split(' ')[0]));
    assert.deepEqual([...verbs].toSorted(), ['list', 'watch']);
  });
});
