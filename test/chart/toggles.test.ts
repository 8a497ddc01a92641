// Every toggle of the chart by itself: what it brings, takes away or changes, and nothing else.
import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { type Manifest, only, render } from './helm.ts';
import { distributed } from './samples.ts';

const keyOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
/** Made anew by each rendering, as they are random. */
const RANDOM = new Set(['Secret tenfold-auth', 'Api tenfold-test', 'Pod tenfold-test']);

type Look = (manifests: readonly Manifest[]) => unknown;

const pod = (manifests: readonly Manifest[], name = 'tenfold') =>
  only(manifests, 'Deployment', name).spec.template.spec;
const operatorOf = (manifests: readonly Manifest[]) =>
  parse(only(manifests, 'ConfigMap', 'tenfold').data['tenfold.yaml']).operator;
const CRDS = [
  'aggregates',
  'apis',
  'fanouts',
  'functions',
  'pipelines',
  'queues',
  'stranglers',
  'subscriptions',
  'topics',
  'views',
].map(plural => `CustomResourceDefinition ${plural}.tenfold.dev`);
const TESTS = ['Api', 'ConfigMap', 'Function', 'NetworkPolicy', 'Pod', 'Service', 'Subscription', 'Topic'].map(
  kind => `${kind} tenfold-test`,
);

interface Toggle {
  readonly values: object;
  readonly base?: object;
  readonly brings?: readonly string[];
  readonly takes?: readonly string[];
  readonly changes?: readonly string[];
  readonly look?: readonly [see: Look, expected: unknown];
}

const toggles: Readonly<Record<string, Toggle>> = {
  'crds.enabled: false': { values: { crds: { enabled: false } }, takes: CRDS },
  'crds.keep: false': {
    values: { crds: { keep: false } },
    changes: CRDS,
    look: [found => only(found, 'CustomResourceDefinition', 'topics.tenfold.dev').metadata.annotations, undefined],
  },
  'tests.enabled: false': { values: { tests: { enabled: false } }, takes: TESTS },
  'auth.existingSecret': {
    values: { auth: { existingSecret: 'ours' } },
    takes: ['Secret tenfold-auth'],
    changes: ['Deployment tenfold'],
    look: [found => pod(found).volumes[1].projected.sources[0].secret.name, 'ours'],
  },
  'persistence.enabled: false': {
    values: { persistence: { enabled: false } },
    takes: ['PersistentVolumeClaim tenfold-data'],
    changes: ['Deployment tenfold'],
    look: [found => pod(found).volumes[2], { name: 'data', emptyDir: {} }],
  },
  'persistence.existingClaim': {
    values: { persistence: { existingClaim: 'ours' } },
    takes: ['PersistentVolumeClaim tenfold-data'],
    changes: ['Deployment tenfold'],
    look: [found => pod(found).volumes[2].persistentVolumeClaim, { claimName: 'ours' }],
  },
  'persistence.keep: false': {
    values: { persistence: { keep: false } },
    changes: ['PersistentVolumeClaim tenfold-data'],
    look: [found => only(found, 'PersistentVolumeClaim').metadata.annotations, undefined],
  },
  'networkPolicy.enabled: false': { values: { networkPolicy: { enabled: false } }, takes: ['NetworkPolicy tenfold'] },
  'networkPolicy.publicFrom': {
    values: { networkPolicy: { publicFrom: [{ ipBlock: { cidr: '10.0.0.0/8' } }] } },
    changes: ['NetworkPolicy tenfold'],
    look: [
      found => only(found, 'NetworkPolicy', 'tenfold').spec.ingress[0].from[0],
      { ipBlock: { cidr: '10.0.0.0/8' } },
    ],
  },
  'ingress.enabled': {
    values: { ingress: { enabled: true, hosts: ['a.example', 'b.example'] } },
    brings: ['Ingress tenfold'],
    look: [
      found => only(found, 'Ingress').spec.rules.map(({ host }: { host: string }) => host),
      ['a.example', 'b.example'],
    ],
  },
  'httpRoute.enabled': {
    values: { httpRoute: { enabled: true, parentRefs: [{ name: 'edge' }] } },
    brings: ['HTTPRoute tenfold'],
    look: [found => only(found, 'HTTPRoute').spec.rules[0].backendRefs, [{ name: 'tenfold', port: 80 }]],
  },
  'metrics.serviceMonitor.enabled': {
    values: { metrics: { serviceMonitor: { enabled: true } } },
    brings: ['ServiceMonitor tenfold'],
  },
  'metrics.prometheusRule.enabled': {
    values: { metrics: { prometheusRule: { enabled: true } } },
    brings: ['PrometheusRule tenfold'],
  },
  'metrics.dashboard.enabled': {
    values: { metrics: { dashboard: { enabled: true } } },
    brings: ['ConfigMap tenfold-dashboard'],
  },
  'serviceAccount.annotations': {
    values: { serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn' } } },
    changes: ['ServiceAccount tenfold'],
    look: [found => only(found, 'ServiceAccount').metadata.annotations, { 'eks.amazonaws.com/role-arn': 'arn' }],
  },
  'global.imageRegistry': {
    values: { global: { imageRegistry: 'mirror.example' }, image: { tag: '9' } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [found => pod(found).containers[0].image, 'mirror.example/tenfold/platform:9'],
  },
  'image.digest': {
    values: { image: { registry: 'a.example', digest: `sha256:${'0'.repeat(64)}` } },
    changes: ['Deployment tenfold'],
    look: [found => pod(found).containers[0].image, `a.example/tenfold/platform@sha256:${'0'.repeat(64)}`],
  },
  imagePullSecrets: {
    values: { global: { imagePullSecrets: ['a'] }, imagePullSecrets: ['b', 'a'] },
    changes: ['Deployment tenfold'],
    look: [found => pod(found).imagePullSecrets, [{ name: 'a' }, { name: 'b' }]],
  },
  'security without ids': {
    values: { security: { runAsUser: null, runAsGroup: null, fsGroup: null } },
    changes: ['Deployment tenfold'],
    look: [
      found => pod(found).securityContext,
      { runAsNonRoot: true, fsGroupChangePolicy: 'OnRootMismatch', seccompProfile: { type: 'RuntimeDefault' } },
    ],
  },
  extraEnv: {
    values: { extraEnv: [{ name: 'TZ', value: 'UTC' }] },
    changes: ['Deployment tenfold'],
    look: [found => pod(found).containers[0].env.at(-1), { name: 'TZ', value: 'UTC' }],
  },
  'operator.provider': {
    values: { operator: { provider: 'knative' } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [found => operatorOf(found), { provider: 'knative' }],
  },
  'operator.inFlightMetric': {
    values: { operator: { inFlightMetric: 'tenfold_function_requests' } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [found => operatorOf(found), { inFlightMetric: 'tenfold_function_requests' }],
  },
  'operator.openfaas': {
    values: {
      operator: { openfaas: { url: 'http://gateway.openfaas:8080', passwordSecret: { name: 'ours', key: 'word' } } },
    },
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [
      found => [operatorOf(found), pod(found).volumes[1].projected.sources.at(-1).secret],
      [
        {
          openfaas: {
            url: 'http://gateway.openfaas:8080',
            username: 'admin',
            password: { file: '/run/secrets/tenfold/openfaas-password' },
          },
        },
        { name: 'ours', items: [{ key: 'word', path: 'openfaas-password' }] },
      ],
    ],
  },
  'operator.restartNamespaces': {
    values: { operator: { restartNamespaces: ['shop'] } },
    brings: ['Role tenfold-operator-restarts', 'RoleBinding tenfold-operator-restarts'],
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [found => operatorOf(found), { restartNamespaces: ['shop'] }],
  },
  'placement of one component': {
    base: distributed,
    values: {
      nodeSelector: { pool: 'all' },
      worker: { placement: { nodeSelector: { pool: 'workers' }, priorityClassName: 'high' } },
    },
    changes: ['Deployment tenfold-gateway', 'Deployment tenfold-operator', 'Deployment tenfold-worker'],
    look: [
      found =>
        ['tenfold-gateway', 'tenfold-worker'].map(name => [
          pod(found, name).nodeSelector.pool,
          pod(found, name).priorityClassName,
        ]),
      [
        ['all', undefined],
        ['workers', 'high'],
      ],
    ],
  },
  'gateway.autoscaling': {
    base: distributed,
    values: { gateway: { autoscaling: { enabled: true } } },
    brings: ['HorizontalPodAutoscaler tenfold-gateway'],
    changes: ['Deployment tenfold-gateway'],
    look: [found => only(found, 'Deployment', 'tenfold-gateway').spec.replicas, undefined],
  },
  'worker.autoscaling by lag': {
    base: distributed,
    values: { worker: { autoscaling: { enabled: true, cpuPercent: 0, lag: { metric: 'pods' } } } },
    brings: ['HorizontalPodAutoscaler tenfold-worker'],
    changes: ['Deployment tenfold-worker'],
    look: [
      found => only(found, 'HorizontalPodAutoscaler').spec.metrics,
      [
        {
          type: 'Pods',
          pods: {
            metric: { name: 'tenfold_consumer_lag_events' },
            target: { type: 'AverageValue', averageValue: '1000' },
          },
        },
      ],
    ],
  },
  'podDisruptionBudget.enabled: false': {
    base: distributed,
    values: { operator: { podDisruptionBudget: { enabled: false } } },
    takes: ['PodDisruptionBudget tenfold-operator'],
  },
  'one replica has no disruption budget, which would hold up its node': {
    base: distributed,
    values: { gateway: { replicas: 1 } },
    takes: ['PodDisruptionBudget tenfold-gateway'],
    changes: ['Deployment tenfold-gateway'],
  },
  'topologySpread.enabled: false': {
    base: distributed,
    values: { topologySpread: { enabled: false } },
    changes: ['Deployment tenfold-gateway', 'Deployment tenfold-operator', 'Deployment tenfold-worker'],
    look: [found => pod(found, 'tenfold-worker').topologySpreadConstraints, undefined],
  },
  'service.type: LoadBalancer': {
    values: {
      service: { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'], externalTrafficPolicy: 'Local' },
    },
    changes: ['Service tenfold'],
    look: [found => only(found, 'Service', 'tenfold').spec.externalTrafficPolicy, 'Local'],
  },
};

describe("the chart's toggles", function () {
  this.timeout(120_000);

  for (const [name, { base = {}, values, brings = [], takes = [], changes = [], look }] of Object.entries(toggles)) {
    it(name, async () => {
      const [before, after] = [await render(base), await render({ ...base, ...values })];
      const text = (found: readonly Manifest[]) => new Map(found.map(one => [keyOf(one), JSON.stringify(one)]));
      const [was, is] = [text(before), text(after)];
      assert.deepEqual([...is.keys()].filter(key => !was.has(key)).sort(), [...brings].sort(), 'brings');
      assert.deepEqual([...was.keys()].filter(key => !is.has(key)).sort(), [...takes].sort(), 'takes');
      const changed = [...is.keys()].filter(key => was.has(key) && was.get(key) !== is.get(key) && !RANDOM.has(key));
      assert.deepEqual(changed.sort(), [...changes].sort(), 'changes');
      if (look) assert.deepEqual(look[0](after), look[1]);
    });
  }

  it('has nothing empty in it: every object has a kind and a name', async () => {
    for (const { apiVersion, kind, metadata } of await render()) assert.ok(apiVersion && kind && metadata.name);
  });
});
