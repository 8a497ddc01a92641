// A Topic and its consumers, as compiled for the event plane.
import type { TopicSettings } from '../../drivers/event-log/event-log.ts';
import type { Resource } from '../../resources/resource.ts';
import type { DispatchSettings } from '../dispatch/settings.ts';

export interface ConsumerPlan {
  /**
   * What it does: hands out the events or jobs, makes the callbacks that a Queue owes, or writes
   * changes back into a legacy system; of a FanOut, begins jobs, divides them, works their items
   * or gathers their results.
   */
  readonly role: 'events' | 'callbacks' | 'sync' | 'starts' | 'splits' | 'items' | 'gathers';
  /**
   * For the role `sync`; its `resource` is a Subscription that stands for the `sync`
   * of a Strangler's feature.
   */
  readonly sync?: SyncPlan;
  readonly resource: Resource<'Subscription'> | Resource<'Queue'> | Resource<'FanOut'>;
  readonly settings: DispatchSettings;
  /** For a replay: by partition, the offset from which on nothing is wanted. */
  readonly until?: ReadonlyMap<number, number>;
  /** For a replay: the address of the Subscription that it repeats. */
  readonly replayOf?: string;
  /** Differs when the dispatcher must be started anew. */
  readonly fingerprint: string;
}

export interface TopicPlan {
  /** In the log. */
  readonly name: string;
  readonly settings: TopicSettings;
  /** Whether its events go when the resource goes. */
  readonly deleteWithResource: boolean;
}

export interface SyncPlan {
  readonly strangler: string;
  readonly feature: string;
  /** The name of its legacy system in the list of systems that a change has passed through. */
  readonly origin: string;
  readonly maxLagMs: number;
  /** Changes left out because they came from there; since the plan was made. */
  readonly kept: { returned: number };
}
