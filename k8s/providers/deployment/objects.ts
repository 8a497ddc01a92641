// The objects that make a Function with an image run as a Deployment. Pure: the same
// Function gives the same objects.
import { METADATA_IPV4, METADATA_IPV6 } from '../../../core/metadata-addresses.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { ApiResource, KubeObject } from '../../api/kube-object.ts';
import type { PlanContext } from '../object-provider.ts';
import { objectNameOf, ownedObject, PLATFORM_NAME, selectorOf } from './names.ts';
import { podTemplateOf, withVersion } from './pod-template.ts';
import { leastOf, scaleOf } from './scale.ts';

export const DEPLOYMENTS: ApiResource = { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment' };
export const SERVICES: ApiResource = { group: '', version: 'v1', plural: 'services', kind: 'Service' };
export const AUTOSCALERS: ApiResource = {
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
};
export const DISRUPTION_BUDGETS: ApiResource = {
  group: 'policy',
  version: 'v1',
  plural: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
};
export const NETWORK_POLICIES: ApiResource = {
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'networkpolicies',
  kind: 'NetworkPolicy',
};

/** How long a roll-out may come no further before it counts as failed. */
const PROGRESS_SECONDS = 300;
const CPU_PERCENT = 70;

interface Context extends PlanContext {
  readonly inFlightMetric: string | undefined;
}

type Build = (fn: Resource<'Function'>, context: Context) => KubeObject | undefined;

/** The parts that protect the Deployment come before it. */
export const builders: readonly Build[] = [networkPolicy, service, deployment, autoscaler, disruptionBudget];

function deployment(fn: Resource<'Function'>, context: PlanContext): KubeObject {
  const scale = scaleOf(fn);
  return ownedObject(
    fn,
    context,
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    {
      spec: {
        // An autoscaler owns the number from the moment that there is one.
        ...('fixed' in scale ? { replicas: scale.fixed } : {}),
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: PROGRESS_SECONDS,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
        selector: { matchLabels: selectorOf(fn) },
        template: withVersion(podTemplateOf(fn, context)),
      },
    },
  );
}

function service(fn: Resource<'Function'>, context: PlanContext): KubeObject {
  return ownedObject(
    fn,
    context,
    { apiVersion: 'v1', kind: 'Service' },
    {
      spec: {
        type: 'ClusterIP',
        selector: selectorOf(fn),
        ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP', appProtocol: 'http' }],
      },
    },
  );
}

function autoscaler(fn: Resource<'Function'>, context: Context): KubeObject | undefined {
  const scale = scaleOf(fn);
  if ('fixed' in scale) return undefined;
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: objectNameOf(fn.metadata.name) };
  return ownedObject(
    fn,
    context,
    { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
    {
      spec: {
        scaleTargetRef: target,
        minReplicas: scale.min,
        maxReplicas: scale.max,
        metrics: [scaledBy(fn, context.inFlightMetric)],
      },
    },
  );
}

/**
 * One of the two: an autoscaler that misses one of its figures removes no
 * instance, whatever the other says.
 */
function scaledBy({ metadata, spec }: Resource<'Function'>, inFlightMetric: string | undefined): object {
  const { target } = spec.scale;
  if (target === undefined || inFlightMetric === undefined)
    return {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: CPU_PERCENT } },
    };
  // The labels of gateways and workers.
  const matchLabels = { namespace: metadata.namespace, function: metadata.name, state: 'in_flight' };
  return {
    type: 'External',
    external: {
      metric: { name: inFlightMetric, selector: { matchLabels } },
      target: { type: 'AverageValue', averageValue: String(target) },
    },
  };
}

/** For a single instance it would only keep nodes from being drained. */
function disruptionBudget(fn: Resource<'Function'>, context: PlanContext): KubeObject | undefined {
  if (leastOf(scaleOf(fn)) < 2) return undefined;
  return ownedObject(
    fn,
    context,
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
    {
      spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: selectorOf(fn) } },
    },
  );
}

/** Egress to everything but the addresses from which machines read their secrets. */
export const EGRESS = [
  {
    to: [
      { namespaceSelector: {} },
      { ipBlock: { cidr: '0.0.0.0/0', except: [...METADATA_IPV4] } },
      { ipBlock: { cidr: '::/0', except: [...METADATA_IPV6] } },
    ],
  },
];

/** Ingress from the platform, or from the whole cluster where the Function asks for that. */
function networkPolicy(fn: Resource<'Function'>, context: PlanContext): KubeObject {
  const platform = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': context.platformNamespace } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': PLATFORM_NAME } },
  };
  const from = fn.spec.visibility === 'cluster' ? { namespaceSelector: {} } : platform;
  return ownedObject(
    fn,
    context,
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
    {
      spec: {
        podSelector: { matchLabels: selectorOf(fn) },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [from], ports: [{ protocol: 'TCP', port: 'http' }] }],
        egress: EGRESS,
      },
    },
  );
}
