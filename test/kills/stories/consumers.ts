// The consumers of the process that is killed, as plans; who reads stories has the same.
import type { DispatchSettings } from '../../../worker/dispatch/settings.ts';
import { compileFilter } from '../../../worker/plan/record-expressions.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { fakeResource } from '../../fakes/platform-view.ts';

const HOUR = 3_600_000;

export function consumerPlan(name: string, topic: string, more: Partial<DispatchSettings> = {}): ConsumerPlan {
  return {
    role: 'events',
    resource: fakeResource('Subscription', name, {
      spec: { topic: 'orders', to: { function: 'wall' }, deadLetter: {} },
    } as object) as ConsumerPlan['resource'],
    fingerprint: name,
    settings: {
      group: `subscription.${topic}.${name}`,
      topic,
      order: 'key',
      concurrency: 8,
      retry: { attempts: 50, backoff: 'constant', initial: HOUR, max: HOUR },
      delay: 0,
      onExhausted: 'skip',
      parking: { maxKeys: 1000, maxSize: 10_000_000 },
      deadLetterRetention: HOUR,
      from: 'earliest',
      priority: 0,
      paused: false,
      ...more,
    },
  };
}

/** Before the events come. */
export const early = (topic: string): readonly ConsumerPlan[] => [
  consumerPlan('wall', topic, { filter: compileFilter('${event.type != "Ignored" && event.data.cups > 0}') }),
  consumerPlan('strict', topic, { onExhausted: 'hold' }),
  consumerPlan('idle', topic, { paused: true }),
];
/** Begins behind the events. */
export const late = (topic: string): ConsumerPlan => consumerPlan('late', topic, { from: 'latest' });
