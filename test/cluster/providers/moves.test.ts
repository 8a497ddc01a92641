// Functions that change what runs them, and what comes and goes of it; then whether all of that
// took every right that is given, and no other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../../k8s/api/kube-object.ts';
import { deploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { knativeProvider } from '../../../k8s/providers/knative/provider.ts';
import { createOpenFaasProvider, type OpenFaasProvider } from '../../../k8s/providers/openfaas/provider.ts';
import { eventually } from '../../eventually.ts';
import { type FakeOpenFaas, settle, startFakeOpenFaas } from '../../fakes/openfaas-gateway.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, type Manifest, pathOf } from '../installed-crds.ts';
import { asked, kubectl, type RunningOperator, rbacOf, runOperator, startPlane } from '../operator/operators.ts';
import { deploymentHarness } from './deployment-harness.ts';
import type { Harness } from './harness.ts';
import { installKnativeCrds } from './knative-crds.ts';
import { knativeHarness } from './knative-harness.ts';
import { openfaasHarness } from './openfaas-harness.ts';

const IMAGE = 'ghcr.io/acme/menu:1';
const CUTOVER_MS = 1500;
const SCALE = { min: 2, max: 4 };
const application = parseAllDocuments(
  readFileSync(new URL('../application/all-kinds.yaml', import.meta.url), 'utf8'),
).map((document): Manifest => document.toJS());

describe('What runs a Function', () => {
  let plane: ControlPlane;
  let operator: RunningOperator | undefined;
  let gateway: FakeOpenFaas;
  let openfaas: OpenFaasProvider;
  let kube: ReturnType<typeof kubectl>;
  let by: Record<Harness['name'], Harness>;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    await plane.startControllers(['garbage-collector-controller']);
    kube = kubectl(plane);
    gateway = await startFakeOpenFaas();
    const { url, username, password } = gateway;
    openfaas = createOpenFaasProvider({
      url,
      credentials: { username, password },
      times: { settledMs: 100, changingMs: 100 },
    });
    by = { deployment: deploymentHarness(plane), knative: knativeHarness(plane), openfaas: openfaasHarness(gateway) };
    operator = runOperator(plane, {
      providers: [knativeProvider, deploymentProvider, openfaas],
      discoverEveryMs: 200,
      cutoverMs: CUTOVER_MS,
      topics: { nameOf: ({ metadata }) => metadata.name, ensure: async () => {}, remove: async () => {} },
    });
    await operator.synced;
  });

  after(async () => {
    await operator?.close();
    await openfaas?.close();
    await gateway?.close();
    await plane?.close();
  });

  const there = async (harness: Harness, name: string) => (await harness.see(name)) !== undefined;
  async function ready(harness: Harness, name: string): Promise<void> {
    await eventually(() => there(harness, name), `${name} by ${harness.name}`);
    await harness.report(name, 'ready');
    const isSo = async () => {
      const { status } = await kube.get(pathOf('Function', name));
      return (
        status?.url === harness.url(name) && (await kube.conditionOf('Function', name, 'Ready'))?.status === 'True'
      );
    };
    await eventually(isSo, `${name} answers by ${harness.name}`);
  }

  it('is a Deployment where there is nothing else, and stays one when Knative comes', async () => {
    for (const { kind, metadata, spec } of application) await kube.apply(kind, metadata.name, spec);
    await kube.apply('Topic', 'gone-with-it', { deletionPolicy: 'Delete' });
    await kube.apply('Function', 'first', { image: IMAGE, scale: SCALE });
    await ready(by.deployment, 'first');
    await kube.apply('Function', 'first', { image: IMAGE, scale: SCALE, canary: {} });
    assert.match(await kube.wait('Function', 'first', 'Ready', 'False Unsupported'), /Only Knative divides the calls/);
    assert.equal((await kube.get(pathOf('Function', 'first'))).status.url, by.deployment.url('first'));
    await kube.apply('Function', 'first', { image: IMAGE, scale: SCALE });
    await kube.wait('Function', 'first', 'Ready', 'True Available');
    await kube.apply('Function', 'wants', { image: IMAGE, provider: 'knative' });
    assert.match(await kube.wait('Function', 'wants', 'Ready', 'False NoProvider'), /deployment, openfaas/);

    await installKnativeCrds(plane.client);
    await eventually(() => there(by.knative, 'wants'), 'what asked for Knative has it');
    await kube.apply('Function', 'second', { image: IMAGE });
    await eventually(() => there(by.knative, 'second'), 'what asks for nothing has the best that there is');
    await kube.apply('Function', 'first', { image: IMAGE, scale: { min: 1, max: 3 } });
    await eventually(async () => (await by.deployment.see('first'))?.most === 3, 'it was looked at again');
    assert.equal(await there(by.knative, 'first'), false);
  });

  const moves: readonly [Harness['name'], Harness['name']][] = [
    ['deployment', 'knative'],
    ['knative', 'openfaas'],
    ['openfaas', 'deployment'],
  ];
  for (const [from, to] of moves) {
    it(`moves from ${from} to ${to} without a moment in which nothing answers`, async () => {
      await kube.apply('Function', 'first', { image: IMAGE, scale: SCALE, provider: from });
      await ready(by[from], 'first');
      await kube.apply('Function', 'first', { image: IMAGE, scale: SCALE, provider: to });
      await eventually(() => there(by[to], 'first'), `it is made by ${to}`);
      await by[to].report('first', 'starting');
      const said = await kube.wait('Function', 'first', 'Ready', 'True Available');
      assert.match(said, new RegExp(`still runs by ${from} and moves to ${to}`));
      assert.equal((await kube.get(pathOf('Function', 'first'))).status.url, by[from].url('first'));
      assert.ok(await there(by[from], 'first'));
      await ready(by[to], 'first');
      const isSaid = async () => (await kube.get(pathOf('Function', 'first'))).status.url === by[to].url('first');
      await eventually(isSaid, `it is said to be at ${to}`);
      assert.ok(await there(by[from], 'first'), 'who has not heard of it still calls it there');
      await eventually(async () => !(await there(by[from], 'first')), `${from} has let go of it`);
      settle(gateway);
      const expected = to === 'openfaas' ? ['tenfold.dev/openfaas'] : [];
      const holds = async () => (await kube.get(pathOf('Function', 'first'))).metadata.finalizers ?? [];
      await eventually(async () => JSON.stringify(await holds()) === JSON.stringify(expected), `${expected} holds it`);
    });
  }

  it('leaves it behind where it runs elsewhere from now on', async () => {
    await plane.client.request(
      'PATCH',
      pathOf('Function', 'first'),
      { spec: { image: null, provider: null, url: 'https://example.com' } },
      'application/merge-patch+json',
    );
    await kube.wait('Function', 'first', 'Ready', 'True External');
    await eventually(async () => !(await there(by.deployment, 'first')), 'no Deployment');
  });

  it('has every right that it uses, and uses every right that it has', async () => {
    // Watches are told of when they end.
    await operator?.close();
    operator = undefined;
    const used = new Set(asked(plane, 'operator'));
    const given = new Set(rbacOf('operator').flatMap(rightsOf));
    const forbidden = plane
      .audit()
      .filter(one => one.user.username.endsWith('tenfold-operator') && one.responseStatus?.code === 403);
    assert.deepEqual(forbidden, []);
    assert.deepEqual(missing(used, given), []);
    assert.deepEqual(missing(given, used), []);
  });
});

function missing(some: ReadonlySet<string>, all: ReadonlySet<string>): string[] {
  return [...some].filter(one => !all.has(one));
}

function rightsOf({ rules }: KubeObject): string[] {
  return (Array.isArray(rules) ? rules : []).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group: string) =>
      resources.flatMap((resource: string) => verbs.map((verb: string) => `${verb} ${group}/${resource}`)),
    ),
  );
}
