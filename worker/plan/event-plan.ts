// The event plan that resources compile to: topics that must be there, and dispatchers that must
// run.
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
  /** The name of its legacy system where changes say in which systems they have been. */
  readonly origin: string;
  readonly maxLagMs: number;
  /** Changes that were left out because they came from there, since the plan was made. */
  readonly kept: { returned: number };
}

export interface ConsumerPlan {
  /**
   * The role of the consumer. It hands out the events or jobs, makes the callbacks that a Queue
   * owes, or writes changes back into a legacy system. For a FanOut it begins jobs, divides them,
   * works on their items or gathers their results.
   */
  readonly role: 'events' | 'callbacks' | 'sync' | 'starts' | 'splits' | 'items' | 'gathers';
  /**
   * For the role `sync`. Its `resource` is a Subscription that stands for the `sync` of a
   * Strangler's feature.
   */
  readonly sync?: SyncPlan;
  readonly resource: Resource<'Subscription'> | Resource<'Queue'> | Resource<'FanOut'>;
  readonly settings: DispatchSettings;
  /** For a replay: the source offset at which each partition ends. */
  readonly until?: ReadonlyMap<number, number>;
  /** The text differs when the dispatcher must be started anew. */
  readonly fingerprint: string;
}

/** The name of a consumer for people, in commands and in metrics. */
export function nameOfConsumer({ role, resource }: Pick<ConsumerPlan, 'role' | 'resource'>): {
  readonly kind: 'Subscription' | 'Queue' | 'Strangler' | 'FanOut';
  readonly namespace: string;
  readonly name: string;
} {
  const { namespace, name } = resource.metadata;
  // The items of a FanOut have its name; the parts that begin, divide and gather its jobs have
  // names of their own.
  if (resource.kind === 'FanOut')
    return { kind: 'FanOut', namespace, name: role === 'items' ? name : `${name}/${role}` };
  return { kind: role === 'sync' ? 'Strangler' : resource.kind, namespace, name };
}

export interface EventPlan {
  readonly topics: readonly TopicPlan[];
  /** Topics of others, in the log: they stay, whatever an earlier plan said. */
  readonly external: readonly string[];
  readonly consumers: readonly ConsumerPlan[];
  readonly views: readonly ViewPlan[];
  readonly pipelines: readonly PipelinePlan[];
  readonly fanOuts: readonly FanOutPlan[];
  /** Topics whose settled records are deleted. */
  readonly trimmed: readonly TrimmedTopic[];
  /** A plan with any error among them must not be put in force. */
  readonly findings: readonly Finding[];
}
