// The planes that run what the plan in force says of events: consumers,
// Views, Pipelines and FanOuts.

import { viewGroupOf } from '../../core/names.ts';
import type { Tracer } from '../../core/tracing/tracer.ts';
import type { ConsumerDeps } from '../../worker/deliver/create-consumer.ts';
import { createDeadLetterPublisher } from '../../worker/deliver/dead-letter-topic.ts';
import { type RecentDeliveries, withTimes } from '../../worker/deliver/recent-deliveries.ts';
import { withSettleSpans } from '../../worker/deliver/settle-spans.ts';
import { createPublisher } from '../../worker/deliver/topic-publisher.ts';
import { type ConsumerFacts, withSpans } from '../../worker/deliver/with-spans.ts';
import { type ConsumerHandlers, createEventPlane, type EventPlane } from '../../worker/event-plane.ts';
import type { FanOutPlane } from '../../worker/fan-out-plane.ts';
import type { PipelinePlane } from '../../worker/pipeline-plane.ts';
import { nameOfConsumer } from '../../worker/plan/event-plan.ts';
import type { ConsumerPlan } from '../../worker/plan/topic-plan.ts';
import { createViewPlane, type ViewPlane } from '../../worker/view-plane.ts';
import type { Storage } from '../storage/open-storage.ts';
import { consumerFor } from './consumer-deps.ts';
import type { HeardBucket } from './observe-bucket.ts';
import type { Pauses } from './pauses.ts';
import { createDispatchLog } from './reports/dispatch-log.ts';
import { stageObserver } from './reports/stage-observer.ts';
import { type RunningFanOuts, runFanOuts } from './run-fan-outs.ts';
import { reasonsOf, runPipelines } from './run-pipelines.ts';
import type { RunEventsOptions } from './running-events.ts';

export interface EventPlanes {
  readonly plane: EventPlane;
  readonly views: ViewPlane;
  readonly pipelines: PipelinePlane;
  readonly fanOuts: FanOutPlane;
  /** How many jobs of a FanOut ended here, by state. */
  readonly endedOf: RunningFanOuts['endedOf'];
}

export function createEventPlanes(
  { world, environment: { log, budgets }, shared, tracer }: RunEventsOptions,
  { search, ...storage }: Pick<Storage, 'log' | 'store' | 'search' | 'blobs'>,
  deps: ConsumerDeps,
  pauses: Pick<Pauses, 'isPaused'>,
  recentOfViews: RecentDeliveries,
): EventPlanes {
  const { problem, recent } = deps;
  const plane = createEventPlane({
    world,
    log: storage.log,
    store: storage.store,
    budgets,
    isPaused: group => pauses.isPaused(group),
    consumerFor: plan => {
      const traced = withTracedDeliveries(consumerFor(plan, deps), tracer, plan);
      const { group } = plan.settings;
      return { ...traced, destination: withTimes(traced.destination, { recent, group, world }) };
    },
    observerFor: plan => {
      const observer = createDispatchLog(world, plan, log);
      return tracer ? withSettleSpans(observer, tracer, factsOf(plan)) : observer;
    },
    problem,
  });
  const { topicsTried } = plane;
  const { desiredVersions } = shared;
  const views = createViewPlane({
    world,
    topicsTried,
    log: storage.log,
    store: storage.store,
    search,
    signals: shared.viewSignals,
    desiredVersions,
    callerOf: deps.callerOf,
    recent: recentOfViews,
    observerFor: ({ resource: { metadata } }) =>
      stageObserver({ view: `View/${metadata.namespace}/${metadata.name}` }, 'folded', log, tracer),
    deadLetteredBy: ({ resource: { metadata, spec } }) => {
      const topic = deps.resources().get('Topic', metadata.namespace, spec.deadLetter.topic ?? '');
      const group = viewGroupOf(metadata.namespace, metadata.name);
      return topic && createDeadLetterPublisher(group, metadata.name, createPublisher(storage.log, topic), problem);
    },
    problem,
  });
  const pipelines = runPipelines(deps, { topicsTried, desiredVersions }, log, tracer);
  const { plane: fanOuts, endedOf } = runFanOuts(world, deps, storage.blobs, log, tracer);
  return { plane, views, pipelines, fanOuts, endedOf };
}

function withTracedDeliveries(handlers: ConsumerHandlers, tracer: Tracer | undefined, plan: ConsumerPlan) {
  if (tracer === undefined) return handlers;
  return { ...handlers, destination: withSpans(handlers.destination, tracer, factsOf(plan)) };
}

function factsOf(plan: ConsumerPlan): ConsumerFacts {
  const { kind, namespace, name } = nameOfConsumer(plan);
  const { topic, group } = plan.settings;
  return { topic, group, consumer: `${kind}/${namespace}/${name}` };
}

/** Why events are not taken here as the plan says, one sentence each. */
export function whyNotReady(
  { plane, views, fanOuts, pipelines }: EventPlanes,
  bucket: Pick<HeardBucket, 'runner'> | undefined,
  hasBegun: boolean,
): string[] {
  const reasons = plane.missingTopics.map(topic => `The topic ${topic} has not been made yet.`);
  for (const { plan, runner } of plane.consumers) {
    if (runner.state !== 'starting' || runner.lastError === undefined) continue;
    const { kind, name } = nameOfConsumer(plan);
    reasons.push(`${kind} ${name} does not start: ${runner.lastError}`);
  }
  for (const { plan, runner } of [...views.views, ...fanOuts.fanOuts]) {
    if (runner.state !== 'starting' || runner.lastError === undefined) continue;
    const { kind, metadata } = plan.resource;
    reasons.push(`${kind} ${metadata.name} does not start: ${runner.lastError}`);
  }
  const { state, lastError } = bucket?.runner ?? {};
  if (state === 'starting' && lastError !== undefined) reasons.push(`Events of the bucket are not read: ${lastError}`);
  reasons.push(...reasonsOf(pipelines));
  return hasBegun || reasons.length > 0 ? reasons : ['The consumers of this process have not begun to read yet.'];
}
