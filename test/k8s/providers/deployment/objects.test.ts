// What is made of a Function that runs as a Deployment.
import assert from 'node:assert/strict';
import { METADATA_IPV4, METADATA_IPV6 } from '../../../../core/metadata-addresses.ts';
import { type KubeObject, read, readList } from '../../../../k8s/api/kube-object.ts';
import { objectNameOf } from '../../../../k8s/providers/deployment/names.ts';
import { createDeploymentProvider, deploymentProvider } from '../../../../k8s/providers/deployment/provider.ts';
import { context, functionOf, owner, variants } from './functions.ts';

const wanted = (spec: object) => deploymentProvider.wanted(functionOf(spec), context);
const ofKind = (objects: readonly KubeObject[], kind: string) => objects.find(one => one.kind === kind);
const podOf = (objects: readonly KubeObject[]) => read(ofKind(objects, 'Deployment'), 'spec', 'template', 'spec');
const containerOf = (objects: readonly KubeObject[]) => readList(podOf(objects), 'containers')[0];
const IMAGE = { image: 'ghcr.io/acme/menu:1' };

describe('A Function as a Deployment', () => {
  const kinds: readonly [name: string, expected: readonly string[]][] = [
    ['least', ['NetworkPolicy', 'Service', 'Deployment', 'HorizontalPodAutoscaler']],
    ['a fixed number', ['NetworkPolicy', 'Service', 'Deployment', 'PodDisruptionBudget']],
    ['stopped', ['NetworkPolicy', 'Service', 'Deployment']],
    ['a single instance', ['NetworkPolicy', 'Service', 'Deployment']],
    ['all there is', ['NetworkPolicy', 'Service', 'Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget']],
  ];
  for (const [name, expected] of kinds) {
    it(`with ${name} is ${expected.join(', ')}`, () => {
      assert.deepEqual(
        wanted(variants[name] ?? {}).map(({ kind }) => kind),
        expected,
      );
    });
  }

  for (const [name, spec] of Object.entries(variants)) {
    it(`with ${name} is as restricted as Pod Security can ask for`, () => {
      const pod = podOf(wanted(spec));
      assert.deepEqual(read(pod, 'securityContext'), {
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      assert.deepEqual(read(containerOf(wanted(spec)), 'securityContext'), {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      assert.equal(read(pod, 'enableServiceLinks'), false);
      for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) assert.equal(read(pod, field), undefined);
    });

    it(`with ${name} belongs to its Function, in every object`, () => {
      for (const { metadata } of wanted(spec)) assert.deepEqual(metadata.ownerReferences, [owner]);
    });
  }

  const namespaceOf = (spec: object) =>
    readList(containerOf(wanted(spec)), 'env').find(one => read(one, 'name') === 'TENFOLD_NAMESPACE');

  it('knows whose calls it refuses, unless it is open to the whole cluster', () => {
    assert.deepEqual(namespaceOf(IMAGE), { name: 'TENFOLD_NAMESPACE', value: 'default' });
    assert.equal(namespaceOf({ ...IMAGE, visibility: 'cluster' }), undefined);
  });

  it('leaves the number of instances to the autoscaler where there is one', () => {
    assert.equal(read(ofKind(wanted(IMAGE), 'Deployment'), 'spec', 'replicas'), undefined);
    const fixed = wanted({ ...IMAGE, scale: { replicas: 4 } });
    assert.equal(read(ofKind(fixed, 'Deployment'), 'spec', 'replicas'), 4);
  });

  const metricsOf = (provider: typeof deploymentProvider, scale: object) =>
    readList(
      ofKind(provider.wanted(functionOf({ ...IMAGE, scale }), context), 'HorizontalPodAutoscaler'),
      'spec',
      'metrics',
    );
  const byCpu = [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
  ];
  const served = createDeploymentProvider({ inFlightMetric: 'tenfold_function_requests' });

  it('is scaled by its calls in flight where it says how many and the cluster knows them', () => {
    const matchLabels = { namespace: 'default', function: 'menu', state: 'in_flight' };
    assert.deepEqual(metricsOf(served, { target: 40 }), [
      {
        type: 'External',
        external: {
          metric: { name: 'tenfold_function_requests', selector: { matchLabels } },
          target: { type: 'AverageValue', averageValue: '40' },
        },
      },
    ]);
    assert.deepEqual(metricsOf(served, {}), byCpu);
  });

  it('is scaled by CPU where the cluster does not know them, and says so', () => {
    assert.deepEqual(metricsOf(deploymentProvider, { target: 40 }), byCpu);
    const said = (provider: typeof deploymentProvider, scale: object) =>
      provider.observe(functionOf({ ...IMAGE, scale }), { live: [], pods: [], now: 0 }).message;
    assert.match(said(deploymentProvider, { target: 40 }), /scale\.target changes nothing.*operator\.inFlightMetric/);
    for (const message of [
      said(deploymentProvider, {}),
      said(deploymentProvider, { target: 40, replicas: 2 }),
      said(served, { target: 40 }),
    ])
      assert.doesNotMatch(message, /scale\.target/);
  });

  it('names secrets and does not hold them', () => {
    const env = readList(containerOf(wanted(variants['all there is'] ?? {})), 'env');
    const database = env.find(one => read(one, 'name') === 'DATABASE_URL');
    assert.deepEqual(database, {
      name: 'DATABASE_URL',
      valueFrom: { secretKeyRef: { name: 'database', key: 'url', optional: false } },
    });
  });

  it('has an account of its own only where one is named', () => {
    assert.equal(read(podOf(wanted(IMAGE)), 'automountServiceAccountToken'), false);
    const named = podOf(wanted({ ...IMAGE, serviceAccount: 'menu' }));
    assert.equal(read(named, 'serviceAccountName'), 'menu');
    assert.equal(read(named, 'automountServiceAccountToken'), true);
  });

  it('lets in the platform alone, or the whole cluster where that was asked for', () => {
    const from = (spec: object) =>
      readList(ofKind(wanted(spec), 'NetworkPolicy'), 'spec', 'ingress').map(rule => readList(rule, 'from'));
    assert.deepEqual(from(IMAGE), [
      [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'tenfold-system' } },
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'tenfold' } },
        },
      ],
    ]);
    assert.deepEqual(from({ ...IMAGE, visibility: 'cluster' }), [[{ namespaceSelector: {} }]]);
  });

  it('is not taken for a pod of the platform when it is called as those are', () => {
    const deployment = ofKind(
      deploymentProvider.wanted(functionOf(IMAGE, 'tenfold', 'tenfold-system'), context),
      'Deployment',
    );
    const labels = read(deployment, 'spec', 'template', 'metadata', 'labels');
    assert.equal(read(labels, 'app.kubernetes.io/name'), 'fn-tenfold');
    assert.equal(read(labels, 'tenfold.dev/function'), 'tenfold');
  });

  it('does not let out to where machines are told their secrets', () => {
    const text = JSON.stringify(read(ofKind(wanted(IMAGE), 'NetworkPolicy'), 'spec', 'egress'));
    for (const block of [...METADATA_IPV4, ...METADATA_IPV6]) assert.ok(text.includes(block), block);
  });

  it('has time to end its longest call', () => {
    assert.ok(Number(read(podOf(wanted({ ...IMAGE, timeout: '15m' })), 'terminationGracePeriodSeconds')) > 900);
  });

  const memory: readonly [given: object | undefined, request: string, limit: string][] = [
    [undefined, '64Mi', '512Mi'],
    [{ requests: { memory: '1Gi' } }, '1Gi', '1Gi'],
    [{ limits: { memory: '32Mi' } }, '32Mi', '32Mi'],
    [{ limits: { memory: '2Gi' } }, '64Mi', '2Gi'],
  ];
  for (const [given, request, limit] of memory) {
    it(`with ${JSON.stringify(given) ?? 'no'} resources asks for ${request} and may have ${limit}`, () => {
      const resources = read(containerOf(wanted(given ? { ...IMAGE, resources: given } : IMAGE)), 'resources');
      assert.equal(read(resources, 'requests', 'memory'), request);
      assert.equal(read(resources, 'limits', 'memory'), limit);
    });
  }

  it('has names that Services can have, different for different Functions', () => {
    const long = `1${'x'.repeat(62)}`;
    for (const name of ['menu', '1st', long, `${long.slice(0, -1)}y`])
      assert.match(objectNameOf(name), /^[a-z]([-a-z0-9]{0,61}[a-z0-9])$/);
    assert.notEqual(objectNameOf(long), objectNameOf(`${long.slice(0, -1)}y`));
  });
});
