// The operator over a real API server with Kubernetes' own controllers: what is applied
// becomes workloads and status.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { CUTOVER_MS } from '../../../k8s/operator/function/cutover.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, type Manifest, message, pathOf } from '../installed-crds.ts';
import { asked, CONTROLLERS, kubectl, type RunningOperator, runOperator, startPlane } from './operators.ts';

const IMAGE = 'ghcr.io/acme/menu:1';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

const application = parseAllDocuments(
  readFileSync(new URL('../application/all-kinds.yaml', import.meta.url), 'utf8'),
).map((document): Manifest => document.toJS());

let plane: ControlPlane;
let operator: RunningOperator;
let kube: ReturnType<typeof kubectl>;

describe('The operator on a real API server', () => {
  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    await plane.startControllers(CONTROLLERS);
    kube = kubectl(plane);
    operator = runOperator(plane);
    await operator.synced;
  });

  after(async () => {
    await operator?.close();
    await plane?.close();
  });

  describeStatus();
  describeFindings();
  describeWorkloads();
  describeRefusals();
  describeEnds();
  it('writes nothing when nothing changes, also not when it starts anew', async () => {
    await eventually(async () => (await kube.makePodsReady('menu')) === 1, 'one pod');
    await kube.wait('Api', 'web', 'Ready', 'True InForce');
    const writes = (from: number) =>
      asked(plane, 'operator', from).filter(
        call => /^(create|update|patch|delete)/.test(call) && !call.includes('leases'),
      );
    let quietFrom = plane.audit().length;
    await eventually(async () => {
      const before = quietFrom;
      quietFrom = plane.audit().length;
      await new Promise(resolve => setTimeout(resolve, 500));
      return writes(before).length === 0;
    }, 'it has settled');
    await operator.close();
    const from = plane.audit().length;
    operator = runOperator(plane);
    await operator.synced;
    await eventually(() => operator.isLeader, 'it leads');
    await new Promise(resolve => setTimeout(resolve, 1500));
    assert.deepEqual(writes(from), []);
  });
});

function describeStatus(): void {
  it('makes of a Function what runs it, and tells how it is doing', async () => {
    assert.deepEqual(application.map(({ kind }) => kind).toSorted(), [...kindNames].toSorted());
    await kube.apply('Function', 'menu', application[0]?.spec);
    await kube.wait('Function', 'menu', 'Ready', 'False Starting');
    assert.equal((await kube.get(`${DEPLOYMENTS}/fn-menu`)).spec.template.spec.containers[0].image, IMAGE);
    assert.equal((await kube.get('/api/v1/namespaces/default/services/fn-menu')).spec.ports[0].port, 80);
    await eventually(async () => (await kube.makePodsReady('menu')) === 2, 'two pods');
    const said = () => kube.wait('Function', 'menu', 'Ready', 'True Available');
    await eventually(async () => (await said()).startsWith('2 of 2 instances'), 'both answer');
    const { status } = await kube.get(pathOf('Function', 'menu'));
    assert.equal(status.url, 'http://fn-menu.default.svc');
    assert.equal(status.replicas, 2);
    assert.equal(status.selector, 'tenfold.dev/function=menu');
  });

  it('tells it in Events, too', async () => {
    const { items } = await kube.get('/apis/events.k8s.io/v1/namespaces/default/events');
    const told = items
      .filter((one: { regarding: { kind: string; name: string } }) => one.regarding.kind === 'Function')
      .map((one: { type: string; reason: string }) => `${one.type} ${one.reason}`);
    assert.ok(told.includes('Normal Available'), told.join(', '));
  });

  it('shows in kubectl get what there is to see', async () => {
    const { body } = await plane.client.table(pathOf('Function'));
    const url = 'http://fn-menu.default.svc';
    assert.deepEqual(body.rows[0].cells.slice(0, 6), ['menu', 'True', 'Available', null, url, 2]);
  });

  for (const { kind, metadata, spec } of application) {
    it(`says that a ${kind} is ready`, async () => {
      await kube.apply(kind, metadata.name, spec);
      await kube.wait(kind, metadata.name, 'Accepted', 'True Valid');
      await kube.wait(kind, metadata.name, 'Ready', kind === 'Function' ? 'True Available' : 'True InForce');
    });
  }
}

function describeFindings(): void {
  it('says what leads to a Function that is not ready, once it is not, and when it is again', async () => {
    await kube.apply('Function', 'menu', { image: IMAGE, scale: { replicas: 0 } });
    await kube.wait('Function', 'menu', 'Ready', 'False Stopped');
    assert.match(await kube.wait('Api', 'web', 'Ready', 'False FunctionNotReady'), /menu/);
    await kube.wait('Topic', 'orders', 'Ready', 'True InForce');
    await kube.apply('Function', 'menu', { image: IMAGE, scale: { replicas: 1 } });
    await eventually(async () => (await kube.makePodsReady('menu')) >= 1, 'a pod');
    await kube.wait('Api', 'web', 'Ready', 'True InForce');
  });

  it('says of what is wrong what validation says, keeps the version before, and leaves all others alone', async () => {
    await kube.apply('Subscription', 'notify', { topic: 'order', to: { function: 'menu' } });
    const said = await kube.wait('Subscription', 'notify', 'Accepted', 'False Invalid');
    assert.match(
      said,
      /^spec\.topic: There is no Topic "order" in the namespace "default"\. Did you mean "orders"\? The version before stays/,
    );
    await kube.wait('Subscription', 'notify', 'Stalled', 'True Invalid');
    assert.equal((await kube.conditionOf('Api', 'web', 'Ready'))?.status, 'True');
    await kube.apply('Subscription', 'notify', { topic: 'orders', to: { function: 'menu' } });
    await kube.wait('Subscription', 'notify', 'Ready', 'True InForce');
  });

  it('names the other one of two that collide', async () => {
    await kube.apply('Api', 'late', { routes: [{ match: { path: '/menu' }, to: { function: 'menu' } }] });
    assert.match(await kube.wait('Api', 'late', 'Accepted', 'False Invalid'), /Api "web" \(default\/Api\/web\)/);
    assert.equal((await kube.conditionOf('Api', 'web', 'Accepted'))?.status, 'True');
    await kube.remove('Api', 'late');
  });

  it('says what a cluster cannot run', async () => {
    await kube.apply('Function', 'local', { source: './local.ts' });
    await kube.wait('Function', 'local', 'Ready', 'False NeedsImage');
    await kube.apply('Function', 'elsewhere', { url: 'https://example.com' });
    await kube.wait('Function', 'elsewhere', 'Ready', 'True External');
    await kube.apply('Function', 'knative', { image: IMAGE, provider: 'knative' });
    assert.match(await kube.wait('Function', 'knative', 'Ready', 'False NoProvider'), /deployment/);
  });
}

function describeWorkloads(): void {
  it('puts back what somebody changed, and leaves what others added', async () => {
    const path = `${DEPLOYMENTS}/fn-menu`;
    const change = {
      metadata: { labels: { team: 'coffee' } },
      spec: { template: { spec: { containers: [{ name: 'function', image: 'evil:1' }] } } },
    };
    await plane.client.request('PATCH', path, change, 'application/strategic-merge-patch+json');
    const restored = async () => (await kube.get(path)).spec.template.spec.containers[0].image === IMAGE;
    await eventually(restored, 'the image is back');
    assert.equal((await kube.get(path)).metadata.labels.team, 'coffee');
  });

  it('takes away what is not wanted any more', async () => {
    const autoscaler = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/fn-menu';
    await kube.apply('Function', 'menu', { image: IMAGE, scale: { min: 1, max: 5 }, env: [{ name: 'A', value: 'b' }] });
    await eventually(async () => (await kube.get(autoscaler)).spec?.maxReplicas === 5, 'an autoscaler');
    await kube.apply('Function', 'menu', { image: IMAGE, scale: { replicas: 3 } });
    await eventually(async () => (await kube.get(autoscaler)).code === 404, 'no autoscaler');
    const envOf = async () => (await kube.get(`${DEPLOYMENTS}/fn-menu`)).spec.template.spec.containers[0].env;
    await eventually(async () => !(await envOf()).some(({ name }: { name: string }) => name === 'A'), 'no variable');
  });

  it('keeps the number of instances when an autoscaler takes over', async () => {
    const path = `${DEPLOYMENTS}/fn-menu`;
    await eventually(async () => (await kube.get(path)).spec.replicas === 3, 'three instances');
    await kube.apply('Function', 'menu', { image: IMAGE, scale: { min: 2, max: 9 } });
    const given = async () => {
      const { metadata, spec } = await kube.get(path);
      assert.equal(spec.replicas, 3);
      const ours = metadata.managedFields.find((one: { manager: string }) => one.manager === 'tenfold-operator');
      return ours.fieldsV1['f:spec']['f:replicas'] === undefined;
    };
    await eventually(given, 'the number is not ours any more');
    await kube.apply('Function', 'menu', { image: IMAGE, scale: { replicas: 1 } });
    await eventually(async () => (await kube.get(path)).spec.replicas === 1, 'one instance');
  });
}

function describeRefusals(): void {
  it('takes over nothing that is not its own', async () => {
    const labels = { app: 'theirs' };
    const theirs = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'fn-taken', namespace: 'default' },
      spec: { selector: labels, ports: [{ name: 'x', port: 1 }] },
    };
    const made = await plane.client.apply('/api/v1/namespaces/default/services/fn-taken', theirs);
    assert.equal(made.status, 201, message(made));
    await kube.apply('Function', 'taken', { image: IMAGE });
    assert.match(
      await kube.wait('Function', 'taken', 'Ready', 'False NameTaken'),
      /Service fn-taken.*Delete or rename/,
    );
    assert.deepEqual((await kube.get('/api/v1/namespaces/default/services/fn-taken')).spec.selector, labels);
    await kube.remove('Function', 'taken');
  });

  it('says what the API server refused, and why', async () => {
    await kube.apply('Function', 'greedy', {
      image: IMAGE,
      resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } },
    });
    assert.match(
      await kube.wait('Function', 'greedy', 'Ready', 'False Refused'),
      /must be less than or equal to memory limit/,
    );
    await kube.remove('Function', 'greedy');
  });
}

function describeEnds(): void {
  it('takes away what ran a Function that is somewhere else now', async () => {
    await kube.apply('Function', 'moved', { image: IMAGE });
    await kube.wait('Function', 'moved', 'Ready', 'False Starting');
    const moved = { image: null, url: 'https://example.com' };
    await plane.client.request('PATCH', pathOf('Function', 'moved'), { spec: moved }, 'application/merge-patch+json');
    await kube.wait('Function', 'moved', 'Ready', 'True External');
    // Once nobody calls it there any more.
    await eventually(
      async () => (await kube.get(`${DEPLOYMENTS}/fn-moved`)).code === 404,
      'no Deployment',
      CUTOVER_MS + 120_000,
    );
    await kube.remove('Function', 'moved');
  });

  it('lets all of a Function go with it', async () => {
    await kube.apply('Function', 'gone', { image: IMAGE });
    await kube.wait('Function', 'gone', 'Ready', 'False Starting');
    await kube.remove('Function', 'gone');
    await eventually(async () => (await kube.get(`${DEPLOYMENTS}/fn-gone`)).code === 404, 'no Deployment');
    await eventually(
      async () => (await kube.get('/api/v1/namespaces/default/services/fn-gone')).code === 404,
      'no Service',
    );
  });
}
