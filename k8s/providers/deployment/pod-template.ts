// The pods of a Function: as little as can be given to code that strangers may reach, which is what
// the restricted Pod Security level asks for.
import { createHash } from 'node:crypto';
import type { Resource } from '../../../resources/resource.ts';
import type { ObjectMeta } from '../../api/kube-object.ts';
import { codeParts } from '../code.ts';
import { type InternalListeners, listenerParts } from '../internal-listeners.ts';
import { VERSION } from '../labels.ts';
import { type PlanContext, settingsAnnotation } from '../object-provider.ts';
import { labelsOf, selectorOf } from './names.ts';
import { probesOf } from './probes.ts';
import { resourcesOf } from './resources.ts';

/**
 * The time between the end of the endpoint and that of the process, so that no request goes to a
 * finished process.
 */
const DRAIN_SECONDS = 5;

interface PodTemplate {
  readonly metadata: Pick<ObjectMeta, 'labels' | 'annotations'>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * The template with an annotation that differs whenever anything in it does: it tells the pods of
 * the newest version from others.
 */
export function withVersion(template: PodTemplate): PodTemplate {
  const version = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 16);
  const { metadata } = template;
  return { ...template, metadata: { ...metadata, annotations: { ...metadata.annotations, [VERSION]: version } } };
}

export function podTemplateOf(fn: Resource<'Function'>, context: PlanContext): PodTemplate {
  const { spec } = fn;
  const { listeners, podLabels } = context;
  const annotations = settingsAnnotation(context);
  const grace = Math.ceil(spec.timeout / 1000) + DRAIN_SECONDS + 5;
  return {
    metadata: {
      labels: { ...podLabels, ...labelsOf(fn) },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      enableServiceLinks: false,
      automountServiceAccountToken: spec.serviceAccount !== undefined,
      ...(spec.serviceAccount === undefined ? {} : { serviceAccountName: spec.serviceAccount }),
      ...(spec.imagePullSecrets === undefined
        ? {}
        : { imagePullSecrets: spec.imagePullSecrets.map(name => ({ name })) }),
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      terminationGracePeriodSeconds: grace,
      topologySpreadConstraints: [spread(fn, 'kubernetes.io/hostname'), spread(fn, 'topology.kubernetes.io/zone')],
      containers: [
        {
          ...containerOf(fn, (grace - DRAIN_SECONDS) * 1000, listeners),
          ports: [{ name: 'http', containerPort: spec.port, protocol: 'TCP' }],
          ...probesOf(fn, 'http'),
          lifecycle: { preStop: { sleep: { seconds: DRAIN_SECONDS } } },
        },
      ],
      volumes: volumesOf(fn, listeners),
    },
  };
}

/** The container of a Function, whichever provider makes its pods. */
export function containerOf(
  fn: Resource<'Function'>,
  graceMs: number,
  listeners: InternalListeners | undefined,
): Readonly<Record<string, unknown>> {
  const { env, volumeMounts } = listenerParts(listeners);
  return {
    name: 'function',
    image: fn.spec.image,
    env: environmentOf(fn, graceMs, env),
    resources: resourcesOf(fn),
    // The last lines of its log come with the status of a pod whose process has failed.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...volumeMounts, ...codeParts(fn).volumeMounts],
  };
}

export function volumesOf(
  fn: Resource<'Function'>,
  listeners: InternalListeners | undefined,
): readonly Readonly<Record<string, unknown>>[] {
  return [
    { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
    ...listenerParts(listeners).volumes,
    ...codeParts(fn).volumes,
  ];
}

/** Spreads over nodes or zones where there are several; one is enough when there is no other. */
function spread(fn: Resource<'Function'>, topologyKey: string): Readonly<Record<string, unknown>> {
  return {
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorOf(fn) },
  };
}

/** Secrets come by reference: the kubelet reads their values, and the platform does not. */
export function environmentOf(
  fn: Resource<'Function'>,
  graceMs: number,
  listeners: Readonly<Record<string, string>>,
): readonly Readonly<Record<string, unknown>>[] {
  const { spec, metadata } = fn;
  const ours: Readonly<Record<string, string>> = {
    PORT: String(spec.port),
    ...codeParts(fn).env,
    TENFOLD_FUNCTION_NAME: metadata.name,
    // A Function that is open to the whole cluster answers every caller.
    ...(spec.visibility === 'private' ? { TENFOLD_NAMESPACE: metadata.namespace } : {}),
    TENFOLD_TIMEOUT_MS: String(spec.timeout),
    TENFOLD_CONCURRENCY: String(spec.concurrency),
    TENFOLD_MAX_BODY: String(spec.maxBody),
    TENFOLD_GRACE_MS: String(graceMs),
    ...listeners,
  };
  const theirs = (spec.env ?? []).map(({ name, value, valueFrom }) =>
    valueFrom === undefined ? { name, value } : { name, valueFrom: withoutUndefined(valueFrom) },
  );
  return [...Object.entries(ours).map(([name, value]) => ({ name, value })), ...theirs];
}

function withoutUndefined(object: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
