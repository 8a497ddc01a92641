// A provider runs Functions: it brings the cluster in line with a Function, reports the state, and
// removes it again.
import type { Resource } from '../../resources/resource.ts';
import type { ApiResource, KubeObject, OwnerReference } from '../api/kube-object.ts';
import type { InternalListeners } from './internal-listeners.ts';
import type { PodState } from './pods/pod-state.ts';

export type ProviderName = 'knative' | 'openfaas' | 'deployment';

export interface FunctionProvider {
  readonly name: ProviderName;
  /**
   * Every kind of object that it makes, to be followed; none where Functions are kept
   * outside the cluster's objects.
   */
  readonly resources: readonly ApiResource[];
  /** Further kinds that it looks at, which others make. */
  readonly looksAt: readonly ApiResource[];
  /** The API that the API server has to serve for it; undefined where it needs none. */
  readonly needs: { readonly group: string; readonly version: string } | undefined;
  /**
   * Holds a deleted Function until its workload is gone; undefined where the cluster's garbage
   * collector removes it.
   */
  readonly finalizer: string | undefined;
  /** Its pods, where they are in another namespace than their Function, without our labels. */
  readonly podsElsewhere?: PodsElsewhere;
  /** Whether it runs the Function, as far as the cluster says: in whole, in part, or still. */
  holds(held: Held): boolean;
  /** Makes missing objects and changes those that differ. Writes nothing where nothing does. */
  run(fn: Resource<'Function'>, context: ProviderContext): Promise<Outcome>;
  /** The present state, without a change. */
  inspect(fn: Resource<'Function'>, context: ProviderContext): Promise<Observation>;
  /**
   * Takes away whatever runs the Function. Resolves once that was asked for;
   * rejects when it could not be.
   */
  remove(name: FunctionName, context: ProviderContext): Promise<void>;
}

export interface PodsElsewhere {
  readonly namespace: string;
  readonly labelSelector: string;
  /** The Function that a pod is of; undefined for pods of others. */
  functionOf(pod: KubeObject): FunctionName | undefined;
}

export interface FunctionName {
  readonly name: string;
  readonly namespace: string;
}

/** The part that is known without a request. */
export interface Held {
  /** Objects of the cluster that belong to the Function. */
  readonly objects: readonly KubeObject[];
  /** Of the Function. */
  readonly finalizers: readonly string[];
}

export interface ProviderContext {
  readonly owner: OwnerReference;
  /** Namespace of the gateway and the workers, which may call private Functions. */
  readonly platformNamespace: string;
  /**
   * Changes with the Secrets and ConfigMaps that the Function names;
   * undefined where they are not seen.
   */
  readonly settingsVersion: string | undefined;
  /** Labels of the Function that its pods get besides those of the platform. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** Undefined where Functions reach nothing. */
  readonly listeners: InternalListeners | undefined;
  /** The objects of this Function. */
  readonly objects: FunctionObjects;
  /** Its pods that are not ready; none where the operator may not see pods. */
  readonly pods: readonly PodState[];
  readonly now: number;
  readonly signal: AbortSignal;
}

export interface FunctionObjects {
  /** The newest that is known of each. */
  live(): readonly KubeObject[];
  /**
   * Makes and changes the planned objects, in that order, and deletes objects that pass `isMine`
   * and are not planned. Plans again when it finds unknown ones. Rejects with NameTakenError
   * instead of taking over an object of somebody else.
   */
  apply(
    plan: (live: readonly KubeObject[]) => readonly KubeObject[],
    isMine: (object: KubeObject) => boolean,
  ): Promise<void>;
}

export type Outcome =
  | { readonly observed: Observation }
  /**
   * The provider cannot run the declared Function, and why. `lookAgainMs`: when to try again, where
   * that may change by itself.
   */
  | { readonly unsupported: string; readonly lookAgainMs?: number }
  /** The provider did not take the change, and why; the version before runs on, if there is one. */
  | { readonly refused: string; readonly lookAgainMs: number };

export interface Observation {
  readonly state:
    | 'starting'
    | 'ready'
    /** Works, while a newer version comes up or instances are missing. */
    | 'partly'
    /** Was asked to have no instances. */
    | 'stopped'
    /** It answers as before, and newer or missing instances do not come by themselves. */
    | 'behind'
    /** Answers nothing, and does not get there by itself. */
    | 'stuck';
  /** Instances that answered do not any more, and that has lasted. */
  readonly lost?: true;
  /** Why the number of its instances does not follow its load; sentences for people. */
  readonly cannotScale?: string;
  /** Whether something changes at the moment. */
  readonly changing: boolean;
  readonly message: string;
  readonly url: string;
  /** Said by the operator. */
  readonly provider?: ProviderName | undefined;
  readonly replicas: number;
  /** While two versions have instances, or a newer one does not come up: both, the newest first. */
  readonly versions?: readonly VersionInstances[] | undefined;
  /** Label selector of its pods, as text; empty where it has none in this cluster. */
  readonly selector: string;
  /** Both versions between which calls are divided, while there is a canary. */
  readonly traffic?: readonly [stable: Share, canary: Share] | undefined;
  /** When to look again, where no watch reports changes; milliseconds from now. */
  readonly lookAgainMs?: number;
}

/** Instances of one version of a Function, whether they answer yet or not. */
export interface VersionInstances {
  readonly newest: boolean;
  readonly replicas: number;
  /** Its Revision, in Knative. */
  readonly revision?: string;
}

/** The share of calls that one version of a Function gets. */
export interface Share {
  readonly tag: 'stable' | 'canary';
  readonly revision: string;
  readonly percent: number;
  /** The address of this version alone. */
  readonly url: string;
}

/** Thrown instead of taking over an object of somebody else. */
export class NameTakenError extends Error {
  override readonly name = 'NameTakenError';
}

/** An API server answered a write with something else than was asked for. */
export class NotTakenError extends Error {
  override readonly name = 'NotTakenError';
}

/** The provider does not answer, or answers unexpectedly; it may later. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
}
