// Does what an object asks for outside of its status: runs a Function, unless it sleeps, and
// keeps the topic of a Topic.
import type { AnyResource, Resource } from '../../../resources/resource.ts';
import { type KubeObject, readNumber, readText } from '../../api/kube-object.ts';
import { PROVIDER_LABEL } from '../../providers/object-provider.ts';
import { runFunction } from '../function/run-function.ts';
import { type Rest, restOf } from '../sleep/rest.ts';
import { sleeping } from '../sleep/sleep.ts';
import type { Acted } from './acted.ts';
import type { LookAgain, ReconcileContext } from './reconcile-context.ts';
import { reconcileTopic } from './topics.ts';

export async function act(
  context: ReconcileContext,
  object: KubeObject,
  resource: AnyResource | undefined,
  rest: Rest | undefined,
  signal: AbortSignal,
): Promise<Acted | undefined> {
  if (resource?.kind === 'Function') return actAtRest(context, object, resource, rest, signal);
  if (resource?.kind === 'Topic') return reconcileTopic(context, object, resource, signal);
  return undefined;
}

/**
 * Others than Deployments put to sleep by themselves; and one that moves to them, or from them, is
 * not put to sleep in between.
 */
export function putToRest(context: ReconcileContext, key: string, object: KubeObject, fn: Resource<'Function'>) {
  const { uid = '', namespace = 'default' } = object.metadata;
  const owned = context.ownedBy(namespace, uid);
  const isDeployment = (name: string | undefined) => name === undefined || name === 'deployment';
  // A Function that is refused for its canary stays as it is: nothing could wake it.
  const alone =
    fn.spec.canary === undefined &&
    isDeployment(fn.spec.provider ?? context.preferred) &&
    owned.every(({ metadata }) => isDeployment(metadata.labels?.[PROVIDER_LABEL]));
  return restOf(context.idleTracker, key, object, fn, alone ? owned : []);
}

export function soonest(one: LookAgain, other: LookAgain): LookAgain {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** A gateway usually knows by then; instances take calls for some seconds more. */
const SAID_MS = 200;

/**
 * One that falls asleep says so first, so that calls wait from then on; what runs it
 * goes when it has been said.
 */
async function actAtRest(
  context: ReconcileContext,
  object: KubeObject,
  fn: Resource<'Function'>,
  rest: Rest | undefined,
  signal: AbortSignal,
): Promise<Acted> {
  if (!rest?.fallsAsleep) return runFunction(context, object, rest?.is === 'asleep' ? sleeping(fn) : fn, signal);
  const text = (name: string) => readText(object, 'status', name) ?? '';
  const replicas = readNumber(object, 'status', 'replicas') ?? 0;
  const figures = { replicas, url: text('url'), selector: text('selector') };
  return { workload: { observed: { state: 'stopped', changing: false, message: '', ...figures } }, lookAgain: SAID_MS };
}
