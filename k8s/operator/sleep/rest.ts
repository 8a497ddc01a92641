// Whether a Function sleeps, read off its object, and what that changes in its status.
import type { Resource } from '../../../resources/resource.ts';
import { type KubeObject, readNumber, readText } from '../../api/kube-object.ts';
import { DEPLOYMENTS } from '../../providers/deployment/objects.ts';
import { conditionOf } from '../status/status.ts';
import type { IdleTracker } from './idle-tracker.ts';
import { decideSleep, maySleep, sleepMarkOf } from './sleep.ts';

export interface Rest {
  readonly is: 'asleep' | 'waking' | 'awake';
  /** It was awake until now. */
  readonly fallsAsleep: boolean;
  readonly lookAgainMs: number | undefined;
  /**
   * Figures of its status: `idleSeconds` tells the platform to report calls, `asleepAfter` stands
   * while the Function sleeps.
   */
  readonly figures: { readonly idleSeconds?: number; readonly asleepAfter?: string };
}

/** Undefined for one that never sleeps. Others than Deployments have ways of their own. */
export function restOf(
  idleTracker: IdleTracker,
  key: string,
  object: KubeObject,
  fn: Resource<'Function'>,
  owned: readonly KubeObject[],
): Rest | undefined {
  const [calledAt, asleepAfter] = [readText(object, 'status', 'calledAt'), readText(object, 'status', 'asleepAfter')];
  const reason = conditionOf(object, 'Ready')?.reason;
  const wakes = reason === 'Asleep' || reason === 'Waking' || asleepAfter !== undefined;
  if (!maySleep(fn) || !owned.some(({ kind }) => kind === DEPLOYMENTS.kind)) {
    return wakes ? { is: 'waking', fallsAsleep: false, lookAgainMs: undefined, figures: {} } : undefined;
  }
  const answers = reason === 'Available';
  const sleep = decideSleep(fn, { calledAt, asleepAfter, quietMs: idleTracker.since(key, calledAt, answers), answers });
  const figures = { idleSeconds: Math.ceil(fn.spec.scale.idle / 1000) };
  // A Function that is still falling asleep is not woken: it would be taken for one that answers,
  // and then be gone.
  if (!sleep.asleep && asleepAfter !== undefined && owned.some(isEnding)) {
    return { is: 'asleep', fallsAsleep: false, lookAgainMs: undefined, figures: { ...figures, asleepAfter } };
  }
  if (!sleep.asleep) {
    return { is: wakes ? 'waking' : 'awake', fallsAsleep: false, lookAgainMs: sleep.lookAgainMs, figures };
  }
  const asleep = { ...figures, asleepAfter: sleepMarkOf(calledAt) };
  return { is: 'asleep', fallsAsleep: asleepAfter === undefined, lookAgainMs: undefined, figures: asleep };
}

function isEnding(object: KubeObject): boolean {
  if (object.kind !== DEPLOYMENTS.kind || readNumber(object, 'spec', 'replicas') !== 0) return false;
  const seen = readNumber(object, 'status', 'observedGeneration') ?? 0;
  return seen < (object.metadata.generation ?? 0) || (readNumber(object, 'status', 'replicas') ?? 0) > 0;
}
