// What resources compile to in the event plane: topics that must be there, and dispatchers that must run.
import type { TopicSettings } from '../../drivers/event-log/event-log.ts';
import type { Finding, Resource } from '../../resources/resource.ts';
import type { DispatchSettings } from '../dispatch/settings.ts';
import type { ViewPlan } from './compile-views.ts';
import type { TrimmedTopic } from './log-trimmer.ts';

export interface TopicPlan {
  /** In the log. */
  readonly name: string;
  readonly settings: TopicSettings;
  /** Whether its events go when the resource goes. */
  readonly deleteWithResource: boolean;
}

export interface ConsumerPlan {
  /** What it does: hands out the events or jobs, or makes the callbacks that a Queue owes. */
  readonly role: 'events' | 'callbacks';
  readonly resource: Resource<'Subscription'> | Resource<'Queue'>;
  readonly settings: DispatchSettings;
  /** For a replay: by partition, the offset from which on nothing is wanted. */
  readonly until?: ReadonlyMap<number, number>;
  /** Differs when the dispatcher must be started anew. */
  readonly fingerprint: string;
}

export interface EventPlan {
  readonly topics: readonly TopicPlan[];
  readonly consumers: readonly ConsumerPlan[];
  readonly views: readonly ViewPlan[];
  /** Topics from which goes what is settled. */
  readonly trimmed: readonly TrimmedTopic[];
  /** With any error among them the plan must not be put in force. */
  readonly findings: readonly Finding[];
}
