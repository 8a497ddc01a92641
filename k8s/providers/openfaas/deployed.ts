// The form of a Function for a gateway of OpenFaaS. Pure.
import { createHash } from 'node:crypto';
import { CANARY_NEEDS_KNATIVE } from '../../../resources/kinds/function.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { OwnerReference } from '../../api/kube-object.ts';
import { codeName } from '../code.ts';
import { environmentOf } from '../deployment/pod-template.ts';
import { resourcesOf } from '../deployment/resources.ts';
import { type InternalListeners, listenerVariables } from '../internal-listeners.ts';
import { APPLIED } from '../labels.ts';
import type { Deployed } from './gateway.ts';
import { FUNCTION, listenerSecretOf, openfaasNameOf, ownNameOf, PART_OF } from './names.ts';

export const UID = 'tenfold.dev/uid';
/** When the newest version was written. */
export const APPLIED_AT = 'tenfold.dev/applied-at';

/** OpenFaaS calls functions there and nowhere else. */
const PORT = 8080;
const SECRETS = '/var/openfaas/secrets';
/** The Community Edition takes more and makes it that. */
const COMMUNITY_MAX = 5;
const DRAIN_MS = 5000;

/** The reason why OpenFaaS cannot run the declared Function; undefined when it can. */
export function whyUnsupported(fn: Resource<'Function'>): string | undefined {
  const { port, canary, env = [] } = fn.spec;
  if (canary !== undefined) return CANARY_NEEDS_KNATIVE;
  if (codeName(fn) !== undefined)
    return 'The code of this Function is stored in its namespace, where OpenFaaS does not get it. Make an image of it with "tenfold build", and name that in spec.image.';
  if (port !== PORT)
    return `OpenFaaS calls functions at port ${PORT}. Let the image listen on $PORT, and leave spec.port out.`;
  const map = env.find(({ valueFrom }) => valueFrom?.configMapKeyRef !== undefined);
  if (map)
    return `OpenFaaS has no ConfigMaps, which the variable ${map.name} comes from. Write its value in spec.env, or take a Secret.`;
  const keys = env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
  const twice = keys.find(one => keys.some(other => other.key === one.key && other.name !== one.name));
  if (twice)
    return `OpenFaaS puts all Secrets in one folder, and two of those that spec.env names have a key "${twice.key}". Give one of them another key.`;
  const names = new Set(env.map(({ name }) => name));
  const taken = env.find(({ name, valueFrom }) => valueFrom?.secretKeyRef && names.has(`${name}_FILE`));
  if (taken)
    return `OpenFaaS gives secrets as files: ${taken.name} would come as ${taken.name}_FILE, which spec.env sets to something else.`;
  return undefined;
}

export interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly toZero: boolean;
}

export function boundsOf({ spec }: Resource<'Function'>, community: boolean): Bounds {
  const { replicas, min, max } = spec.scale;
  const limit = community ? COMMUNITY_MAX : Infinity;
  const [least, most] = replicas === undefined ? [min, max] : [replicas, replicas];
  const toZero = least === 0 && !community;
  return { least: toZero ? 0 : Math.min(Math.max(1, least), limit), most: Math.min(Math.max(1, most), limit), toZero };
}

/** A Secret of OpenFaaS, of one Function. */
export interface ListenerKey {
  readonly url: string;
  /** The name of the Secret, and of its file. */
  readonly name: string;
  readonly key: string;
}

/**
 * Its pods, and so their tokens, are in a namespace of OpenFaaS; it gets the key of its own
 * namespace instead.
 */
export function listenerKeyOf(
  { metadata }: Resource<'Function'>,
  listeners: InternalListeners | undefined,
): ListenerKey | undefined {
  const key = listeners?.keyFor?.(metadata.namespace);
  return listeners === undefined || key === undefined
    ? undefined
    : { url: listeners.url, name: listenerSecretOf(metadata), key };
}

/** The Secrets that it names, as they are called there. */
function secretsOf({ spec, metadata }: Resource<'Function'>): readonly string[] {
  const fromSecrets = (spec.env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
  const named = [...fromSecrets.map(({ name }) => name), ...(spec.imagePullSecrets ?? [])];
  return [...new Set(named.map(name => ownNameOf(metadata.namespace, name)))];
}

/**
 * Why OpenFaaS does not take it, and what to do where it may be for want
 * of what the Function names.
 */
export function refusalMessage(fn: Resource<'Function'>, said: string): string {
  const { namespace } = fn.metadata;
  const { serviceAccount } = fn.spec;
  const named = [
    ...secretsOf(fn).map(name => `Secret ${name}`),
    ...(serviceAccount === undefined ? [] : [`ServiceAccount ${ownNameOf(namespace, serviceAccount)}`]),
  ];
  if (named.length === 0) return `OpenFaaS refused it: ${said}`;
  return `OpenFaaS refused it: ${said}. What Functions of "${namespace}" name must be in the namespace of OpenFaaS as "${namespace}.NAME"; make it there if it is not: ${named.join(', ')}.`;
}

export interface DeployedFor {
  readonly owner: OwnerReference;
  readonly community: boolean;
  readonly listenerKey: ListenerKey | undefined;
  /** Labels of the Function that its pods get. */
  readonly podLabels: Readonly<Record<string, string>>;
  readonly at: string;
}

export function deployedOf(
  fn: Resource<'Function'>,
  { owner, community, listenerKey, podLabels, at }: DeployedFor,
): Deployed {
  const { spec, metadata } = fn;
  const resources = resourcesOf(fn);
  const secrets = [...secretsOf(fn), ...(listenerKey ? [listenerKey.name] : [])];
  const deployed = {
    service: openfaasNameOf(metadata),
    image: spec.image ?? '',
    envVars: variablesOf(fn, listenerKey),
    secrets,
    labels: { ...podLabels, ...PART_OF, ...scalingOf(fn, community) },
    requests: only(resources.requests),
    limits: only(resources.limits),
    readOnlyRootFilesystem: true,
  };
  const ours = {
    [FUNCTION]: `${metadata.namespace}/${metadata.name}`,
    [UID]: owner.uid,
    ...(spec.serviceAccount === undefined
      ? {}
      : { 'com.openfaas.serviceaccount': ownNameOf(metadata.namespace, spec.serviceAccount) }),
  };
  const applied = createHash('sha256')
    // Includes the key, so that another one replaces the pods.
    .update(JSON.stringify([deployed, ours, ...(listenerKey ? [listenerKey.key] : [])]))
    .digest('hex')
    .slice(0, 16);
  return { ...deployed, annotations: { ...ours, [APPLIED]: applied, [APPLIED_AT]: at } };
}

/** Secrets come as files, and the variable says where: `DATABASE_URL_FILE` for `DATABASE_URL`. */
function variablesOf(fn: Resource<'Function'>, listenerKey: ListenerKey | undefined): Readonly<Record<string, string>> {
  const listeners = listenerKey ? listenerVariables(listenerKey.url, `${SECRETS}/${listenerKey.name}`) : {};
  const graceMs = Math.ceil(fn.spec.timeout / 1000) * 1000 + DRAIN_MS;
  const files = (fn.spec.env ?? []).flatMap(({ name, valueFrom }) =>
    valueFrom?.secretKeyRef ? [[`${name}_FILE`, `${SECRETS}/${valueFrom.secretKeyRef.key}`]] : [],
  );
  const literal = environmentOf(fn, graceMs, listeners).flatMap(({ name, value }) =>
    typeof name === 'string' && typeof value === 'string' ? [[name, value]] : [],
  );
  return Object.fromEntries([...literal, ...files]);
}

function scalingOf(fn: Resource<'Function'>, community: boolean): Readonly<Record<string, string>> {
  const { target, idle } = fn.spec.scale;
  const { least, most, toZero } = boundsOf(fn, community);
  const inFlight = target ?? Math.max(1, Math.floor(fn.spec.concurrency * 0.7));
  return {
    'com.openfaas.scale.min': String(Math.max(1, least)),
    'com.openfaas.scale.max': String(most),
    // The Community Edition refuses the label.
    ...(community ? {} : { 'com.openfaas.scale.type': 'capacity', 'com.openfaas.scale.target': String(inFlight) }),
    ...(toZero
      ? { 'com.openfaas.scale.zero': 'true', 'com.openfaas.scale.zero-duration': `${Math.ceil(idle / 1000)}s` }
      : {}),
  };
}

function only({ cpu, memory }: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
}
