// The chart on a real API server: every object is one that it takes, pods pass the restricted
// level, and upgrades and removal keep what they should.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, promisify } from 'node:util';
import { type Kind, kindNames } from '../../../resources/kinds/kind-names.ts';
import { CHART, CRDS_CHART, helm, type Major, type Manifest, PLATFORM, RELEASE, render } from '../../chart/helm.ts';
import { distributed, everything } from '../../chart/samples.ts';
import { eventually } from '../../eventually.ts';
import { type ControlPlane, kubeconfig, startControlPlane } from '../control-plane.ts';
import { buildKube } from '../go-binary.ts';
import { BUILD_AND_START_MS, CRD_FILES, crdPath, message } from '../installed-crds.ts';
import { installForeignCrds } from './foreign-crds.ts';

/** The first that there was, as `helm package` would have made it. */
const OLDER = fileURLToPath(new URL('../../fixtures/charts/tenfold-0.1.0-first.tgz', import.meta.url));
/** Their CRDs come with the chart itself: nothing of them is there before it is installed. */
const OURS = /^tenfold\.dev\//;

interface Served {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

let plane: ControlPlane;
let folder: string;
let env: Record<string, string>;

const installer = (major: Major) => {
  const run = (...args: string[]) => helm([...args, '--namespace', PLATFORM], env, major);
  const ours = (verb: 'install' | 'upgrade', ...args: string[]) =>
    run(verb, RELEASE, CHART, '--set', 'namespaces=all', ...args);
  return { run, ours };
};
const secret = async () =>
  (await plane.client.request('GET', `/api/v1/namespaces/${PLATFORM}/secrets/tenfold-auth`)).body;

const keepNothing = ['--set', 'persistence.keep=false', '--set', 'crds.keep=false'];
/** Nothing of the chart is there, and no CRD. The error says what still is. */
const untilGone = async () => {
  let there: string[] = [];
  const isGone = async () => {
    const crds = (await Promise.all(kindNames.map(crd))).filter(({ status }) => status !== 404);
    const names = crds.map(({ body: { metadata, status } }) => {
      const since = metadata.deletionTimestamp ?? 'not deleted';
      return `${metadata.name} (${since}: ${JSON.stringify(status.conditions)})`;
    });
    there = [...(await left()), ...names];
    return there.length === 0;
  };
  await eventually(isGone, () => `nothing of it is left: ${there.join(', ')}`);
};

const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${PLATFORM}/leases/tenfold-operator`;
const crd = (kind: Kind) => plane.client.request('GET', crdPath(kind));

/** Made once, as Helm is a process, and whoever waits asks often. */
let rendered: Promise<Manifest[]> | undefined;

/** What of the chart is there. */
async function left(): Promise<string[]> {
  const found: string[] = [];
  rendered ??= render();
  for (const object of await rendered) {
    if (object.kind === 'CustomResourceDefinition' || object.metadata.annotations?.['helm.sh/hook']) continue;
    const { status } = await plane.client.request('GET', await pathTo(object));
    if (status !== 404) found.push(`${object.kind} ${object.metadata.name}`);
  }
  return found;
}

const served = new Map<string, Promise<Served[]>>();

async function pathTo({ apiVersion, kind, metadata }: Manifest): Promise<string> {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const resources = served.get(root) ?? plane.client.request('GET', root).then(({ body }) => body.resources);
  served.set(root, resources);
  const resource = (await resources).find((one: Served) => one.kind === kind && !one.name.includes('/'));
  assert.ok(resource, `${apiVersion} ${kind} is not served`);
  const within = resource.namespaced ? `/namespaces/${metadata.namespace}` : '';
  return `${root}${within}/${resource.name}/${metadata.name}`;
}

describe('the chart on a real API server', () => {
  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startControlPlane();
    await installForeignCrds(plane.client);
    // Volumes and CRDs go only when those who keep them while they are in use say so.
    await plane.startControllers(['persistentvolumeclaim-protection-controller', 'garbage-collector-controller']);
    folder = await mkdtemp(join(tmpdir(), 'tenfold-chart-'));
    await writeFile(join(folder, 'kubeconfig'), kubeconfig(plane.url, plane.token, plane.ca), { mode: 0o600 });
    env = { KUBECONFIG: join(folder, 'kubeconfig'), HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder };
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    for (const name of [PLATFORM, 'shop']) {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
      await plane.client.apply(`/api/v1/namespaces/${name}`, namespace);
    }
  });

  after(async () => {
    await plane?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  for (const [what, values] of Object.entries({ 'by default': {}, distributed, 'with everything': everything })) {
    it(`gives objects that it takes, field by field: ${what}`, async () => {
      for (const object of await render(values)) {
        if (OURS.test(object.apiVersion)) continue;
        const answer = await plane.client.apply(await pathTo(object), object, { dryRun: true });
        assert.ok(answer.status < 300, `${object.kind} ${object.metadata.name}: ${message(answer)}`);
      }
    });

    it(`gives pods that pass the restricted level: ${what}`, async () => {
      const deployments = (await render(values)).filter(({ kind }) => kind === 'Deployment');
      assert.notEqual(deployments.length, 0);
      for (const { metadata, spec } of deployments) {
        const pod = {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { ...spec.template.metadata, name: metadata.name },
          spec: spec.template.spec,
        };
        const answer = await plane.client.request('POST', `/api/v1/namespaces/${PLATFORM}/pods?dryRun=All`, pod);
        assert.equal(answer.status, 201, message(answer));
      }
    });
  }

  const majors: readonly Major[] = [4, 3];
  for (const major of majors) {
    describe(`Helm ${major}`, () => {
      const { run, ours } = installer(major);

      it('installs it', async function () {
        this.timeout(BUILD_AND_START_MS);
        await ours('install');
        const deployment = await plane.client.request(
          'GET',
          `/apis/apps/v1/namespaces/${PLATFORM}/deployments/tenfold`,
        );
        assert.equal(deployment.status, 200);
        for (const kind of kindNames) assert.equal((await crd(kind)).status, 200, kind);
      });

      it('has a test whose objects are valid', async () => {
        for (const object of await render({}, ['--kube-version', '1.35.0'], major)) {
          if (!object.metadata.annotations?.['helm.sh/hook']) continue;
          const answer = await plane.client.apply(await pathTo(object), object, { dryRun: true });
          assert.ok(answer.status < 300, `${object.kind}: ${message(answer)}`);
        }
      });

      it('keeps the secrets of the installation when it upgrades, and brings the newer CRDs', async () => {
        const before = (await secret()).data;
        assert.ok(before['admin-token']);
        const topics = crdPath('Topic');
        const older = [{ op: 'remove', path: '/spec/names/shortNames' }];
        await plane.client.request('PATCH', topics, older, 'application/json-patch+json');
        await ours('upgrade', '--set', 'config.logLevel=debug');
        assert.deepEqual((await secret()).data, before);
        const after = await plane.client.request('GET', topics);
        assert.deepEqual(after.body.spec.names.shortNames, ['tp']);
      });

      it('leaves data and CRDs behind when it uninstalls, and nothing else', async () => {
        const held = {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: 'tenfold-operator' },
          spec: { holderIdentity: 'a' },
        };
        await plane.client.apply(LEASE, held);
        const said = await run('uninstall', RELEASE);
        assert.match(said, /tenfold-data/);
        const data = ['PersistentVolumeClaim tenfold-data'];
        await eventually(async () => isDeepStrictEqual(await left(), data), 'the volume alone is left');
        for (const kind of kindNames) assert.equal((await crd(kind)).status, 200, kind);
      });

      it('takes what was left into the next installation', async () => {
        await ours('install', ...keepNothing);
        await run('uninstall', RELEASE);
        await untilGone();
      });

      it('takes over older CRDs that kubectl applied only when it is told to', async () => {
        const kubectl = ['kubectl', 'apply', '-f', CRD_FILES];
        await promisify(execFile)(await buildKube(), kubectl, { env: { ...process.env, ...env } });
        const older = [{ op: 'replace', path: '/spec/names/shortNames', value: ['old'] }];
        await plane.client.request('PATCH', crdPath('Topic'), older, 'application/json-patch+json');
        await assert.rejects(ours('install'), /topics\.tenfold\.dev|invalid ownership metadata/);
        const force = major === 4 ? ['--force-conflicts'] : [];
        await ours('install', ...keepNothing, '--take-ownership', ...force);
        assert.deepEqual((await crd('Topic')).body.spec.names.shortNames, ['tp']);
        await run('uninstall', RELEASE);
        await untilGone();
      });

      describeHandovers(major);
    });
  }
});

function describeHandovers(major: Major): void {
  const { run, ours } = installer(major);

  it('hands the CRDs over to the chart of their own, and leaves them and their objects there', async () => {
    await ours('install', '--set', 'persistence.keep=false');
    const topic = '/apis/tenfold.dev/v1alpha1/namespaces/shop/topics/kept';
    const object = { apiVersion: 'tenfold.dev/v1alpha1', kind: 'Topic', metadata: { name: 'kept' }, spec: {} };
    await eventually(async () => (await plane.client.apply(topic, object)).status < 300, 'it is taken');
    const { uid } = (await crd('Topic')).body.metadata;
    await ours('upgrade', '--set', 'persistence.keep=false', '--set', 'crds.enabled=false');
    const force = major === 4 ? ['--force-conflicts'] : [];
    await run('install', 'tenfold-crds', CRDS_CHART, '--take-ownership', ...force);
    await run('uninstall', RELEASE);
    const { metadata } = (await crd('Topic')).body;
    assert.equal(metadata.uid, uid);
    assert.equal(metadata.annotations['meta.helm.sh/release-name'], 'tenfold-crds');
    assert.equal((await plane.client.request('GET', topic)).status, 200);
    await run('upgrade', 'tenfold-crds', CRDS_CHART, '--set', 'keep=false');
    await run('uninstall', 'tenfold-crds');
    await untilGone();
  });

  it('takes over from an older chart, with its values, secrets, volume and objects, and goes back to it', async () => {
    await run('install', RELEASE, OLDER, '--set', 'config.logLevel=debug');
    // As operators made it before the chart did.
    await plane.client.apply(LEASE, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'tenfold-operator' },
    });
    const topic = '/apis/tenfold.dev/v1alpha1/namespaces/shop/topics/orders';
    const spec = { partitions: 12, retention: '7d' };
    const object = { apiVersion: 'tenfold.dev/v1alpha1', kind: 'Topic', metadata: { name: 'orders' }, spec };
    await eventually(async () => (await plane.client.apply(topic, object)).status < 300, 'it is taken');
    const kept = async () => {
      const claim = `/api/v1/namespaces/${PLATFORM}/persistentvolumeclaims/tenfold-data`;
      const found = await Promise.all([topic, claim, LEASE].map(path => plane.client.request('GET', path)));
      return [...found.map(({ body }) => body.metadata.uid), (await secret()).data, found[0]?.body.spec.partitions];
    };
    const config = async () =>
      (await plane.client.request('GET', `/api/v1/namespaces/${PLATFORM}/configmaps/tenfold`)).body.data[
        'tenfold.yaml'
      ];
    const columns = async () => {
      const { body } = await crd('Function');
      return body.spec.versions[0].additionalPrinterColumns.map(({ name }: { name: string }) => name);
    };
    /** Deployments of which each is an operator. */
    const operators = async () => {
      const { body } = await plane.client.request('GET', `/apis/apps/v1/namespaces/${PLATFORM}/deployments`);
      const all: Manifest[] = body.items;
      return all
        .filter(({ spec }) => /"(--)?operator"/.test(JSON.stringify(spec.template.spec.containers[0].args)))
        .map(({ metadata }) => metadata.name);
    };
    const before = await kept();
    const older = await columns();
    await assert.rejects(
      run('upgrade', RELEASE, CHART, '--reset-then-reuse-values'),
      /namespaces is not set: .* as earlier releases took it where none was named: --set namespaces=all/,
    );
    assert.deepEqual(await kept(), before, 'nothing has been changed');
    assert.deepEqual(await operators(), ['tenfold']);
    await ours('upgrade', '--reset-then-reuse-values');
    assert.deepEqual(await kept(), before);
    assert.deepEqual(await operators(), ['tenfold-operator']);
    assert.match(await config(), /logLevel: debug/);
    assert.match(await config(), /figuresEvery: 30s/);
    assert.notDeepEqual(await columns(), older);
    await run('rollback', RELEASE, '1');
    assert.deepEqual([await kept(), await columns()], [before, older]);
    assert.deepEqual(await operators(), ['tenfold']);
    assert.doesNotMatch(await config(), /figuresEvery/);
    await run('uninstall', RELEASE);
    await plane.client.request('DELETE', LEASE);
    assert.equal((await plane.client.request('GET', topic)).status, 200);
  });
}
