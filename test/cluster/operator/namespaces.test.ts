// An operator that looks after some namespaces, with rights in those alone.
import assert from 'node:assert/strict';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';
import { kubectl, PLATFORM, type RunningOperator, runOperator, startPlane } from './operators.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

describe('An operator for some namespaces', () => {
  let plane: ControlPlane;
  let operator: RunningOperator;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    await plane.client.request('DELETE', `${RBAC}/clusterrolebindings/tenfold-operator`);
    for (const name of ['shop', 'billing', 'others']) {
      await plane.client.apply(`/api/v1/namespaces/${name}`, {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
      });
    }
    for (const namespace of ['shop', 'billing']) {
      const binding = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'tenfold-operator', namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'tenfold-operator' },
        subjects: [{ kind: 'ServiceAccount', name: 'tenfold-operator', namespace: PLATFORM }],
      };
      const answer = await plane.client.apply(`${RBAC}/namespaces/${namespace}/rolebindings/tenfold-operator`, binding);
      assert.equal(answer.status, 201, message(answer));
    }
    operator = runOperator(plane, { namespaces: ['shop', 'billing'] });
    await operator.synced;
  });

  after(async () => {
    await operator?.close();
    await plane?.close();
  });

  const pathIn = (namespace: string, plural: string, name: string) =>
    `/apis/tenfold.dev/v1alpha1/namespaces/${namespace}/${plural}/${name}`;

  async function apply(namespace: string, kind: string, name: string, spec: object): Promise<void> {
    const manifest = { apiVersion: API_VERSION, kind, metadata: { name, namespace }, spec };
    const answer = await plane.client.apply(pathIn(namespace, `${kind.toLowerCase()}s`, name), manifest);
    assert.ok(answer.status < 300, message(answer));
  }

  it('keeps each of them, and asks for nothing elsewhere', async () => {
    const { get } = kubectl(plane);
    for (const namespace of ['shop', 'billing', 'others']) await apply(namespace, 'Function', 'menu', { image: 'x:1' });
    for (const namespace of ['shop', 'billing']) {
      const made = async () =>
        (await get(`/apis/apps/v1/namespaces/${namespace}/deployments/fn-menu`)).spec !== undefined;
      await eventually(made, `a Deployment in ${namespace}`);
    }
    const left = await get(pathIn('others', 'functions', 'menu'));
    assert.equal(left.status, undefined);
    const refused = plane
      .audit()
      .filter(one => one.user.username.endsWith('tenfold-operator') && one.responseStatus?.code === 403);
    assert.deepEqual(
      refused.map(({ objectRef }) => objectRef),
      [],
    );
  });

  it('lets no reference lead from one into another', async () => {
    await apply('shop', 'Topic', 'orders', {});
    await apply('billing', 'Subscription', 'notify', { topic: 'orders', to: { function: 'menu' } });
    const { get } = kubectl(plane);
    let said = '';
    const refused = async () => {
      const { status } = await get(pathIn('billing', 'subscriptions', 'notify'));
      const accepted = (status?.conditions ?? []).find((one: { type: string }) => one.type === 'Accepted');
      said = accepted?.message ?? '';
      return accepted?.status === 'False';
    };
    await eventually(refused, 'it is not accepted');
    assert.match(said, /There is one in the namespace "shop", but resources see those of their own namespace only/);
  });
});
