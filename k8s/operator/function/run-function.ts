// Has a provider run a Function, and takes what ran it elsewhere away once the new one answers.

import { podLabelsOf } from '../../../resources/function-labels.ts';
import type { Resource } from '../../../resources/resource.ts';
import { isRefused } from '../../api/kube-error.ts';
import { type KubeObject, readText } from '../../api/kube-object.ts';
import { apiResourceOf } from '../../api/tenfold-kinds.ts';
import { withRuntime } from '../../providers/code.ts';
import type { FunctionProvider, Observation, ProviderContext } from '../../providers/provider.ts';
import { NameTakenError, ProviderError } from '../../providers/provider.ts';
import type { Acted } from '../reconcile/acted.ts';
import { setFinalizer } from '../reconcile/finalizers.ts';
import type { ReconcileContext } from '../reconcile/reconcile-context.ts';
import { no } from '../status/decide.ts';
import { isReady } from '../status/status.ts';
import { applyObjects } from './apply.ts';
import { type Choice, chooseProvider, whyNone } from './choose-provider.ts';
import { withUnresponsive } from './unresponsive.ts';

/** Nothing reports when a name becomes free. */
const NAME_TAKEN_MS = 30_000;

const NEEDS_IMAGE =
  'The code that spec.source names is a file, which is not in the cluster. Bring it there with "tenfold apply", or name an image in spec.image.';

export async function runFunction(
  context: ReconcileContext,
  object: KubeObject,
  fn: Resource<'Function'>,
  signal: AbortSignal,
): Promise<Acted> {
  const settingsVersion = context.settingsVersionOf(fn);
  const podLabels = podLabelsOf(fn.metadata.labels, context.functionLabels);
  const provider = { ...providerContext(context, object, signal), settingsVersion, podLabels };
  const { finalizers = [] } = object.metadata;
  const holding = context.providers.filter(one => one.holds({ objects: provider.objects.live(), finalizers }));
  try {
    if (fn.spec.url !== undefined) {
      // It may have been an image until now.
      const { url } = fn.spec;
      const left = holding.length > 0 ? context.cutover.left(object.metadata.uid ?? '', url, url) : 0;
      if (left > 0) return { workload: undefined, lookAgain: left };
      await leave(context, holding, object, provider);
      return { workload: undefined };
    }
    const runnable = withRuntime(fn, context.runtime);
    if (runnable === undefined) return { workload: { impossible: no('NeedsImage', NEEDS_IMAGE) } };
    const choice: Choice = {
      asked: fn.spec.provider,
      preferred: context.preferred,
      available: context.available(),
      holding,
    };
    const chosen = chooseProvider(choice);
    if (!chosen) return { workload: { impossible: no('NoProvider', whyNone(choice)) } };
    const others = holding.filter(one => one !== chosen);
    return await runBy(context, chosen, others, object, runnable, provider);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NameTakenError) {
      return { workload: { impossible: no('NameTaken', error.message) }, lookAgain: NAME_TAKEN_MS };
    }
    if (isRefused(error)) return { workload: { impossible: no('Refused', error.message) }, error };
    if (error instanceof ProviderError) {
      return { workload: { unknown: no('ProviderUnavailable', error.message), wasReady: isReady(object) }, error };
    }
    throw error;
  }
}

async function runBy(
  context: ReconcileContext,
  chosen: FunctionProvider,
  others: readonly FunctionProvider[],
  object: KubeObject,
  fn: Resource<'Function'>,
  provider: ProviderContext,
): Promise<Acted> {
  // Holds the object before anything is made that no garbage collector takes.
  if (chosen.finalizer) await hold(context, object, chosen.finalizer, true, provider.signal);
  const outcome = await chosen.run(fn, provider);
  if ('unsupported' in outcome) {
    return { workload: { impossible: no('Unsupported', outcome.unsupported) }, lookAgain: outcome.lookAgainMs };
  }
  if ('refused' in outcome) {
    return { workload: { impossible: no('Refused', outcome.refused) }, lookAgain: outcome.lookAgainMs };
  }
  const told = { ...outcome.observed, provider: chosen.name };
  const observed = withUnresponsive(told, object, provider.now);
  const { lookAgainMs: lookAgain } = observed;
  if (others.length === 0) return { workload: { observed }, lookAgain };
  if (observed.state === 'ready' || observed.state === 'stopped') {
    const said = readText(object, 'status', 'url');
    const isUp = observed.state === 'ready';
    const left = isUp ? context.cutover.left(object.metadata.uid ?? '', said, observed.url) : 0;
    if (left > 0) return { workload: { observed }, lookAgain: Math.min(left, lookAgain ?? left) };
    try {
      await leave(context, others, object, provider);
    } catch (error) {
      // The new one answers, whatever becomes of the old one.
      return { workload: { observed }, error };
    }
    return { workload: { observed }, lookAgain };
  }
  const before = await lookAtFirst(others, fn, provider);
  if (!before) return { workload: { observed }, lookAgain };
  const message = `It still runs by ${before.name} and moves to ${chosen.name}, which says: ${observed.message}`;
  return { workload: { observed: { ...before.observed, changing: true, message }, moving: true }, lookAgain };
}

/** The first of those that ran it until now which still answers. */
async function lookAtFirst(others: readonly FunctionProvider[], fn: Resource<'Function'>, provider: ProviderContext) {
  for (const one of others) {
    const { name } = one;
    const observed: Observation | undefined = await one.inspect(fn, provider).catch(error => {
      if (error instanceof ProviderError) return undefined;
      throw error;
    });
    if (observed && ['ready', 'partly', 'behind'].includes(observed.state))
      return { name, observed: { ...observed, provider: name } };
  }
  return undefined;
}

async function leave(
  context: ReconcileContext,
  providers: readonly FunctionProvider[],
  object: KubeObject,
  provider: ProviderContext,
): Promise<void> {
  const { name, namespace = 'default' } = object.metadata;
  for (const one of providers) {
    await one.remove({ name, namespace }, provider);
    if (one.finalizer) await hold(context, object, one.finalizer, false, provider.signal);
  }
}

function hold(
  context: ReconcileContext,
  object: KubeObject,
  finalizer: string,
  wanted: boolean,
  signal: AbortSignal,
): Promise<void> {
  return setFinalizer({ ...context, signal }, apiResourceOf('Function'), object, finalizer, wanted);
}

/** The context that a provider gets to work on one Function. */
export function providerContext(context: ReconcileContext, object: KubeObject, signal: AbortSignal): ProviderContext {
  const { uid = '', name, namespace = 'default' } = object.metadata;
  const live = () => context.ownedBy(namespace, uid);
  return {
    owner: { apiVersion: object.apiVersion, kind: object.kind, name, uid, controller: true },
    platformNamespace: context.platformNamespace,
    settingsVersion: undefined,
    podLabels: {},
    listeners: context.runtime.listeners,
    pods: context.podsOf(namespace, name),
    now: context.world.now(),
    signal,
    objects: {
      live,
      async apply(plan, isMine) {
        await applyObjects({ ...context, live, signal }, uid, plan, isMine);
      },
    },
  };
}
