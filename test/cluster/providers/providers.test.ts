// One contract over all three providers: Deployments and Knative Services in a real API server,
// OpenFaaS in a gateway that answers as the real one was recorded to.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { deploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { knativeProvider } from '../../../k8s/providers/knative/provider.ts';
import { createOpenFaasProvider, type OpenFaasProvider } from '../../../k8s/providers/openfaas/provider.ts';
import { eventually } from '../../eventually.ts';
import { type FakeOpenFaas, startFakeOpenFaas } from '../../fakes/openfaas-gateway.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message, pathOf } from '../installed-crds.ts';
import { kubectl, type RunningOperator, runOperator, startPlane } from '../operator/operators.ts';
import { describeProvider } from './contract.ts';
import { deploymentHarness } from './deployment-harness.ts';
import { installKnativeCrds } from './knative-crds.ts';
import { knativeHarness } from './knative-harness.ts';
import { openfaasHarness } from './openfaas-harness.ts';
import { describeOpenFaasPods } from './openfaas-pods.ts';

describe('Providers of Functions', () => {
  let plane: ControlPlane;
  let operator: RunningOperator | undefined;
  let gateway: FakeOpenFaas;
  let openfaas: OpenFaasProvider;
  let kube: ReturnType<typeof kubectl>;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    await installKnativeCrds(plane.client);
    // What is deleted takes with it what it owns; all else the test does itself.
    await plane.startControllers(['garbage-collector-controller']);
    kube = kubectl(plane);
    gateway = await startFakeOpenFaas();
    const { url, username, password } = gateway;
    const times = { settledMs: 100, changingMs: 100 };
    openfaas = createOpenFaasProvider({ url, credentials: { username, password }, times });
    await startAnew();
  });

  async function startAnew(): Promise<void> {
    await operator?.close();
    operator = runOperator(plane, { providers: [knativeProvider, openfaas, deploymentProvider] });
    await operator.synced;
  }

  after(async () => {
    await operator?.close();
    await openfaas?.close();
    await gateway?.close();
    await plane?.close();
  });

  describeProvider('deployment', () => ({ harness: deploymentHarness(plane), kube }));
  describeProvider('knative', () => ({ harness: knativeHarness(plane), kube }));

  describeOpenFaasPods(() => ({ plane, gateway, kube }));

  it('leaves a split of calls between Revisions to whoever made it', async () => {
    const image = (version: number) => `ghcr.io/acme/menu:${version}`;
    const seen = async (version: number) => (await knativeHarness(plane).see('split'))?.image === image(version);
    await kube.apply('Function', 'split', { image: image(1), provider: 'knative' });
    await eventually(() => seen(1), 'it is there');
    const service = '/apis/serving.knative.dev/v1/namespaces/default/services/kn-split';
    const traffic = [
      { revisionName: 'kn-split-00001', percent: 90, tag: 'stable' },
      { latestRevision: true, percent: 10, tag: 'canary' },
    ];
    const split = await plane.client.request('PATCH', service, { spec: { traffic } }, 'application/merge-patch+json');
    assert.equal(split.status, 200, message(split));
    await kube.apply('Function', 'split', { image: image(2), provider: 'knative' });
    await eventually(() => seen(2), 'the new image');
    assert.deepEqual((await plane.client.request('GET', service)).body.spec.traffic, traffic);
    await kube.remove('Function', 'split');
  });

  it('keeps calls at the version that had all of them while a canary is declared, whatever others make of it, and when the operator starts anew', async () => {
    const knative = knativeHarness(plane);
    const service = '/apis/serving.knative.dev/v1/namespaces/default/services/kn-tried';
    const get = async () => (await plane.client.request('GET', service)).body;
    const apply = (version: number, percent?: number) =>
      kube.apply('Function', 'tried', {
        image: `ghcr.io/acme/menu:${version}`,
        provider: 'knative',
        ...(percent === undefined ? {} : { canary: { percent } }),
      });
    const becomes = async (version: number, traffic: object[] | undefined) => {
      const isSo = async () =>
        (await knative.see('tried'))?.image === `ghcr.io/acme/menu:${version}` &&
        isDeepStrictEqual((await get()).spec.traffic, traffic);
      await eventually(isSo, `version ${version} with ${JSON.stringify(traffic)}`).catch(async error => {
        throw new Error(`${error.message}; it is ${JSON.stringify((await get()).spec)}`);
      });
    };
    const divided = (percent: number) => [
      { tag: 'stable', revisionName: 'kn-tried-00001', percent: 100 - percent },
      { tag: 'canary', latestRevision: true, percent },
    ];
    const settle = async (generation: number) => {
      await knative.report('tried', 'ready');
      const isSo = async () => {
        const { metadata, status } = await kube.get(pathOf('Function', 'tried'));
        const said = status?.conditions?.find((one: { type: string }) => one.type === 'Ready');
        return (
          status?.observedGeneration === metadata.generation &&
          said?.status === 'True' &&
          !/not looked/.test(said.message)
        );
      };
      await eventually(isSo, 'it is settled');
      assert.equal((await get()).metadata.generation, generation, 'written as often as something changed');
    };

    await apply(1, 10);
    await becomes(1, undefined);
    await knative.report('tried', 'ready');
    await becomes(1, divided(10));
    await settle(2);
    const stable = '/apis/serving.knative.dev/v1/namespaces/default/revisions/kn-tried-00001';
    /** Without the label the operator is told that it is gone. */
    const loseLabel = async (path = service) => {
      const labels = { 'app.kubernetes.io/managed-by': null };
      const answer = await plane.client.request(
        'PATCH',
        path,
        { metadata: { labels } },
        'application/merge-patch+json',
      );
      assert.equal(answer.status, 200, message(answer));
    };
    const isLabelled = async () => (await get()).metadata.labels['app.kubernetes.io/managed-by'] === 'tenfold-operator';

    await loseLabel(stable);
    await apply(2, 10);
    await becomes(2, divided(10));
    await settle(3);
    await loseLabel();
    await eventually(isLabelled, 'it has its label again');
    await becomes(2, divided(10));
    await settle(3);
    assert.equal((await plane.client.request('DELETE', stable)).status, 200);
    await apply(3, 10);
    await becomes(3, divided(10));
    await settle(4);
    await operator?.close();
    await loseLabel();
    await startAnew();
    await eventually(isLabelled, 'it has its label again');
    await becomes(3, divided(10));
    await settle(4);
    await apply(3, 0);
    await becomes(3, divided(0));
    await settle(5);
    const byHand = { spec: { traffic: [{ latestRevision: true, percent: 100 }] } };
    await plane.client.request('PATCH', service, byHand, 'application/merge-patch+json');
    await becomes(3, divided(0));
    await settle(7);
    await apply(3);
    await becomes(3, undefined);
    await settle(8);
    // The harness makes a Revision of every change, that of `traffic` included.
    const steps = [
      'CanaryBegun kn-tried-00002',
      'CanaryBegun kn-tried-00003',
      'CanaryBegun kn-tried-00004',
      'CanaryTakenBack kn-tried-00005',
      'CanaryPromoted kn-tried-00007',
    ];
    let told: string[] = [];
    const isTold = async () => {
      const { items } = await kube.get('/apis/events.k8s.io/v1/namespaces/default/events');
      told = (items as { regarding: { name: string }; reason: string; note: string; eventTime: string }[])
        .filter(({ regarding, reason }) => regarding.name === 'tried' && /^Canary/.test(reason))
        .toSorted((one, other) => (one.eventTime < other.eventTime ? -1 : 1))
        .map(({ reason, note }) => `${reason} ${/kn-tried-\d+/.exec(note)?.[0]}`);
      return told.length >= steps.length;
    };
    await eventually(isTold, 'each step is told');
    assert.deepEqual(told, steps);
    await kube.remove('Function', 'tried');
  });

  describeProvider('openfaas', () => ({ harness: openfaasHarness(gateway), kube }));
});
