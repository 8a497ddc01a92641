// Labels of a Function that the installation names for pods, on a real API server with Kubernetes'
// own controllers: they reach pods, and only a change of them replaces pods.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message, pathOf } from '../installed-crds.ts';
import { CONTROLLERS, kubectl, type RunningOperator, runOperator, startPlane } from './operators.ts';

const PODS = '/api/v1/namespaces/default/pods?labelSelector=tenfold.dev/function%3Dmenu';
const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/fn-menu';

describe('Labels of a Function that its pods get', () => {
  let plane: ControlPlane;
  let operator: RunningOperator;
  let kube: ReturnType<typeof kubectl>;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    await plane.startControllers(CONTROLLERS);
    kube = kubectl(plane);
    operator = runOperator(plane, { functionLabels: ['team', 'example.com/*'] });
    await operator.synced;
  });

  after(async () => {
    await operator?.close();
    await plane?.close();
  });

  const label = async (labels: Readonly<Record<string, string | null>>) => {
    const patch = { metadata: { labels } };
    const answer = await plane.client.request(
      'PATCH',
      pathOf('Function', 'menu'),
      patch,
      'application/merge-patch+json',
    );
    assert.equal(answer.status, 200, message(answer));
  };
  const labelsOfPods = async (): Promise<Readonly<Record<string, string>>[]> =>
    (await kube.get(PODS)).items.map(
      ({ metadata }: { metadata: { labels: Record<string, string> } }) => metadata.labels,
    );
  const generation = async (): Promise<number> => (await kube.get(DEPLOYMENT)).metadata.generation;

  it('reach them', async () => {
    await kube.apply('Function', 'menu', { image: 'ghcr.io/acme/menu:1', scale: { replicas: 1 } });
    await label({ team: 'shop', tier: 'gold', 'example.com/cost-center': '42' });
    await eventually(async () => (await labelsOfPods()).some(({ team }) => team === 'shop'), 'a pod of the team');
    const found = (await labelsOfPods()).find(({ team }) => team === 'shop');
    assert.deepEqual([found?.['example.com/cost-center'], found?.['tier']], ['42', undefined]);
  });

  it('replace nothing when another label changes', async () => {
    const before = await generation();
    await label({ tier: 'silver' });
    // Is seen by the same watch, later.
    await kube.apply('Function', 'next', { image: 'ghcr.io/acme/menu:1', scale: { replicas: 1 } });
    await kube.wait('Function', 'next', 'Ready', 'False Starting');
    assert.equal(await generation(), before);
  });

  it('replace them when they change, and leave them when they go', async () => {
    await label({ team: 'kitchen' });
    await eventually(
      async () => (await labelsOfPods()).some(({ team }) => team === 'kitchen'),
      'a pod of the new team',
    );
    await label({ team: null });
    const withoutTeam = async () =>
      (await kube.get(DEPLOYMENT)).spec.template.metadata.labels.team === undefined &&
      (await labelsOfPods()).some(labels => !('team' in labels));
    await eventually(withoutTeam, 'a pod of no team');
  });
});
