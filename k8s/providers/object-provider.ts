// A provider that runs Functions by objects of the cluster, made of two pure functions: what should
// be there, and what became of it.
import type { Resource } from '../../resources/resource.ts';
import { type ApiResource, apiVersionOf, type KubeObject, type OwnerReference } from '../api/kube-object.ts';
import type { InternalListeners } from './internal-listeners.ts';
import type { PodState } from './pods/pod-state.ts';
import {
  type FunctionProvider,
  NotTakenError,
  type Observation,
  type ProviderContext,
  type ProviderName,
} from './provider.ts';

/** Which provider an object is of. */
export const PROVIDER_LABEL = 'tenfold.dev/provider';

/** A person who changed the request may get another answer meanwhile, and no watch reports that. */
const NOT_TAKEN_MS = 30_000;

export interface ObjectPlan {
  readonly name: ProviderName;
  readonly resources: readonly ApiResource[];
  readonly looksAt?: readonly ApiResource[];
  readonly needs?: FunctionProvider['needs'];
  /** The reason why it cannot run the declared Function; undefined when it can. Pure. */
  whyUnsupported?(fn: Resource<'Function'>): string | undefined;
  /**
   * Objects that should be there, in the order in which to make them. `live`: those of
   * the Function that are. Pure.
   */
  wanted(fn: Resource<'Function'>, context: PlanContext, live?: readonly KubeObject[]): readonly KubeObject[];
  /** The state of the objects. Pure. */
  observe(fn: Resource<'Function'>, seen: Seen): Observation;
}

/** The known state of a Function in the cluster. */
export interface Seen {
  readonly live: readonly KubeObject[];
  /** Pods of all its versions that are not ready. */
  readonly pods: readonly PodState[];
  readonly now: number;
}

export interface PlanContext {
  readonly owner: OwnerReference;
  readonly platformNamespace: string;
  /**
   * Changes with the Secrets and ConfigMaps that the Function names;
   * undefined where they are not seen.
   */
  readonly settingsVersion?: string | undefined;
  /** Labels of the Function that its pods get; none when it is left out. */
  readonly podLabels?: Readonly<Record<string, string>> | undefined;
  /** Undefined where Functions reach nothing. */
  readonly listeners?: InternalListeners | undefined;
}

/** An annotation of pods: another value replaces them. */
export function settingsAnnotation({ settingsVersion }: PlanContext): Readonly<Record<string, string>> {
  return settingsVersion === undefined ? {} : { 'tenfold.dev/settings': settingsVersion };
}

export function createObjectProvider(plan: ObjectPlan): FunctionProvider & ObjectPlan {
  const { name, resources, looksAt = [], needs } = plan;
  const isMine = (object: KubeObject) =>
    object.metadata.labels?.[PROVIDER_LABEL] === name &&
    resources.some(one => one.kind === object.kind && apiVersionOf(one) === object.apiVersion);
  const wanted: ObjectPlan['wanted'] = (fn, context, live) =>
    plan.wanted(fn, context, live).map(one => labelled(one, name));
  return {
    name,
    resources,
    looksAt,
    needs,
    finalizer: undefined,
    wanted,
    observe: plan.observe,
    holds: ({ objects }) => objects.some(isMine),
    async run(fn, context) {
      const unsupported = plan.whyUnsupported?.(fn);
      if (unsupported !== undefined) return { unsupported };
      const { objects } = context;
      try {
        await objects.apply(live => wanted(fn, context, live), isMine);
      } catch (error) {
        if (error instanceof NotTakenError) return { refused: error.message, lookAgainMs: NOT_TAKEN_MS };
        throw error;
      }
      return { observed: plan.observe(fn, toSeen(context)) };
    },
    async inspect(fn, context) {
      return plan.observe(fn, toSeen(context));
    },
    async remove(_name, { objects }) {
      await objects.apply(() => [], isMine);
    },
  };
}

function toSeen({ objects, pods, now }: ProviderContext): Seen {
  return { live: objects.live(), pods, now };
}

function labelled(object: KubeObject, name: ProviderName): KubeObject {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [PROVIDER_LABEL]: name } } };
}
