// The dependencies of reconciling, and the time of the next look.
import type { World } from '../../../core/world.ts';
import type { Listeners } from '../../../resources/ownership/listeners.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { KubeClient } from '../../api/kube-client.ts';
import type { ApiResource, KubeObject } from '../../api/kube-object.ts';
import type { Log } from '../../api/outages.ts';
import type { SeenObject, Verdicts } from '../../catalog/cluster-catalog.ts';
import type { Runtime } from '../../providers/code.ts';
import type { PodState } from '../../providers/pods/pod-state.ts';
import type { FunctionProvider, ProviderName } from '../../providers/provider.ts';
import type { Uptakes } from '../../uptake/follow-uptakes.ts';
import type { Cutover } from '../function/cutover.ts';
import type { Needs } from '../needs.ts';
import type { IdleTracker } from '../sleep/idle-tracker.ts';

/**
 * Milliseconds after which to look again though nothing changed; undefined when there is no need.
 */
export type LookAgain = number | undefined;

export interface ReconcileContext {
  readonly client: KubeClient;
  readonly world: World;
  readonly log: Log;
  /** Name of this process in Events. */
  readonly instance: string;
  readonly platformNamespace: string;
  /** The settings that Functions are given. */
  readonly runtime: Runtime;
  /** Names of the labels of a Function that its pods get. */
  readonly functionLabels: readonly string[];
  /** All that this operator knows. */
  readonly providers: readonly FunctionProvider[];
  readonly idleTracker: IdleTracker;
  readonly cutover: Cutover;
  /** The providers that the cluster has now, the best first. */
  available(): readonly FunctionProvider[];
  /** For Functions that ask for none. */
  readonly preferred: ProviderName | undefined;
  /** Kafka; undefined where the log is kept otherwise, by those who use it. */
  readonly topics?: TopicLog | undefined;
  /** How long something outside the cluster may hold an object that is deleted; milliseconds. */
  readonly patienceMs?: number | undefined;
  /** The version of the Secrets and ConfigMaps that it names; undefined where they are not seen. */
  settingsVersionOf(fn: Resource<'Function'>): string | undefined;
  seen(key: string): SeenObject | undefined;
  verdicts(): Verdicts;
  needs(): Needs;
  /** An object's status names those that serve its routes. */
  readonly listeners: Listeners;
  readonly late: Uptakes['late'];
  readonly disk: () => readonly string[];
  /** Objects that belong to the Function with this uid. */
  ownedBy(namespace: string, uid: string): readonly KubeObject[];
  /** Pods of a Function that are not ready. */
  podsOf(namespace: string, name: string): readonly PodState[];
  resourceOf(object: KubeObject): ApiResource;
  /** Is told what the API server made of each write. */
  wrote(object: KubeObject): void;
}

/** The log, as far as the operator needs it. */
export interface TopicLog {
  /** The topic's name in the log. Several Topics may stand for one. */
  nameOf(topic: Resource<'Topic'>): string;
  /**
   * Makes it, grows it, changes how long it keeps events. `conflict`: that would lose events, or
   * they are another namespace's. Its cause is another error where the other changes failed, too,
   * and are to be tried again.
   */
  ensure(topic: Resource<'Topic'>): Promise<void>;
  /** No error when it is not there; `conflict`: as above. */
  remove(topic: Resource<'Topic'>): Promise<void>;
}
