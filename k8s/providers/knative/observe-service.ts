// The state of a Function, as Knative reports it for its Service.
import type { Resource } from '../../../resources/resource.ts';
import { type KubeObject, readList, readNumber, readText } from '../../api/kube-object.ts';
import type { Seen } from '../object-provider.ts';
import { type StartFailure, startFailureOf } from '../pods/start-failure.ts';
import type { Observation } from '../provider.ts';
import { percentOf, sharesOf } from './canary.ts';
import { foundOf, knativeNameOf, knativeSelectorOf } from './names.ts';

/** The reason of its Ready: a Revision that `traffic` names is not there. */
const REVISION_MISSING = 'RevisionMissing';

export function observeService(fn: Resource<'Function'>, { live, pods, now }: Seen): Observation {
  const { name, namespace } = fn.metadata;
  const { service, revisions } = foundOf(fn, live);
  const newest = readText(service, 'status', 'latestCreatedRevisionName');
  const failure = startFailureOf(
    pods.filter(({ revision }) => revision !== undefined && revision === newest),
    now,
  );
  const replicas = revisions.reduce(
    (sum, revision) => sum + (readNumber(revision, 'status', 'actualReplicas') ?? 0),
    0,
  );
  return {
    ...stateOf(fn, service, { replicas, failure }),
    replicas,
    traffic: sharesOf(fn, service),
    versions: versionsOf(service, revisions),
    url: readText(service, 'status', 'address', 'url') ?? `http://${knativeNameOf(name)}.${namespace}.svc`,
    selector: Object.entries(knativeSelectorOf(fn))
      .map(([label, value]) => `${label}=${value}`)
      .join(','),
  };
}

/**
 * The newest Revision, the one that answers in its place, and each other that still has instances.
 * Undefined where the newest answers alone, and while Knative has not looked at a change.
 */
function versionsOf(service: KubeObject | undefined, revisions: readonly KubeObject[]): Observation['versions'] {
  const newest = readText(service, 'status', 'latestCreatedRevisionName');
  const serving = readText(service, 'status', 'latestReadyRevisionName');
  if (newest === undefined || !hasLooked(service)) return undefined;
  const counts = new Map(serving === undefined ? [] : [[serving, 0]]);
  for (const revision of revisions)
    counts.set(revision.metadata.name, readNumber(revision, 'status', 'actualReplicas') ?? 0);
  const earlier = [...counts].filter(([name, count]) => name !== newest && (count > 0 || name === serving));
  if (earlier.length === 0) return undefined;
  return [
    { newest: true, replicas: counts.get(newest) ?? 0, revision: newest },
    ...earlier.map(([revision, count]) => ({ newest: false, replicas: count, revision })),
  ];
}

/** Whether what Knative reports is about the newest change. */
function hasLooked(service: KubeObject | undefined): boolean {
  return (readNumber(service, 'status', 'observedGeneration') ?? 0) >= (service?.metadata.generation ?? 0);
}

interface Facts {
  readonly replicas: number;
  /** Why pods of the newest Revision do not start. */
  readonly failure: StartFailure | undefined;
}

function stateOf(
  fn: Resource<'Function'>,
  service: KubeObject | undefined,
  { replicas, failure }: Facts,
): Pick<Observation, 'state' | 'changing' | 'message' | 'lookAgainMs'> {
  if (!service) {
    if (fn.spec.scale.replicas === 0) {
      const message = 'It was asked to have no instances (scale.replicas: 0).';
      return { state: 'stopped', changing: replicas > 0, message };
    }
    return { state: 'starting', changing: true, message: 'Its Knative Service is being made.' };
  }
  const serving = readText(service, 'status', 'latestReadyRevisionName');
  const newest = readText(service, 'status', 'latestCreatedRevisionName');
  const working = serving === undefined ? 'starting' : 'partly';
  const because = failure?.message === undefined ? '' : ` ${failure.message}`;
  const again = failure?.lookAgainMs === undefined ? {} : { lookAgainMs: failure.lookAgainMs };
  if (!hasLooked(service)) {
    const message = 'Its Knative Service has changed, and Knative has not looked at that yet.';
    return { state: working, changing: true, message };
  }
  const ready = readList(service, 'status', 'conditions').find(one => readText(one, 'type') === 'Ready');
  const status = readText(ready, 'status') ?? 'Unknown';
  const why = [readText(ready, 'reason'), readText(ready, 'message')].filter(text => text).join(': ');
  if (status === 'True') {
    const running = replicas === 1 ? '1 instance runs' : `${replicas} instances run`;
    const message = replicas === 0 ? 'No instance runs; the next call starts one.' : `${running} (${serving}).`;
    return { state: 'ready', changing: false, message: message + (splitOf(service) || nextOf(fn)) };
  }
  if (status === 'False') {
    const before = serving === undefined || serving === newest ? '' : ` ${serving} still answers.`;
    // One that was ready once is called on, or nothing would ever wake it again.
    const state = serving === undefined ? 'stuck' : 'behind';
    return { state, changing: false, message: `Knative says: ${why}${before}${goneOf(fn, ready)}${because}` };
  }
  const isFirst = serving === undefined || serving === newest;
  if (failure?.lasting && serving !== newest) {
    const before = isFirst ? '' : ` ${serving} still answers.`;
    const state = serving === undefined ? 'stuck' : 'behind';
    return { state, changing: false, message: `${newest} does not start.${before}${because}`, ...again };
  }
  const message = isFirst
    ? `Knative says: ${why || 'it is being started'}`
    : `${newest} comes up, and ${serving} still answers.`;
  return { state: working, changing: true, message: message + because, ...again };
}

/**
 * The message where somebody has split the calls between Revisions, or kept them at an older one.
 */
function splitOf(service: KubeObject): string {
  const shares = readList(service, 'status', 'traffic').filter(one => (readNumber(one, 'percent') ?? 0) > 0);
  const serving = readText(service, 'status', 'latestReadyRevisionName');
  if (shares.every(one => readText(one, 'revisionName') === serving)) return '';
  const parts = shares.map(one => `${readNumber(one, 'percent')}% ${readText(one, 'revisionName')}`);
  return ` Calls are split: ${parts.join(', ')}.`;
}

/** The advice where the version behind a canary has been deleted: that promotes nothing. */
function goneOf(fn: Resource<'Function'>, ready: unknown): string {
  if (percentOf(fn) === undefined || readText(ready, 'reason') !== REVISION_MISSING) return '';
  return ' Calls stay divided as they were, and those of that version fail. Take spec.canary away: then the newest version that is ready gets all of them.';
}

/** The advice where a canary is declared and there is no newer version. */
function nextOf(fn: Resource<'Function'>): string {
  const percent = percentOf(fn);
  return percent === undefined ? '' : ` What is changed next gets ${percent}% of the calls.`;
}
