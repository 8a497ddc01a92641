// Composes the handlers of a Subscription or a Queue for its dispatcher: the destination of its
// events, and the handling of those that are given up.

import type { CallerKind } from '../../core/caller-kind.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { Incarnation } from '../../core/incarnation.ts';
import type { JobSignals } from '../../core/jobs/job-signals.ts';
import { callbacksTopicOf, queueGroupOf, subscriptionGroupOf } from '../../core/names.ts';
import type { World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { EventLog, LogRecord } from '../../drivers/event-log/event-log.ts';
import { noReminders, type Reminders } from '../../drivers/store/reminders.ts';
import type { Store } from '../../drivers/store/store.ts';
import type { Target } from '../../resources/kinds/fields/target.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import { createStartDestination } from '../fan-outs/start-destination.ts';
import { createCallbackDestination } from '../jobs/callback-destination.ts';
import { createJobEnds } from '../jobs/job-ends.ts';
import { baseRow, jobOf } from '../jobs/job-of.ts';
import { createJobRows } from '../jobs/job-rows.ts';
import { createOwe } from '../jobs/owe-callback.ts';
import { withJobs } from '../jobs/with-jobs.ts';
import type { OpenTable } from '../tables/open-table.ts';
import { type CallDestinationOptions, createCallDestination } from './call-destination.ts';
import type { Caller } from './caller.ts';
import { createDeadLetterPublisher } from './dead-letter-topic.ts';
import type { Destination } from './destination.ts';
import { createEnqueueDestination } from './enqueue-destination.ts';
import { createFeedViewDestination } from './feed-view-destination.ts';
import { createPublishDestination } from './publish-destination.ts';
import type { RecentDeliveries } from './recent-deliveries.ts';
import { createPublisher, type TopicPublisher } from './topic-publisher.ts';
import { createWeightedDestination } from './weighted-destination.ts';
import { withIdempotency } from './with-idempotency.ts';
import { withOriginOf } from './with-origin-of.ts';
import { withReply } from './with-reply.ts';

/** Targets that can be called; the other targets are topics and queues of the log. */
export interface CallableTarget {
  readonly function?: string | undefined;
  readonly url?: string | undefined;
  readonly aggregate?: string | undefined;
}

export interface ConsumerDeps {
  readonly world: World;
  readonly log: EventLog;
  readonly store: Store;
  /** The blob store for results that are too large for the store. */
  readonly blobs: BlobStore | undefined;
  /**
   * The epoch of this process. When a process has ended but the store still says that it is at
   * work, nobody owns that work.
   */
  readonly incarnation?: Incarnation | undefined;
  readonly signals: JobSignals;
  /** Reminders of results; without them the store forgets nothing. */
  readonly reminders?: Reminders | undefined;
  /**
   * The resources in force. They are asked for again for each event that goes into another topic.
   */
  resources(): ResourceSet;
  /** `by`: the part of the platform that calls. */
  callerOf(namespace: string, target: CallableTarget, by: CallerKind): Caller;
  /**
   * Calls addresses of strangers for a namespace, such as `https://example.com`. It follows no
   * redirects and refuses addresses that the platform may not connect to.
   */
  strangerOf(namespace: string, origin: string): Caller;
  /** Entries of a Secret; undefined when there is none. */
  secrets(namespace: string, name: string): Readonly<Record<string, string>> | undefined;
  /** Opens a table of a database; absent where there are none. */
  readonly openTable?: OpenTable | undefined;
  /** Remembers the newest deliveries; without it their times are not known. */
  readonly recent?: RecentDeliveries | undefined;
  /** Called for events that are given up without an error of the platform itself. */
  problem(message: string, error: unknown): void;
}

export interface Consumer {
  readonly destination: Destination;
  /** Called at least once for each dead letter before it counts as kept. */
  deadLettered(letter: DeadLetter): Promise<void>;
  /** See the same in the event plane. */
  parked?(partition: number, record: LogRecord, follower: boolean): void;
}

/** Largest answer that is read: the result of a job, or the reply to an event. */
const MAX_RESULT_BYTES = 64 * 1024 * 1024;
const MAX_REPLY_BYTES = 8 * 1024 * 1024;
/** The longest call, and some time to write its result. */
const LONGEST_WORK_MS = 16 * 60_000;

export function createConsumer(resource: Resource<'Subscription'> | Resource<'Queue'>, deps: ConsumerDeps): Consumer {
  return resource.kind === 'Queue' ? createQueueConsumer(resource, deps) : createSubscriptionConsumer(resource, deps);
}

function createSubscriptionConsumer(resource: Resource<'Subscription'>, deps: ConsumerDeps): Consumer {
  const { world, store, incarnation, reminders = noReminders } = deps;
  const { namespace, name } = resource.metadata;
  const { topic, idempotency, reply } = resource.spec;
  const group = subscriptionGroupOf(namespace, name);
  let destination = createTargets(resource, group, topic, MAX_REPLY_BYTES, deps);
  if (reply) destination = withReply(destination, group, topicPublisherOf(deps, namespace, reply.topic));
  if (idempotency) {
    const { key, window: windowMs } = idempotency;
    const workMs = LONGEST_WORK_MS;
    destination = withIdempotency(destination, {
      world,
      store,
      group,
      key,
      windowMs,
      workMs,
      topic,
      incarnation,
      reminders,
    });
  }
  return { destination, deadLettered: deadLettersOf(resource, group, topic, deps) ?? (async () => {}) };
}

/**
 * Writes changes back into the legacy system `origin`. Events that its targets cause carry that
 * origin.
 */
export function createSyncConsumer(
  resource: Resource<'Subscription'>,
  { group, origin }: { readonly group: string; readonly origin: string },
  deps: ConsumerDeps,
): Consumer {
  const { topic } = resource.spec;
  const destination = createTargets(resource, group, topic, MAX_REPLY_BYTES, deps);
  return { destination: withOriginOf(destination, origin, topic), deadLettered: async () => {} };
}

export function createQueueConsumer(resource: Resource<'Queue'>, deps: ConsumerDeps): Consumer {
  const { world, log, store, blobs, signals, problem, reminders = noReminders } = deps;
  const { namespace, name } = resource.metadata;
  const { result, callbacks, delay, deliverAt } = resource.spec;
  const group = queueGroupOf(namespace, name);
  const rows = createJobRows({ store, namespace, queue: name, resultTtlMs: result.ttl, reminders });
  const ends = createJobEnds({
    world,
    namespace,
    queue: name,
    rows,
    blobs,
    signals,
    maxInline: result.maxInline,
    resultTtlMs: result.ttl,
    ...(callbacks ? { owe: createOwe(log, callbacksTopicOf(namespace, name), name) } : {}),
  });
  const targets = createTargets(resource, group, name, MAX_RESULT_BYTES, deps);
  const destination = withJobs(targets, {
    world,
    store,
    reminders,
    namespace,
    queue: name,
    rows,
    ends,
    signals,
    rowsFromEndpoint: delay > 0 || deliverAt !== undefined,
    problem,
  });
  const publish = deadLettersOf(resource, group, name, deps);
  return {
    destination,
    async deadLettered(letter) {
      await ends.deadLettered(letter);
      await publish?.(letter);
    },
    parked(partition, record, follower) {
      const job = follower ? jobOf(partition, record) : undefined;
      // The job has no row yet, and its place in the log is done with. Without a row nobody could
      // tell it from a job long forgotten.
      if (job) rows.writeFirst(job.id, { ...baseRow(job), state: 'waiting', attempts: 0 }).catch(() => {});
    },
  };
}

/**
 * Makes the callbacks of a queue; for a dispatcher of its own over `callbacksTopicOf`, with the
 * queue's `callbacks.retry`.
 */
export function createCallbackConsumer(resource: Resource<'Queue'>, deps: ConsumerDeps): Consumer {
  const { namespace, name } = resource.metadata;
  const secret = resource.spec.callbacks?.secret;
  const keys = () =>
    (secret === undefined ? undefined : deps.secrets(namespace, secret)?.['key'])?.split(/\s+/).filter(Boolean);
  return {
    destination: createCallbackDestination({
      world: deps.world,
      queue: name,
      callerOf: origin => deps.strangerOf(namespace, origin),
      keys: () => keys() ?? [],
    }),
    deadLettered: async () => {},
  };
}

export interface TargetInit
  extends Pick<
    CallDestinationOptions,
    'namespace' | 'consumer' | 'endpoint' | 'batch' | 'timeoutMs' | 'maxAnswerBytes' | 'priority'
  > {
  /** Consumer group. */
  readonly group: string;
  /** Resource name of the topic that the events come from, for records that are no events. */
  readonly source: string;
}

export function createTarget(target: Target, init: TargetInit, deps: ConsumerDeps): Destination {
  const { group, source, ...call } = init;
  const { namespace } = call;
  if (target.topic !== undefined) {
    return createPublishDestination(`topic ${target.topic}`, source, topicPublisherOf(deps, namespace, target.topic));
  }
  if (target.queue !== undefined) {
    const queue = deps.resources().get('Queue', namespace, target.queue);
    if (queue) return createEnqueueDestination({ log: deps.log, queue, source, group });
  }
  if (target.fanOut !== undefined) {
    return createStartDestination({ log: deps.log, namespace, fanOut: target.fanOut, group, source });
  }
  if (target.view !== undefined) {
    return createFeedViewDestination({ log: deps.log, view: { namespace, name: target.view }, source });
  }
  return createCallDestination({
    ...call,
    group,
    world: deps.world,
    caller: deps.callerOf(namespace, target, call.endpoint === 'queues' ? 'queue' : 'subscription'),
    topic: source,
  });
}

function createTargets(
  { kind, metadata, spec }: Resource<'Subscription'> | Resource<'Queue'>,
  group: string,
  source: string,
  maxAnswerBytes: number,
  deps: ConsumerDeps,
): Destination {
  const { namespace } = metadata;
  const { priority, timeout: timeoutMs, batch } = spec;
  const endpoint = kind === 'Queue' ? 'queues' : 'topics';
  const how = {
    namespace,
    consumer: `${kind}/${namespace}/${metadata.name}`,
    group,
    source,
    endpoint,
    batch: batch !== undefined,
    timeoutMs,
    maxAnswerBytes,
    priority,
  } as const;
  const create = (target: (typeof choices)[number]) => createTarget(target, how, deps);
  const choices = Array.isArray(spec.to) ? spec.to : [{ ...spec.to, weight: 1 }];
  return createWeightedDestination(choices.map(target => ({ destination: create(target), weight: target.weight })));
}

function deadLettersOf(
  { metadata, spec }: Resource<'Subscription'> | Resource<'Queue'>,
  group: string,
  source: string,
  deps: ConsumerDeps,
): Consumer['deadLettered'] | undefined {
  const { topic } = spec.deadLetter;
  if (topic === undefined) return undefined;
  return createDeadLetterPublisher(group, source, topicPublisherOf(deps, metadata.namespace, topic), deps.problem);
}

/** Follows changes of the Topic without starting consumers of other Topics anew. */
export function topicPublisherOf({ log, resources }: ConsumerDeps, namespace: string, topic: string): TopicPublisher {
  let known: { readonly resource: Resource<'Topic'>; readonly publisher: TopicPublisher } | undefined;
  return {
    async publish(event, cause, body) {
      const resource = resources().get('Topic', namespace, topic);
      if (resource === undefined) throw new TenfoldError('not-ready', `There is no topic ${topic}.`);
      if (resource !== known?.resource) known = { resource, publisher: createPublisher(log, resource) };
      await known.publisher.publish(event, cause, body);
    },
  };
}
