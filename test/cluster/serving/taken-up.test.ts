// Ready means that whoever serves has it in force: gateways of their own beside an
// operator, on a real API server.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS } from '../installed-crds.ts';
import { asked, kubectl, PLATFORM, type RunningOperator, runOperator, startPlane } from '../operator/operators.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

const GATEWAYS = 2;
const SECRET = 'of what keys of the internal listener are made';
const KEYS = createCallerKeys(SECRET);
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${PLATFORM}/leases`;

describe('Ready', () => {
  let plane: ControlPlane;
  let upstream: Server;
  let url: string;
  let operator: RunningOperator;
  let kube: ReturnType<typeof kubectl>;
  let gateways: ServingProcess[] = [];
  let listeners: string[] = [];
  let internals: string[] = [];

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    kube = kubectl(plane);
    upstream = createServer((request, response) => response.end(request.headers['x-version']));
    url = await listen(upstream, '127.0.0.1', 0);
    await kube.apply('Function', 'menu', { url });
    operator = runOperator(plane);
    const env = { TENFOLD_INTERNAL_SECRET: SECRET };
    gateways = Array.from({ length: GATEWAYS }, () => startServing(plane, { role: 'serve', env }));
    const addresses = await Promise.all(gateways.map(one => one.addresses()));
    listeners = addresses.map(one => one.public);
    internals = addresses.map(one => one.internal);
    await eventually(async () => (await leases()).length === GATEWAYS, 'both say what they have in force');
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
  const statuses = (path: string) =>
    Promise.all(listeners.map(async listener => (await fetch(`${listener}${path}`)).status));

  it('is true of an Api as soon as every gateway answers for it, and not before', async () => {
    for (let version = 1; version <= 8; version++) {
      await apply('web', `/v${version}`);
      await kube.wait('Api', 'web', 'Ready', 'True InForce');
      assert.deepEqual(await statuses(`/v${version}`), [200, 200]);
    }
  });

  it('is true of a Function as soon as every gateway calls it as it is now, and not before', async () => {
    for (let version = 1; version <= 8; version++) {
      await kube.apply('Function', 'menu', { url, headers: [{ name: 'x-version', value: `${version}` }] });
      await kube.wait('Function', 'menu', 'Ready', 'True External');
      const answers = listeners.map(async listener => (await fetch(`${listener}/v8`)).text());
      assert.deepEqual(await Promise.all(answers), [`${version}`, `${version}`]);
    }
  });

  it('is true of a new Function as soon as every gateway knows it', async () => {
    for (let index = 1; index <= 4; index++) {
      await kube.apply('Function', `new-${index}`, { url });
      await kube.wait('Function', `new-${index}`, 'Ready', 'True External');
      // By a door that leads to each Function, other than Apis, which wait for them.
      const answers = internals.map(
        async listener =>
          (await fetch(`${listener}/functions/new-${index}`, { headers: { 'tenfold-key': KEYS.keyFor('default') } }))
            .status,
      );
      assert.deepEqual(await Promise.all(answers), [200, 200]);
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
    await kube.apply('Function', 'late', { url });
    await kube.wait('Function', 'late', 'Ready', 'False NotTakenUp');
    // What it had in force it has still.
    assert.equal((await kube.conditionOf('Api', 'web', 'Ready'))?.status, 'True');
    first?.child.kill('SIGCONT');
    await kube.wait('Api', 'late', 'Ready', 'True InForce');
    await kube.wait('Function', 'late', 'Ready', 'True External');
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
