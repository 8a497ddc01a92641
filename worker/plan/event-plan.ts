// What resources compile to in the event plane: topics that must be there, and dispatchers that must run.
import type { TopicSettings } from '../../drivers/event-log/event-log.ts';
import type { Finding, Resource } from '../../resources/resource.ts';
import type { DispatchSettings } from '../dispatch/settings.ts';
import type { FanOutPlan } from './compile-fan-outs.ts';
import type { PipelinePlan } from './compile-pipelines.ts';
import type { ViewPlan } from './compile-views.ts';
import type { TrimmedTopic } from './log-trimmer.ts';

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
  /** What its legacy system is called where changes say in which systems they have been. */
  readonly origin: string;
  readonly maxLagMs: number;
  /** Changes left out because they came from there; since the plan was made. */
  readonly kept: { returned: number };
}

export interface ConsumerPlan {
  /**
   * What it does: hands out the events or jobs, makes the callbacks that a Queue owes, or writes changes back into a legacy system; of a FanOut,
   * begins jobs, divides them, works their items or gathers their results.
   */
  readonly role: 'events' | 'callbacks' | 'sync' | 'starts' | 'splits' | 'items' | 'gathers';
  /** For the role `sync`; its `resource` is a Subscription that stands for the `sync` of a Strangler's feature. */
  readonly sync?: SyncPlan;
  readonly resource: Resource<'Subscription'> | Resource<'Queue'> | Resource<'FanOut'>;
  readonly settings: DispatchSettings;
  /** For a replay: by partition, the offset from which on nothing is wanted. */
  readonly until?: ReadonlyMap<number, number>;
  /** Differs when the dispatcher must be started anew. */
  readonly fingerprint: string;
}

/** Who a consumer is for people, in commands and in metrics. */
export function nameOfConsumer({ role, resource }: Pick<ConsumerPlan, 'role' | 'resource'>): {
  readonly kind: 'Subscription' | 'Queue' | 'Strangler' | 'FanOut';
  readonly namespace: string;
  readonly name: string;
} {
  const { namespace, name } = resource.metadata;
  // The items of a FanOut go by its name; what begins, divides and gathers its jobs has names of its own.
  if (resource.kind === 'FanOut')
    return { kind: 'FanOut', namespace, name: role === 'items' ? name : `${name}/${role}` };
  return { kind: role === 'sync' ? 'Strangler' : resource.kind, namespace, name };
}

export interface EventPlan {
  readonly topics: readonly TopicPlan[];
  /** Topics of others, in the log: whatever an earlier plan said, they stay. */
  readonly external: readonly string[];
  readonly consumers: readonly ConsumerPlan[];
  readonly views: readonly ViewPlan[];
  readonly pipelines: readonly PipelinePlan[];
  readonly fanOuts: readonly FanOutPlan[];
  /** Topics from which goes what is settled. */
  readonly trimmed: readonly TrimmedTopic[];
  /** With any error among them the plan must not be put in force. */
  readonly findings: readonly Finding[];
}
