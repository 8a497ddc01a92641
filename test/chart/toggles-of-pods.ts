// Toggles of the chart for what runs, where, with which rights and volumes.
import { only } from './helm.ts';
import { distributed } from './samples.ts';
import { ALL, configOf, DEPLOYMENTS, NOTE, pod, type Toggle } from './toggle.ts';
import { CALLERS, PEOPLE } from './toggles-of-callers.ts';

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

const COMPONENTS = ['gateway', 'operator', 'worker'];
const ROLES = COMPONENTS.flatMap(name => [`ClusterRole tenfold-${name}`, `Role tenfold-${name}-leases`]);
const BINDINGS = COMPONENTS.flatMap(name => [
  `ClusterRoleBinding tenfold-${name}`,
  `RoleBinding tenfold-${name}-leases`,
]);

const policy = (name: string) =>
  ['', 'Binding'].map(part => `ValidatingAdmissionPolicy${part} tenfold-system-tenfold-${name}`);
const OPERATOR_POLICIES = [...policy('operator'), ...policy('operator-accounts')];

export const ofPods: Readonly<Record<string, Toggle>> = {
  'crds.enabled: false': { values: { crds: { enabled: false } }, takes: CRDS },
  'crds.keep: false': {
    values: { crds: { keep: false } },
    changes: CRDS,
    look: [found => only(found, 'CustomResourceDefinition', 'topics.tenfold.dev').metadata.annotations, undefined],
  },
  'tests.enabled: false': {
    values: { tests: { enabled: false } },
    takes: TESTS,
    changes: ALL,
    look: [found => configOf(found).cluster.routeOwners, undefined],
  },
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
  'persistence.backupClaim': {
    values: { persistence: { backupClaim: 'copies' } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [
      found => [pod(found).volumes[3], pod(found).containers[0].volumeMounts[3]],
      [
        { name: 'backups', persistentVolumeClaim: { claimName: 'copies' } },
        { name: 'backups', mountPath: '/backups' },
      ],
    ],
  },
  'persistence.keep: false': {
    values: { persistence: { keep: false } },
    changes: ['PersistentVolumeClaim tenfold-data'],
    look: [found => only(found, 'PersistentVolumeClaim').metadata.annotations, undefined],
  },
  'serviceAccount.annotations': {
    values: { serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn' } } },
    changes: ['ServiceAccount tenfold', 'ServiceAccount tenfold-operator'],
    look: [
      found => only(found, 'ServiceAccount', 'tenfold').metadata.annotations,
      { 'eks.amazonaws.com/role-arn': 'arn' },
    ],
  },
  'global.imageRegistry': {
    values: { global: { imageRegistry: 'mirror.example' }, image: { tag: '9' } },
    changes: ALL,
    look: [found => pod(found).containers[0].image, 'mirror.example/tenfold/platform:9'],
  },
  'image.digest': {
    values: { image: { registry: 'a.example', digest: `sha256:${'0'.repeat(64)}` } },
    changes: DEPLOYMENTS,
    look: [found => pod(found).containers[0].image, `a.example/tenfold/platform@sha256:${'0'.repeat(64)}`],
  },
  imagePullSecrets: {
    values: { global: { imagePullSecrets: ['a'] }, imagePullSecrets: ['b', 'a'] },
    changes: DEPLOYMENTS,
    look: [found => pod(found).imagePullSecrets, [{ name: 'a' }, { name: 'b' }]],
  },
  'security without ids': {
    values: { security: { runAsUser: null, runAsGroup: null, fsGroup: null } },
    changes: DEPLOYMENTS,
    look: [
      found => pod(found).securityContext,
      { runAsNonRoot: true, fsGroupChangePolicy: 'OnRootMismatch', seccompProfile: { type: 'RuntimeDefault' } },
    ],
  },
  extraEnv: {
    values: { extraEnv: [{ name: 'TZ', value: 'UTC' }] },
    changes: DEPLOYMENTS,
    look: [found => pod(found).containers[0].env.at(-1), { name: 'TZ', value: 'UTC' }],
  },
  'operator.provider': {
    values: { operator: { provider: 'knative' } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold-operator'],
    look: [found => configOf(found, 'operator').operator, { provider: 'knative' }],
  },
  'operator.inFlightMetric': {
    values: { operator: { inFlightMetric: 'tenfold_function_requests' } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold-operator'],
    look: [found => configOf(found, 'operator').operator, { inFlightMetric: 'tenfold_function_requests' }],
  },
  'operator.openfaas': {
    values: {
      operator: { openfaas: { url: 'http://gateway.openfaas:8080', passwordSecret: { name: 'ours', key: 'word' } } },
    },
    changes: ['ConfigMap tenfold', 'Deployment tenfold-operator'],
    look: [
      found => [
        configOf(found, 'operator').operator,
        pod(found, 'tenfold-operator').volumes[1].projected.sources.at(-1).secret,
      ],
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
    changes: ['ConfigMap tenfold', 'Deployment tenfold-operator'],
    look: [found => configOf(found, 'operator').operator, { restartNamespaces: ['shop'] }],
  },
  'operator.functionLabels': {
    values: { operator: { functionLabels: ['team', 'example.com/*'] } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold-operator'],
    look: [found => configOf(found, 'operator').operator, { functionLabels: ['team', 'example.com/*'] }],
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
  'operator.replicas': {
    values: { operator: { replicas: 3 } },
    brings: ['PodDisruptionBudget tenfold-operator'],
    changes: ['Deployment tenfold-operator'],
    look: [found => only(found, 'Deployment', 'tenfold-operator').spec.replicas, 3],
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
  functionImage: {
    values: { functionImage: { registry: 'a.example', tag: '9' } },
    changes: ALL,
    look: [found => configOf(found).functionImage, 'a.example/tenfold/function:9'],
  },
  'functionImage.digest': {
    values: { functionImage: { digest: `sha256:${'0'.repeat(64)}` } },
    changes: ALL,
    look: [found => configOf(found).functionImage, `tenfold/function@sha256:${'0'.repeat(64)}`],
  },
  'persistence.storageClassName and annotations': {
    values: { persistence: { storageClassName: 'fast', annotations: NOTE } },
    changes: ['PersistentVolumeClaim tenfold-data'],
    look: [
      found => {
        const { metadata, spec } = only(found, 'PersistentVolumeClaim');
        return [spec.storageClassName, metadata.annotations?.['example.com/of']];
      },
      ['fast', 'ours'],
    ],
  },
  podLabels: {
    values: { podLabels: NOTE },
    changes: DEPLOYMENTS,
    look: [found => only(found, 'Deployment', 'tenfold').spec.template.metadata.labels['example.com/of'], 'ours'],
  },
  affinity: {
    values: { affinity: { podAntiAffinity: {} } },
    changes: DEPLOYMENTS,
    look: [found => pod(found).affinity, { podAntiAffinity: {} }],
  },
  'placement of the others': {
    base: distributed,
    values: {
      gateway: { placement: { nodeSelector: { pool: 'edge' } } },
      operator: { placement: { nodeSelector: { pool: 'control' } } },
    },
    changes: ['Deployment tenfold-gateway', 'Deployment tenfold-operator'],
    look: [
      found => ['tenfold-gateway', 'tenfold-operator'].map(name => pod(found, name).nodeSelector.pool),
      ['edge', 'control'],
    ],
  },
  'podDisruptionBudget.enabled: false, of gateways and workers': {
    base: distributed,
    values: {
      gateway: { podDisruptionBudget: { enabled: false } },
      worker: { podDisruptionBudget: { enabled: false } },
    },
    takes: ['PodDisruptionBudget tenfold-gateway', 'PodDisruptionBudget tenfold-worker'],
  },
  'serviceAccount.create: false': {
    values: { serviceAccount: { create: false, name: 'ours', operatorName: 'another' } },
    takes: ['ServiceAccount tenfold', 'ServiceAccount tenfold-operator', ...OPERATOR_POLICIES, ...policy('leases')],
    changes: [...DEPLOYMENTS, ...BINDINGS, ...CALLERS.slice(1)],
    look: [
      found => ['tenfold', 'tenfold-operator'].map(name => pod(found, name).serviceAccountName),
      ['ours', 'another'],
    ],
  },
  'rbac.create: false': {
    values: { rbac: { create: false } },
    takes: [...ROLES, ...BINDINGS, ...CALLERS, ...PEOPLE, ...OPERATOR_POLICIES, ...policy('leases')],
  },
  'rbac.leasePolicy: false': { values: { rbac: { leasePolicy: false } }, takes: policy('leases') },
  'rbac.operatorPolicy: false': { values: { rbac: { operatorPolicy: false } }, takes: OPERATOR_POLICIES },
  namespaces: {
    values: { namespaces: ['shop'] },
    brings: COMPONENTS.flatMap(name => [`Role tenfold-${name}`, `RoleBinding tenfold-${name}`]),
    takes: COMPONENTS.flatMap(name => [`ClusterRole tenfold-${name}`, `ClusterRoleBinding tenfold-${name}`]),
    // What `helm test` goes through is in the first of them.
    changes: [...ALL, ...['Function', 'Subscription', 'Topic'].map(kind => `${kind} tenfold-test`)],
  },
};
