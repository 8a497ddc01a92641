// Decides what to ask of OpenFaaS for a Function, and says what its answer means. Pure.
import { parseTimestamp } from '../../../core/world.ts';
import type { Resource } from '../../../resources/resource.ts';
import { APPLIED } from '../labels.ts';
import type { PodState } from '../pods/pod-state.ts';
import { startFailureOf } from '../pods/start-failure.ts';
import type { Observation } from '../provider.ts';
import { type Attempt, againInMs, TAKEN } from './attempts.ts';
import { APPLIED_AT, type Bounds, UID } from './deployed.ts';
import type { Deployed, ReportedFunction } from './gateway.ts';
import { FUNCTION, openfaasNameOf } from './names.ts';

export type FunctionChange =
  | { readonly do: 'nothing' }
  | { readonly do: 'create' }
  | { readonly do: 'update' }
  | { readonly do: 'scale'; readonly replicas: number }
  | { readonly do: 'remove' }
  /** It was asked to change, and the same change is not asked for again yet. */
  | { readonly do: 'wait'; readonly attempt: Attempt }
  /** The function belongs to somebody else. */
  | { readonly do: 'refuse'; readonly owner: string };

/** Further facts beside the report of the gateway. */
export interface Known {
  readonly bounds: Bounds;
  /** The newest requested change that it does not report yet. */
  readonly attempt?: Attempt | undefined;
  readonly now: number;
}

export function decideChange(
  reported: ReportedFunction | undefined,
  wanted: Deployed | undefined,
  uid: string,
  { bounds, attempt, now }: Known,
): FunctionChange {
  if (reported && reported.annotations[UID] !== uid) {
    return wanted ? { do: 'refuse', owner: reported.annotations[FUNCTION] ?? 'somebody else' } : { do: 'nothing' };
  }
  if (!wanted) return { do: reported ? 'remove' : 'nothing' };
  if (!reported) return { do: 'create' };
  // Asked before: a second POST is answered with 500.
  if (!isAsWanted(reported, wanted)) {
    const isSame = attempt !== undefined && attempt.applied === wanted.annotations[APPLIED];
    return isSame && againInMs(attempt, now) > 0 ? { do: 'wait', attempt } : { do: 'update' };
  }
  if (reported.replicas < bounds.least) return { do: 'scale', replicas: bounds.least };
  if (reported.replicas > bounds.most) return { do: 'scale', replicas: bounds.most };
  return { do: 'nothing' };
}

/** Compares its image and the noted hash of the rest. */
export function isAsWanted(reported: ReportedFunction, wanted: Deployed): boolean {
  return reported.image === wanted.image && reported.annotations[APPLIED] === wanted.annotations[APPLIED];
}

const ITS_LOG = 'See the log of its provider: container faas-netes of the Deployment "gateway".';

/** The message about a change that OpenFaaS did not make. */
export function whyNotTaken(
  reported: ReportedFunction | undefined,
  wanted: Deployed,
  { status }: Attempt,
  community: boolean,
): string {
  if (status === TAKEN) {
    const differs = reported?.image === wanted.image ? 'another version of it' : `the image ${reported?.image}`;
    return `OpenFaaS took the change to ${wanted.image}, and tells of ${differs}. Something changes it there, such as an admission webhook or another program that deploys to OpenFaaS.`;
  }
  const runs = reported === undefined ? 'Nothing of it runs.' : `${reported.image} runs as before.`;
  const edition = community ? ' The Community Edition takes public images alone.' : '';
  return `OpenFaaS did not make the change to ${wanted.image}: it answered ${status} without a reason, and ${TAKEN} is its answer to what it makes. ${runs} ${ITS_LOG}${edition}`;
}

export interface Facts {
  readonly now: number;
  /** Its pods of all versions that are not ready; none where the operator may not see them. */
  readonly pods: readonly PodState[];
  /** The namespace of OpenFaaS where they are. */
  readonly podsIn: string;
  /** How long a function may take to become available before it counts as stuck. */
  readonly stuckAfterMs: number;
  /** When to look again at one that is settled, and at one that is not. */
  readonly settledMs: number;
  readonly changingMs: number;
}

export function observeFunction(
  fn: Resource<'Function'>,
  reported: ReportedFunction | undefined,
  url: string,
  { now, pods, podsIn, stuckAfterMs, settledMs, changingMs }: Facts,
): Observation {
  const available = reported?.availableReplicas ?? 0;
  const newest = pods.filter(({ version }) => version !== undefined && version === reported?.annotations[APPLIED]);
  const failure = startFailureOf(newest, now);
  const say = (state: Observation['state'], message: string): Observation => {
    const changing = state === 'starting' || state === 'partly' || (state === 'stopped' && available > 0);
    const lookAgainMs = Math.min(changing ? changingMs : settledMs, failure?.lookAgainMs ?? Infinity);
    return { state, message, changing, url, replicas: available, selector: '', lookAgainMs };
  };
  if (fn.spec.scale.replicas === 0) return say('stopped', 'It was asked to have no instances (scale.replicas: 0).');
  if (!reported) return say('starting', 'OpenFaaS was asked to run it.');
  const count = `${available} of ${reported.replicas} ${reported.replicas === 1 ? 'instance is' : 'instances are'} available`;
  if (reported.replicas === 0) return say('ready', 'No instance runs; the next call starts one.');
  const look = `kubectl describe pods -n ${podsIn} -l faas_function=${openfaasNameOf(fn.metadata)}`;
  const because = failure?.message === undefined ? '' : ` ${failure.message} Look at them with "${look}".`;
  // It takes no instance away before a newer one is ready, so this is one of a newer version.
  const isFollowed = available >= reported.replicas && because !== '';
  if (failure?.lasting && (isFollowed || available === 0))
    return say(available > 0 ? 'behind' : 'stuck', `${count}.${because}`);
  if (isFollowed) return say('partly', `${count}, and a newer version comes up.${because}`);
  if (available >= reported.replicas) return say('ready', `${count}.`);
  const since = parseTimestamp(reported.annotations[APPLIED_AT] ?? '') ?? now;
  if (now - since >= stuckAfterMs) {
    const minutes = Math.round(stuckAfterMs / 60_000);
    const state = available > 0 ? 'behind' : 'stuck';
    const why = because || ` OpenFaaS does not say why. Look at its pods with "${look}", and at their logs.`;
    return say(state, `${count} after ${minutes} minutes.${why}`);
  }
  return say(available > 0 ? 'partly' : 'starting', `${count}.${because}`);
}
