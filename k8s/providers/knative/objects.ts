// The objects that make a Function with an image run by Knative Serving, by fields that 1.15 takes
// without further features. Pure.
import { healthOf } from '../../../resources/health-of-function.ts';
import type { Resource } from '../../../resources/resource.ts';
import { apiVersionOf, type KubeObject } from '../../api/kube-object.ts';
import { commonLabelsOf, ownedObject } from '../deployment/names.ts';
import { EGRESS } from '../deployment/objects.ts';
import { containerOf, volumesOf } from '../deployment/pod-template.ts';
import { probesOf } from '../deployment/probes.ts';
import { FOR_NAME, FOR_UID } from '../labels.ts';
import { type PlanContext, settingsAnnotation } from '../object-provider.ts';
import { divisionOf } from './canary.ts';
import { KNATIVE, KNATIVE_SERVICES, knativeNameOf, knativeSelectorOf } from './names.ts';
import { scalingOf } from './scaling.ts';

/** The limit of Knative as it is installed. */
const MAX_CONCURRENCY = 1000;
const DRAIN_MS = 5000;
/** It has no startup probe before 1.16. */
const LIVENESS_AFTER_S = 60;
/**
 * A pod has as long to end as a call may take. Knative's proxy in it answers for half a minute
 * while the others learn that it goes.
 */
const LEAST_TIMEOUT_S = 30;

/**
 * Nothing at all where it was asked to have no instances: Knative would start one at the next call.
 */
export function knativeObjects(
  fn: Resource<'Function'>,
  context: PlanContext,
  live: readonly KubeObject[] = [],
): readonly KubeObject[] {
  if (fn.spec.scale.replicas === 0) return [];
  return [networkPolicy(fn, context), service(fn, context, live)];
}

/**
 * Without a canary the Service leaves `traffic` to Knative, which gives it to the newest Revision.
 * A split that somebody else declares stays.
 */
function service(fn: Resource<'Function'>, context: PlanContext, live: readonly KubeObject[]): KubeObject {
  const { spec, metadata } = fn;
  const division = divisionOf(fn, live);
  const object = ownedObject(
    fn,
    context,
    { apiVersion: apiVersionOf(KNATIVE), kind: KNATIVE_SERVICES.kind },
    {
      spec: {
        template: {
          metadata: {
            labels: {
              ...context.podLabels,
              ...commonLabelsOf(fn),
              [FOR_NAME]: metadata.name,
              [FOR_UID]: context.owner.uid,
            },
            annotations: { ...scalingOf(fn), ...settingsAnnotation(context) },
          },
          spec: {
            containerConcurrency: Math.min(spec.concurrency, MAX_CONCURRENCY),
            timeoutSeconds: Math.max(Math.ceil(spec.timeout / 1000), LEAST_TIMEOUT_S),
            enableServiceLinks: false,
            // Knative takes no `true`, which is what Kubernetes does anyhow.
            ...(spec.serviceAccount === undefined
              ? { automountServiceAccountToken: false }
              : { serviceAccountName: spec.serviceAccount }),
            ...(spec.imagePullSecrets === undefined
              ? {}
              : { imagePullSecrets: spec.imagePullSecrets.map(name => ({ name })) }),
            containers: [containerFor(fn, context)],
            volumes: volumesOf(fn, context.listeners),
          },
        },
        ...(division === undefined ? {} : { traffic: division.traffic }),
      },
    },
    knativeNameOf(metadata.name),
  );
  // Never from outside: that is what Apis and Stranglers are for.
  const labels = { ...object.metadata.labels, 'networking.knative.dev/visibility': 'cluster-local' };
  const annotations = division && { annotations: division.annotations };
  return { ...object, metadata: { ...object.metadata, labels, ...annotations } };
}

function containerFor(fn: Resource<'Function'>, { listeners }: PlanContext): Readonly<Record<string, unknown>> {
  const { port, timeout } = fn.spec;
  const container = containerOf(fn, Math.ceil(timeout / 1000) * 1000 + DRAIN_MS, listeners);
  const env = Array.isArray(container['env']) ? container['env'] : [];
  return {
    ...container,
    // Knative sets it itself, and refuses a declared one.
    env: env.filter(({ name }) => name !== 'PORT'),
    ports: [{ name: 'http1', containerPort: port, protocol: 'TCP' }],
    // The security settings that other providers put on the whole pod: Knative's feature for a
    // security context there is off.
    securityContext: {
      ...(container['securityContext'] as object),
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...probesFor(fn),
  };
}

/**
 * Without a known HTTP probe, Knative checks readiness itself. By HTTP it would give up after 10 s
 * if it got no numbers. With numbers it probes as often as they say, so a start takes a second
 * longer at most.
 */
function probesFor(fn: Resource<'Function'>): Readonly<Record<string, unknown>> {
  const { readinessProbe, livenessProbe } = probesOf(fn, fn.spec.port);
  const patient = { ...livenessProbe, initialDelaySeconds: LIVENESS_AFTER_S };
  if (healthOf(fn) === undefined) return { livenessProbe: patient };
  return { livenessProbe: patient, readinessProbe: { ...readinessProbe, periodSeconds: 1 } };
}

/** Knative's ingress, through which all calls come, decides who may call it. */
function networkPolicy(fn: Resource<'Function'>, context: PlanContext): KubeObject {
  return ownedObject(
    fn,
    context,
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
    { spec: { podSelector: { matchLabels: knativeSelectorOf(fn) }, policyTypes: ['Egress'], egress: EGRESS } },
    knativeNameOf(fn.metadata.name),
  );
}
