// `tenfold serve --cluster --operator`, the one process of a small installation: it serves, it runs
// Functions, and it looks at everything once.
import assert from 'node:assert/strict';
import { kinds } from '../../../resources/kinds/index.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS } from '../installed-crds.ts';
import { asked, CONTROLLERS, kubectl, PLATFORM, startPlane } from '../operator/operators.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

describe('tenfold serve --cluster --operator', () => {
  let plane: ControlPlane;
  let serving: ServingProcess;
  let admin: string;
  let listener: string;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    await plane.startControllers(CONTROLLERS);
    serving = startServing(plane, { role: 'serve', component: 'operator', words: ['--operator'] });
    ({ admin, public: listener } = await serving.addresses());
  });
  after(async () => {
    await serving?.end('SIGKILL');
    await plane?.close();
    removeTempFolders();
  });

  it('runs what it serves', async () => {
    const kube = kubectl(plane);
    await kube.apply('Function', 'menu', { image: 'ghcr.io/acme/menu:1', scale: { min: 1 } });
    await kube.apply('Api', 'web', { routes: [{ match: { path: '/menu' }, to: { function: 'menu' } }] });
    await kube.wait('Function', 'menu', 'Ready', 'False Starting');
    await kube.wait('Api', 'web', 'Accepted', 'True Valid');
    await eventually(async () => (await kube.makePodsReady('menu')) === 1, 'one pod');
    await kube.wait('Function', 'menu', 'Ready', 'True Available');
    // Nothing makes names of Services known here, so that is as far as the call comes.
    await eventually(async () => (await fetch(`${listener}/menu`)).status === 502, 'it is called');
  });

  it('says in the status what it refuses to serve', async () => {
    const kube = kubectl(plane);
    await kube.apply('Api', 'nosy', {
      graphql: { schema: '../secret.graphql', resolvers: { 'Query.x': { to: { function: 'menu' } } } },
    });
    assert.match(await kube.wait('Api', 'nosy', 'Accepted', 'False Invalid'), /a cluster has no files/);
    await kube.remove('Api', 'nosy');
  });

  it('follows each kind once', () => {
    const lists = asked(plane, 'operator').filter(call => call.startsWith('list tenfold.dev/'));
    assert.deepEqual(lists.toSorted(), kindNames.map(kind => `list tenfold.dev/${kinds[kind].plural}`).toSorted());
  });

  it('lets a Function sleep that nobody calls, and wakes it with the next call, which waits', async () => {
    const kube = kubectl(plane);
    await kube.apply('Function', 'rare', { image: 'ghcr.io/acme/rare:1', scale: { idle: '1s' } });
    await kube.apply('Api', 'rare', { routes: [{ match: { path: '/rare' }, to: { function: 'rare' } }] });
    await eventually(async () => (await kube.makePodsReady('rare')) === 1, 'one pod');
    await kube.wait('Function', 'rare', 'Ready', 'True Asleep', 20_000);
    const replicas = async () => (await kube.get('/apis/apps/v1/namespaces/default/deployments/fn-rare')).spec.replicas;
    await eventually(async () => (await replicas()) === 0, 'no instances');
    await kube.wait('Api', 'rare', 'Ready', 'True InForce');

    const calls = Promise.all([1, 2, 3].map(async () => (await fetch(`${listener}/rare`)).status));
    let answered = false;
    void calls.then(() => {
      answered = true;
    });
    await kube.wait('Function', 'rare', 'Ready', 'True Waking');
    // The autoscaler would leave a Deployment alone that has none.
    await eventually(async () => (await replicas()) === 1, 'an instance is asked for');
    assert.equal(answered, false);
    await eventually(async () => (await kube.makePodsReady('rare')) >= 1, 'a pod');
    // They are sent on; no name of a Service is known here.
    assert.deepEqual(await calls, [502, 502, 502]);
    await kube.wait('Function', 'rare', 'Ready', 'True Asleep', 20_000);
    const writes = () =>
      plane
        .audit()
        .filter(
          ({ verb, objectRef }) => verb === 'patch' && objectRef?.subresource === 'status' && objectRef.name === 'rare',
        ).length;
    // One for each step that its Deployment takes, up, down, up and down
    // again, and none once it rests.
    const isQuiet = async () => {
      const before = writes();
      await new Promise(resolve => setTimeout(resolve, 1000));
      return writes() === before;
    };
    await eventually(isQuiet, 'nothing is written any more');
    assert.ok(writes() < 20, `${writes()} writes`);
  });

  it('shows the numbers of both', async () => {
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    assert.match(metrics, /^tenfold_operator_leader 1$/m);
    assert.match(metrics, /^tenfold_build_info/m);
  });

  it('serves the last valid version on when everything starts anew, and says so', async () => {
    const kube = kubectl(plane);
    const routes = [{ match: { path: '/menu' }, to: { function: 'nobody' } }];
    await kube.apply('Api', 'web', { routes });
    await kube.wait('Api', 'web', 'Accepted', 'False Invalid');
    assert.equal(await serving.end('SIGTERM'), 0);
    const from = plane.audit().length;
    serving = startServing(plane, { role: 'serve', component: 'operator', words: ['--operator'] });
    ({ admin, public: listener } = await serving.addresses());
    assert.equal((await fetch(`${listener}/menu`)).status, 502);
    // A change of something else has it look at all there is.
    await kube.apply('Api', 'other', { routes: [{ match: { path: '/other' }, to: { function: 'menu' } }] });
    await kube.wait('Api', 'other', 'Accepted', 'True Valid');
    assert.match(await kube.wait('Api', 'web', 'Accepted', 'False Invalid'), /The version before stays in force/);
    assert.equal((await fetch(`${listener}/menu`)).status, 502);
    const written = plane.audit().slice(from);
    assert.ok(!written.some(({ verb, objectRef }) => verb === 'patch' && objectRef?.name === 'web'));
  });

  it('lets go of its Lease when it ends', async () => {
    assert.equal(await serving.end('SIGTERM'), 0);
    const lease = await kubectl(plane).get(
      `/apis/coordination.k8s.io/v1/namespaces/${PLATFORM}/leases/tenfold-operator`,
    );
    assert.equal(lease.spec.holderIdentity, '');
  });
});
