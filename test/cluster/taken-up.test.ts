// Ready means that whoever serves has it in force: gateways of their own beside an operator, on a real API server.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { closeServer, listen } from '../../core/http-server.ts';
import { realWorld } from '../../core/world.ts';
import { removeTempFolders } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import type { ControlPlane } from './control-plane.ts';
import { BUILD_AND_START_MS } from './installed-crds.ts';
import { asked, kubectl, PLATFORM, type RunningOperator, runOperator, startPlane } from './operators.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

const GATEWAYS = 2;
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${PLATFORM}/leases`;

describe('Ready', function () {
  this.timeout(60_000);
  let plane: ControlPlane;
  let upstream: Server;
  let operator: RunningOperator;
  let kube: ReturnType<typeof kubectl>;
  let gateways: ServingProcess[] = [];
  let doors: string[] = [];

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    kube = kubectl(plane);
    upstream = createServer((_request, response) => response.end());
    await kube.apply('Function', 'menu', { url: await listen(upstream, '127.0.0.1', 0) });
    operator = runOperator(plane);
    gateways = Array.from({ length: GATEWAYS }, () => startServing(plane, { role: 'serve' }));
    doors = await Promise.all(gateways.map(async one => (await one.addresses()).public));
    await eventually(async () => (await leases()).length === GATEWAYS, 'both say what they have in force', 10_000);
  });
  after(async () => {
    for (const { child } of gateways) child.kill('SIGCONT');
    await Promise.all(gateways.map(one => one.end('SIGKILL')));
    await operator?.close();
    if (upstream) await closeServer(upstream, realWorld, 0);
    await plane?.close();
    removeTempFolders();
  });

  const leases = async (): Promise<{ metadata: { name: string }; spec: { holderIdentity?: string } }[]> =>
    (await kube.get(`${LEASES}?labelSelector=tenfold.dev/uptake%3Dtrue`)).items;
  const apply = (name: string, path = `/${name}`) =>
    kube.apply('Api', name, { routes: [{ match: { path }, to: { function: 'menu' } }] });
  const statuses = (path: string) => Promise.all(doors.map(async door => (await fetch(`${door}${path}`)).status));

  it('is true of an Api as soon as every gateway answers for it, and not before', async () => {
    for (let version = 1; version <= 8; version++) {
      await apply('web', `/v${version}`);
      await kube.wait('Api', 'web', 'Ready', 'True InForce');
      assert.deepEqual(await statuses(`/v${version}`), [200, 200]);
    }
  });

  it('is false while one of them stays behind, and says which', async () => {
    const [first] = gateways;
    first?.child.kill('SIGSTOP');
    await apply('late');
    const said = await kube.wait('Api', 'late', 'Ready', 'False NotTakenUp');
    assert.match(
      said,
      new RegExp(`^1 of 2 gateways and workers have taken it up; not yet: \\S+-${first?.child.pid}\\.$`),
    );
    await kube.wait('Api', 'late', 'Accepted', 'True Valid');
    // What it had in force it has still.
    assert.equal((await kube.conditionOf('Api', 'web', 'Ready'))?.status, 'True');
    first?.child.kill('SIGCONT');
    await kube.wait('Api', 'late', 'Ready', 'True InForce');
    assert.deepEqual(await statuses('/late'), [200, 200]);
  });

  it('costs one write of each gateway for many changes at once', async () => {
    const count = () => asked(plane, 'gateway').filter(call => call.startsWith('patch coordination')).length;
    const names = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    const before = count();
    await Promise.all(names.map(name => apply(name)));
    for (const name of names) await kube.wait('Api', name, 'Ready', 'True InForce', 20_000);
    assert.ok(count() - before <= 4 * GATEWAYS, `${count() - before} writes for ${names.length} changes`);
  });

  it('waits for no gateway that has ended', async () => {
    const [first] = gateways;
    assert.equal(await first?.end('SIGTERM'), 0);
    const held = (await leases()).map(({ spec }) => spec.holderIdentity ?? '').filter(holder => holder !== '');
    assert.equal(held.length, GATEWAYS - 1);
    await apply('alone');
    await kube.wait('Api', 'alone', 'Ready', 'True InForce', 2000);
  });
});
