// What the operator's account may write: what runs Functions, and nothing else anywhere. Every other test of the operator has the policy, too.
import assert from 'node:assert/strict';
import { eventually } from '../eventually.ts';
import type { ControlPlane } from './control-plane.ts';
import { BUILD_AND_START_MS, message, pathOf } from './installed-crds.ts';
import { kubeClient } from './kube-client.ts';
import { accountOf, kubectl, PLATFORM, runOperator, startPlane } from './operators.ts';

const MERGE = 'application/merge-patch+json';
const deploymentIn = (namespace: string, name: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;

describe('The policy of what the operator writes', () => {
  let plane: ControlPlane;
  let client: ReturnType<typeof kubeClient>;
  let owner: object;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    client = kubeClient(plane.url, accountOf('operator').token, plane.ca);
    await kubectl(plane).apply('Function', 'menu', { image: 'acme/menu:1' });
    const { apiVersion, kind, metadata } = await kubectl(plane).get(pathOf('Function', 'menu'));
    owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
    // It holds a moment after it was made.
    await eventually(async () => (await write('default', 'evil', [])) === 403, 'the policy holds');
  });
  after(async () => {
    await client?.close();
    await plane?.close();
  });

  const deployment = (namespace: string, name: string, ownerReferences: readonly object[]) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, ownerReferences },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'evil:1' }] } },
    },
  });
  const write = async (namespace: string, name: string, owners: readonly object[], by = client) =>
    (await by.apply(deploymentIn(namespace, name), deployment(namespace, name, owners))).status;

  it('lets it make, change and take away what is of a Function', async () => {
    assert.deepEqual(
      [await write('default', 'fn-menu', [owner]), await write('default', 'fn-menu', [owner])],
      [201, 200],
    );
    const deleted = await client.request('DELETE', deploymentIn('default', 'fn-menu'));
    assert.equal(deleted.status, 200, message(deleted));
  });

  it('keeps it out of the namespaces of Kubernetes and of the platform', async () => {
    for (const namespace of ['kube-system', 'kube-public', PLATFORM])
      assert.equal(await write(namespace, 'fn-menu', [owner]), 403, namespace);
  });

  it('keeps it from other names, and from what no Function controls', async () => {
    assert.equal(await write('default', 'menu', [owner]), 403);
    const others = [[], [{ ...owner, controller: false }], [{ ...owner, apiVersion: 'apps/v1', kind: 'ReplicaSet' }]];
    for (const owners of others) assert.equal(await write('default', 'fn-menu', owners), 403, JSON.stringify(owners));
  });

  it('keeps it from what others made, also under such a name', async () => {
    assert.equal(await write('default', 'fn-theirs', [], plane.client), 201);
    assert.equal(await write('default', 'fn-theirs', [owner]), 403);
    const change = { metadata: { ownerReferences: [owner] }, spec: { replicas: 0 } };
    assert.equal((await client.request('PATCH', deploymentIn('default', 'fn-theirs'), change, MERGE)).status, 403);
    assert.equal((await client.request('DELETE', deploymentIn('default', 'fn-theirs'))).status, 403);
    const service = '/api/v1/namespaces/default/services/kubernetes';
    assert.equal((await client.request('DELETE', service)).status, 403);
  });

  it('keeps it from changing what a Function says, but not from holding it', async () => {
    const path = pathOf('Function', 'menu');
    assert.equal((await client.request('PATCH', path, { spec: { image: 'evil:1' } }, MERGE)).status, 403);
    const held = { metadata: { finalizers: ['tenfold.dev/openfaas'] } };
    assert.equal((await client.request('PATCH', path, held, MERGE)).status, 200);
    assert.equal((await client.request('PATCH', path, { metadata: { finalizers: null } }, MERGE)).status, 200);
  });

  it('is nothing to others, and in no way of an operator that does its work', async () => {
    assert.ok((await write('kube-system', 'dns', [], plane.client)) < 300);
    const operator = runOperator(plane);
    try {
      await operator.synced;
      const kube = kubectl(plane);
      await kube.apply('Function', 'till', { image: 'acme/till:1', scale: { min: 1, max: 3 } });
      await kube.wait('Function', 'till', 'Ready', 'False Starting');
      await kube.apply('Function', 'till', { url: 'https://example.com' });
      await kube.wait('Function', 'till', 'Ready', 'True External');
      const gone = async () => (await plane.client.request('GET', deploymentIn('default', 'fn-till'))).status === 404;
      await eventually(gone, 'what ran it is gone');
    } finally {
      await operator.close();
    }
  });
});
