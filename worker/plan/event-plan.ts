// The event plan that resources compile to: topics that must be there, and dispatchers that must
// run.
import type { Finding } from '../../resources/resource.ts';
import type { FanOutPlan } from './compile-fan-outs.ts';
import type { PipelinePlan } from './compile-pipelines.ts';
import type { ViewPlan } from './compile-views.ts';
import type { TrimmedTopic } from './log-trimmer.ts';
import type { ConsumerPlan, TopicPlan } from './topic-plan.ts';

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
