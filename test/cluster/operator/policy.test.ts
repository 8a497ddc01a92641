// What the operator's account may write: what runs Functions, and nothing else anywhere. Every
// other test of the operator has the policy, too.
import assert from 'node:assert/strict';
import type { OwnerReference } from '../../../k8s/api/kube-object.ts';
import { deploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { eventually } from '../../eventually.ts';
import { context, functionOf, variants } from '../../k8s/providers/deployment/functions.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message, pathOf } from '../installed-crds.ts';
import { kubeClient } from '../kube-client.ts';
import { accountOf, kubectl, PLATFORM, runOperator, startPlane } from './operators.ts';

const MERGE = 'application/merge-patch+json';
const deploymentIn = (namespace: string, name: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;

/** As restricted as that of a Function, with nothing that matters here. */
const CONTAINER = {
  name: 'c',
  image: 'evil:1',
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
};
const POD = { automountServiceAccountToken: false, containers: [CONTAINER] };

describe('The policy of what the operator writes', () => {
  let plane: ControlPlane;
  let client: ReturnType<typeof kubeClient>;
  let owner: OwnerReference;

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

  const deployment = (namespace: string, name: string, ownerReferences: readonly object[], pod: object = {}) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, ownerReferences },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { ...POD, ...pod } },
    },
  });
  /**
   * What becomes of a Deployment of the Function whose pods are such; what the API server
   * says where it refuses it.
   */
  const run = async (pod: object, namespace = 'default') => {
    const made = await client.apply(
      deploymentIn(namespace, 'fn-menu'),
      deployment(namespace, 'fn-menu', [owner], pod),
      {
        dryRun: true,
      },
    );
    return made.status < 300 ? 'taken' : `${made.status} ${message(made)}`;
  };
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

  it('lets it run pods under accounts that are offered to Functions, and no other of the namespace', async () => {
    const account = async (name: string, labels: object) => {
      const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default', labels } };
      const answer = await plane.client.apply(`/api/v1/namespaces/default/serviceaccounts/${name}`, body);
      assert.ok(answer.status < 300, message(answer));
    };
    await account('builder', {});
    await account('guarded', { 'tenfold.dev/for-functions': 'false' });
    await account('shop', { 'tenfold.dev/for-functions': 'true' });
    // The policy hears of accounts a moment later.
    await eventually(async () => (await run({ serviceAccountName: 'builder' })) !== 'taken', 'it is known');
    await eventually(async () => (await run({ serviceAccountName: 'guarded' })) !== 'taken', 'it is known');
    await eventually(async () => (await run({ serviceAccountName: 'shop' })) === 'taken', 'it is known');
    assert.equal(await run({ serviceAccountName: 'shop', automountServiceAccountToken: true }), 'taken');
    const says =
      /ServiceAccount builder is not offered .* kubectl label serviceaccount builder --namespace default tenfold\.dev\/for-functions=true/;
    for (const pod of [{ serviceAccountName: 'builder' }, { serviceAccount: 'builder' }])
      assert.match(await run(pod), says, JSON.stringify(pod));
    await account('shop', { 'tenfold.dev/for-functions': 'no' });
    await eventually(async () => (await run({ serviceAccountName: 'shop' })) !== 'taken', 'it is no longer offered');
  });

  it('lets it give no token of the API server to pods without an account of their own', async () => {
    const token = (audience?: string) => ({
      volumes: [{ name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token', audience } }] } }],
    });
    const refused = [
      { automountServiceAccountToken: true },
      { automountServiceAccountToken: null },
      token(),
      token('https://kubernetes.default.svc'),
    ];
    for (const pod of refused) assert.match(await run(pod), /no token that the API server takes/, JSON.stringify(pod));
    assert.equal(await run(token('tenfold.dev/internal/tenfold-system')), 'taken');
  });

  it('lets it run no pod that has anything of its node', async () => {
    const container = (securityContext: object, more: object = {}) => ({
      containers: [{ ...CONTAINER, ...more, securityContext: { ...CONTAINER.securityContext, ...securityContext } }],
    });
    const refused = [
      { hostNetwork: true },
      { hostPID: true },
      { hostIPC: true },
      { volumes: [{ name: 'h', hostPath: { path: '/' } }] },
      { volumes: [{ name: 's', secret: { secretName: 'theirs' } }] },
      { initContainers: [{ ...CONTAINER, name: 'first' }] },
      container({ allowPrivilegeEscalation: null }),
      container({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }),
      container({ capabilities: {} }),
      { containers: [{ name: 'c', image: 'evil:1' }] },
      { containers: [CONTAINER, { name: 'd', image: 'evil:1' }] },
    ];
    for (const pod of refused) assert.match(await run(pod), /as Functions have them/, JSON.stringify(pod));
    // Here Kubernetes itself refuses that.
    assert.notEqual(await run(container({ privileged: true, allowPrivilegeEscalation: null })), 'taken');
    assert.equal(await run({}), 'taken');
  });

  for (const [what, spec] of Object.entries(variants)) {
    it(`takes what the provider makes of a Function: ${what}`, async () => {
      const account = {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'menu', namespace: 'default', labels: { 'tenfold.dev/for-functions': 'true' } },
      };
      await plane.client.apply('/api/v1/namespaces/default/serviceaccounts/menu', account);
      const runtime = {
        ...context,
        owner,
        listeners: { url: 'http://internal', audience: 'tenfold.dev/internal/tenfold-system' },
      };
      const made = deploymentProvider.wanted(functionOf(spec), runtime).find(({ kind }) => kind === 'Deployment');
      assert.ok(made);
      let said = '';
      const taken = async () => {
        const answer = await client.apply(deploymentIn('default', 'fn-menu'), made, { dryRun: true });
        said = message(answer);
        return answer.status < 300;
      };
      await eventually(taken, 'it is taken').catch(error => {
        throw new Error(`${error.message}: ${said}`);
      });
    });
  }

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
