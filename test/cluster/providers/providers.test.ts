// One contract over all three providers: Deployments and Knative Services in a real API server, OpenFaaS in a gateway that answers as the real one was recorded to.
import assert from 'node:assert/strict';
import { deploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { knativeProvider } from '../../../k8s/providers/knative/provider.ts';
import { createOpenFaasProvider, type OpenFaasProvider } from '../../../k8s/providers/openfaas/provider.ts';
import { eventually } from '../../eventually.ts';
import { type FakeOpenFaas, startFakeOpenFaas } from '../../fakes/openfaas-gateway.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';
import { installKnativeCrds } from '../knative-crds.ts';
import { kubectl, type RunningOperator, runOperator, startPlane } from '../operators.ts';
import { describeProvider } from './contract.ts';
import { deploymentHarness } from './deployment-harness.ts';
import { knativeHarness } from './knative-harness.ts';
import { openfaasHarness } from './openfaas-harness.ts';

describe('Providers of Functions', function () {
  this.timeout(60_000);
  let plane: ControlPlane;
  let operator: RunningOperator;
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
    operator = runOperator(plane, { providers: [knativeProvider, openfaas, deploymentProvider] });
    await operator.synced;
  });

  after(async () => {
    await operator?.close();
    await openfaas?.close();
    await gateway?.close();
    await plane?.close();
  });

  describeProvider('deployment', () => ({ harness: deploymentHarness(plane), kube }));
  describeProvider('knative', () => ({ harness: knativeHarness(plane), kube }));

  it('leaves a split of calls between Revisions to whoever made it', async () => {
    const image = (version: number) => `ghcr.io/acme/menu:${version}`;
    const seen = async (version: number) => (await knativeHarness(plane).see('split'))?.image === image(version);
    await kube.apply('Function', 'split', { image: image(1), provider: 'knative' });
    await eventually(() => seen(1), 'it is there', 10_000);
    const service = '/apis/serving.knative.dev/v1/namespaces/default/services/kn-split';
    const traffic = [
      { revisionName: 'kn-split-00001', percent: 90, tag: 'stable' },
      { latestRevision: true, percent: 10, tag: 'canary' },
    ];
    const split = await plane.client.request('PATCH', service, { spec: { traffic } }, 'application/merge-patch+json');
    assert.equal(split.status, 200, message(split));
    await kube.apply('Function', 'split', { image: image(2), provider: 'knative' });
    await eventually(() => seen(2), 'the new image', 10_000);
    assert.deepEqual((await plane.client.request('GET', service)).body.spec.traffic, traffic);
    await kube.remove('Function', 'split');
  });

  describeProvider('openfaas', () => ({ harness: openfaasHarness(gateway), kube }));
});
