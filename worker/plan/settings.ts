// The settings of a dispatcher for a Subscription or a Queue.
import { CALLBACK_HEADER } from '../../core/jobs/job-id.ts';
import { callbacksTopicOf, queueGroupOf, queueTopicOf, subscriptionGroupOf } from '../../core/names.ts';
import { parseTimestamp } from '../../core/world.ts';
import type { Resource } from '../../resources/resource.ts';
import type { DispatchSettings } from '../dispatch/settings.ts';
import { compileDueAt, compileFilter, compileShare } from './record-expressions.ts';
import { withinTime } from './retry-budget.ts';

export function subscriptionSettings(
  { metadata, spec }: Resource<'Subscription'>,
  topic: string,
  /** How long the topic keeps its events, milliseconds. */
  retention: number,
): DispatchSettings {
  return {
    ...common(spec),
    retry: withinTime(spec.retry, retention),
    group: subscriptionGroupOf(metadata.namespace, metadata.name),
    topic,
    order: spec.order,
    from: toStart(spec.from),
    filter: spec.filter === undefined ? undefined : compileFilter(spec.filter),
  };
}

export function queueSettings({ metadata, spec }: Resource<'Queue'>): DispatchSettings {
  return {
    ...common(spec),
    group: queueGroupOf(metadata.namespace, metadata.name),
    topic: queueTopicOf(metadata.namespace, metadata.name),
    order: spec.order,
    together: true,
    // A job is worked on, whenever it came.
    from: 'earliest',
  };
}

/** Undefined for a Queue that makes no callbacks. */
export function callbackSettings({ metadata, spec }: Resource<'Queue'>): DispatchSettings | undefined {
  if (spec.callbacks === undefined) return undefined;
  const topic = callbacksTopicOf(metadata.namespace, metadata.name);
  return {
    group: topic,
    topic,
    order: 'none',
    concurrency: CALLBACKS_AT_ONCE,
    // Receivers take turns, so that one that answers late does not hold up the others.
    share: { by: ({ headers }) => originOf(headers[CALLBACK_HEADER]) },
    retry: withinTime(spec.callbacks.retry),
    delay: 0,
    onExhausted: 'skip',
    parking: spec.parking,
    deadLetterRetention: spec.deadLetter.retention,
    from: 'earliest',
    priority: spec.priority,
    paused: false,
  };
}

const CALLBACKS_AT_ONCE = 16;

function originOf(url = ''): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

function common(spec: Resource<'Subscription'>['spec'] | Resource<'Queue'>['spec']) {
  return {
    concurrency: spec.concurrency,
    rate: spec.rate,
    batch: spec.batch,
    share: spec.share && compileShare(spec.share),
    retry: withinTime(spec.retry),
    maxAge: spec.maxAge,
    delay: spec.delay,
    dueAt: spec.deliverAt === undefined ? undefined : compileDueAt(spec.deliverAt),
    onExhausted: spec.onExhausted,
    parking: spec.parking,
    deadLetterRetention: spec.deadLetter.retention,
    priority: spec.priority,
    paused: spec.paused,
  };
}

/** `latest`, `earliest` or a time; the schema lets nothing else through. */
function toStart(from: string): DispatchSettings['from'] {
  if (from === 'latest' || from === 'earliest') return from;
  return { time: parseTimestamp(from) ?? 0 };
}
