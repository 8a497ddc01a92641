// Reconciles one object: gathers the facts, decides the state, makes missing objects, and writes
// the status.

import { isDeepStrictEqual } from 'node:util';
import { toTimestamp } from '../../../core/world.ts';
import { listenersServing } from '../../../resources/ownership/unserved-routes.ts';
import type { Reason } from '../../../resources/reasons.ts';
import type { AnyResource } from '../../../resources/resource.ts';
import { isConflict, isNotFound } from '../../api/kube-error.ts';
import {
  type KubeObject,
  objectPath,
  read,
  readList,
  readNumber,
  readText,
  toKubeObject,
} from '../../api/kube-object.ts';
import { reasonOf } from '../../api/outages.ts';
import { apiResourceOf } from '../../api/tenfold-kinds.ts';
import type { SeenObject } from '../../catalog/cluster-catalog.ts';
import { toLastValid } from '../../catalog/last-valid.ts';
import { toClaims } from '../../catalog/stored-claims.ts';
import { codeName } from '../../providers/code.ts';
import { MANAGER } from '../../providers/labels.ts';
import { decideStatus, type Workload } from '../status/decide.ts';
import { notesOn, writeEvent } from '../status/events.ts';
import { HEALTHY, isReady, type Status, toStatus } from '../status/status.ts';
import { act, putToRest, soonest } from './act.ts';
import { endpointUrlOf } from './endpoint-url.ts';
import { finalize } from './finalize.ts';
import type { LookAgain, ReconcileContext } from './reconcile-context.ts';

/**
 * All gateways usually have it in force by then, so the status reports only that, and not first
 * that they lack it.
 */
const TAKEN_UP_WITHIN_MS = 2000;

export async function reconcile(context: ReconcileContext, key: string, signal: AbortSignal): Promise<LookAgain> {
  const seen = context.seen(key);
  if (!seen) return undefined;
  // Its dependents go with it: Kubernetes' garbage collector follows the owner references.
  if (seen.object.metadata.deletionTimestamp !== undefined) return finalize(context, seen, signal);
  const { inForce, problems } = context.verdicts();
  const resource = inForce.get(key);
  const rest = resource?.kind === 'Function' ? putToRest(context, key, seen.object, resource) : undefined;
  const acted = await act(context, seen.object, resource, rest, signal);
  const late = context.late(key, seen);
  const findings = decideStatus({
    inForce: resource,
    problems: problems.get(key) ?? [],
    waitsFor: waitsFor(context, key),
    late,
    disk: context.disk(),
    workload: acted?.workload,
    rest: rest?.is,
  });
  const isEarly = findings.ready.reason === 'NotTakenUp' && late && late.forMs < TAKEN_UP_WITHIN_MS;
  if (isEarly && acted?.error === undefined) return soonest(acted?.lookAgain, TAKEN_UP_WITHIN_MS - late.forMs);
  const lastValid = findings.accepted.is ? toLastValid(seen.object) : readText(seen.object, 'status', 'lastValid');
  const url = resource && endpointUrlOf(resource, context.runtime.listeners);
  const claims = toClaims(seen.object, resource, context.world.now());
  const listeners = claims && (resource ? listenersServing(resource, context.listeners) : []);
  const figures = {
    url,
    claims,
    listeners,
    ...figuresOf(seen, resource, acted?.workload),
    ...rest?.figures,
    lastValid,
  };
  const status = toStatus(seen.object, findings, figures, toTimestamp(context.world.now()).replace(/\.\d+Z$/, 'Z'));
  // A client may just have called it.
  await writeStatus(context, seen, status, signal, rest?.fallsAsleep);
  if (acted?.error !== undefined) throw acted.error;
  return soonest(acted?.lookAgain, rest?.lookAgainMs);
}

function waitsFor({ needs, seen }: ReconcileContext, key: string): string[] {
  return needs()
    .functionsOf(key)
    .filter(one => {
      const found = seen(one);
      return found === undefined || !isReady(found.object);
    })
    .map(one => one.split('/').at(-1) ?? one);
}

/** Reasons why it cannot be run for which nothing of it is touched. */
const LEAVES_ALONE: readonly Reason[] = ['Refused', 'Unsupported'];

function figuresOf({ kind, object }: SeenObject, resource: AnyResource | undefined, workload: Workload | undefined) {
  if (kind !== 'Function') return {};
  // The version before runs on when a change was refused, as in a namespace that is being deleted,
  // or cannot be made.
  const runsOn =
    workload && ('impossible' in workload ? LEAVES_ALONE.includes(workload.impossible.reason) : 'unknown' in workload);
  if (runsOn) {
    return {
      url: readText(object, 'status', 'url'),
      provider: readText(object, 'status', 'provider'),
      replicas: readNumber(object, 'status', 'replicas'),
      selector: readText(object, 'status', 'selector'),
      traffic: read(object, 'status', 'traffic'),
      versions: read(object, 'status', 'versions'),
    };
  }
  if (workload && 'observed' in workload) {
    const { url, provider, replicas, versions, selector, traffic: found } = workload.observed;
    const traffic = workload.moving ? read(object, 'status', 'traffic') : found;
    const source = resource?.kind === 'Function' ? codeName(resource) : undefined;
    return {
      url,
      provider: provider ?? readText(object, 'status', 'provider'),
      replicas,
      source,
      traffic,
      versions,
      ...(selector === '' ? {} : { selector }),
    };
  }
  return { url: resource?.kind === 'Function' ? resource.spec.url : undefined };
}

async function writeStatus(
  context: ReconcileContext,
  { kind, object }: SeenObject,
  status: Status,
  signal: AbortSignal,
  /** Writes only if the object has not changed since it was read. */
  unchanged = false,
): Promise<void> {
  if (sameStatus(object, status)) return;
  const { client, world, instance, log, wrote } = context;
  const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
  // The uid keeps the write from an object that has taken its place meanwhile.
  const metadata = { name, namespace, uid, ...(unchanged ? { resourceVersion } : {}) };
  const body = { apiVersion: object.apiVersion, kind, metadata, status };
  const path = `${objectPath(apiResourceOf(kind), namespace, name)}/status`;
  const query = { fieldManager: MANAGER, force: true };
  try {
    const answer = await client.call('PATCH', path, {
      query,
      body,
      contentType: 'application/apply-patch+yaml',
      signal,
    });
    const written = toKubeObject(answer);
    if (written) wrote(written);
  } catch (error) {
    if (isNotFound(error) || isConflict(error)) return;
    throw error;
  }
  for (const note of notesOn(object, status)) {
    // An Event that is lost changes nothing.
    await writeEvent(client, object, note, { instance, now: world.now(), signal }).catch(error => {
      if (!signal.aborted)
        log('warn', 'an Event could not be written', { object: `${namespace}/${name}`, reason: reasonOf(error) });
    });
  }
}

/** Compares only our part: the gateway and the workers report theirs. */
function sameStatus(object: KubeObject, wanted: Status): boolean {
  const live = object['status'];
  if (typeof live !== 'object' || live === null) return false;
  const { conditions, ...figures } = wanted;
  const known = Object.entries(figures).every(([name, value]) => isDeepStrictEqual(read(live, name), value));
  const before = readList(live, 'conditions').filter(one => readText(one, 'type') !== HEALTHY);
  return (
    known && before.length === conditions.length && conditions.every((one, index) => sameCondition(before[index], one))
  );
}

function sameCondition(before: unknown, now: object): boolean {
  return (
    typeof before === 'object' &&
    before !== null &&
    Object.entries(now).every(([name, value]) => (before as Record<string, unknown>)[name] === value)
  );
}
