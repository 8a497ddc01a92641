// The state of a Function, as its Deployment reports it.
import { parseTimestamp } from '../../../core/world.ts';
import type { Resource } from '../../../resources/resource.ts';
import { type KubeObject, readNumber, readText } from '../../api/kube-object.ts';
import { VERSION } from '../labels.ts';
import type { Seen } from '../object-provider.ts';
import { type StartFailure, startFailureOf } from '../pods/start-failure.ts';
import type { Observation } from '../provider.ts';
import { reportedConditionOf } from './condition.ts';
import { objectNameOf, selectorOf, serviceUrlOf } from './names.ts';
import { scalingFaultOf } from './scaling-fault.ts';

/** Instances that existed may be missing for so long: the Function may just have been scaled up. */
const LOST_AFTER_MS = 60_000;

export function observeDeployment(fn: Resource<'Function'>, seen: Seen): Observation {
  const { live, pods, now } = seen;
  const name = objectNameOf(fn.metadata.name);
  const deployment = live.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  const replicas = readNumber(deployment, 'status', 'replicas') ?? 0;
  const newest = readText(deployment, 'spec', 'template', 'metadata', 'annotations', VERSION);
  const failure = startFailureOf(
    pods.filter(({ version }) => version === newest),
    now,
  );
  const selector = Object.entries(selectorOf(fn))
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
  const look = `See why with "kubectl describe pods -l ${selector} -n ${fn.metadata.namespace}".`;
  const state = stateOf(deployment, { replicas, now, failure, look });
  // Without an instance there is nothing to measure.
  const answers = state.state === 'ready' || state.state === 'partly';
  const scaling = answers ? scalingFaultOf(fn, seen) : {};
  return {
    ...state,
    ...scaling,
    ...soonestOf(state.lookAgainMs, scaling.lookAgainMs),
    replicas,
    versions: versionsOf(deployment, replicas),
    url: serviceUrlOf(fn.metadata.name, fn.metadata.namespace),
    selector,
  };
}

/**
 * Undefined where one version has all instances, and while Kubernetes has not looked at a change.
 */
function versionsOf(deployment: KubeObject | undefined, replicas: number): Observation['versions'] {
  const seen = readNumber(deployment, 'status', 'observedGeneration') ?? 0;
  const updated = readNumber(deployment, 'status', 'updatedReplicas') ?? 0;
  if (seen < (deployment?.metadata.generation ?? 0) || updated >= replicas) return undefined;
  return [
    { newest: true, replicas: updated },
    { newest: false, replicas: replicas - updated },
  ];
}

interface Facts {
  readonly replicas: number;
  readonly now: number;
  /** Why pods of the newest version do not start. */
  readonly failure: StartFailure | undefined;
  /** How to see more. */
  readonly look: string;
}

type State = Pick<Observation, 'state' | 'changing' | 'message' | 'lost' | 'lookAgainMs'>;

function stateOf(deployment: KubeObject | undefined, facts: Facts): State {
  if (!deployment) return { state: 'starting', changing: true, message: 'Its Deployment is being made.' };
  const { replicas, now, failure, look } = facts;
  const wanted = readNumber(deployment, 'spec', 'replicas') ?? 1;
  const seen = readNumber(deployment, 'status', 'observedGeneration') ?? 0;
  const available = readNumber(deployment, 'status', 'availableReplicas') ?? 0;
  const updated = readNumber(deployment, 'status', 'updatedReplicas') ?? 0;
  if (seen < (deployment.metadata.generation ?? 0)) {
    const message = 'Its Deployment has changed, and Kubernetes has not looked at that yet.';
    return { state: available > 0 ? 'partly' : 'starting', changing: true, message };
  }
  const progressing = reportedConditionOf(deployment, 'Progressing');
  const refusal = reportedConditionOf(deployment, 'ReplicaFailure');
  const count = `${available} of ${wanted} ${wanted === 1 ? 'instance is' : 'instances are'} available`;
  const state = available > 0 ? 'behind' : 'stuck';
  const why = failure?.message ?? look;
  if (refusal?.status === 'True') return { state, changing: false, message: `${count}: ${refusal.message}` };
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return { state, changing: false, message: `${count}, and no further one has become so in time. ${why}` };
  }
  const settled = updated >= wanted && replicas === updated;
  if (wanted === 0) {
    return {
      state: 'stopped',
      changing: replicas > 0,
      message: 'It was asked to have no instances (scale.replicas: 0).',
    };
  }
  if (settled && available >= wanted) return { state: 'ready', changing: false, message: `${count}.` };
  // Other instances of a version that came up once still answer, so one of them is only missing.
  const cameUp = progressing?.reason === CAME_UP;
  if (failure?.lasting && (available === 0 || !cameUp)) {
    return { state, changing: false, message: `${count}. ${why}`, ...again(failure) };
  }
  const lost = settled ? lostOf(deployment, now) : {};
  const gone = lost.lost ? ` Those that are missing were there, and do not answer any more. ${why}` : because(failure);
  const text = `${count}.${gone}`;
  if (settled && available > 0) return { state: 'partly', changing: true, message: text, ...again(failure, lost) };
  if (available > 0) {
    const message = `A new version is rolled out: ${updated} of ${wanted} instances have it, and ${available} are available.`;
    return { state: 'partly', changing: true, message: message + because(failure), ...again(failure) };
  }
  return { state: 'starting', changing: true, message: text, ...again(failure, lost) };
}

function because(failure: StartFailure | undefined): string {
  return failure?.message === undefined ? '' : ` ${failure.message}`;
}

/** With the time of the next look, which either of the two may ask for. */
function again(failure: StartFailure | undefined, lost: Pick<State, 'lost' | 'lookAgainMs'> = {}) {
  return { ...lost, ...soonestOf(failure?.lookAgainMs, lost.lookAgainMs) };
}

function soonestOf(...all: readonly (number | undefined)[]): Pick<State, 'lookAgainMs'> {
  const times = all.filter(ms => ms !== undefined);
  return times.length === 0 ? {} : { lookAgainMs: Math.min(...times) };
}

/**
 * Kubernetes was done with the newest version, and has found fewer instances
 * than there should be since.
 */
function lostOf(deployment: KubeObject, now: number): Pick<Observation, 'lost' | 'lookAgainMs'> {
  const enough = reportedConditionOf(deployment, 'Available');
  if (reportedConditionOf(deployment, 'Progressing')?.reason !== CAME_UP || enough?.status !== 'False') return {};
  const left = (parseTimestamp(enough.since) ?? now) + LOST_AFTER_MS - now;
  return left > 0 ? { lookAgainMs: left } : { lost: true };
}

/** The reason of its Progressing: all of the newest version have been available. */
const CAME_UP = 'NewReplicaSetAvailable';
