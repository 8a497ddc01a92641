// Runs the event plane of a platform: dispatchers over its storage, calling what the gateway's plan calls.

import { noEvents } from '../../admin/event-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { viewGroupOf } from '../../core/names.ts';
import type { World } from '../../core/world.ts';
import type { PlanEnvironment } from '../../gateway/compile/plan-environment.ts';
import { isLimited } from '../../gateway/upstream/guarded-function.ts';
import { createUrlTarget } from '../../gateway/upstream/url-target.ts';
import { createResourceSet, type ResourceSet } from '../../resources/resource-set.ts';
import {
  type CallableTarget,
  type ConsumerDeps,
  createCallbackConsumer,
  createConsumer,
  createSyncConsumer,
} from '../../worker/deliver/create-consumer.ts';
import { createDeadLetterPublisher } from '../../worker/deliver/dead-letter-topic.ts';
import { createPublisher } from '../../worker/deliver/topic-publisher.ts';
import { createEventPlane } from '../../worker/event-plane.ts';
import { createFanOutConsumer } from '../../worker/fan-outs/create-fan-out-consumer.ts';
import { startBlobSweeper } from '../../worker/jobs/sweep-blobs.ts';
import { compileEvents } from '../../worker/plan/compile.ts';
import { type EventPlan, nameOfConsumer } from '../../worker/plan/event-plan.ts';
import type { ConsumerPlan } from '../../worker/plan/topic-plan.ts';
import { createViewPlane } from '../../worker/view-plane.ts';
import { toBucketReport } from '../metrics/bucket-metrics.ts';
import type { PlanInForce } from '../plan-in-force.ts';
import type { Shared } from '../shared/shared.ts';
import { findMissingServices } from '../storage/missing-services.ts';
import type { Storage } from '../storage/open-storage.ts';
import { createCaller } from './callers.ts';
import { cancelJob } from './control/cancel-job.ts';
import { createEventControl } from './control/event-control.ts';
import { observeBucket } from './observe-bucket.ts';
import { createPauses } from './pauses.ts';
import { createReplays } from './replays.ts';
import { toOwnReports } from './reports/consumer-reports.ts';
import { createDispatchLog } from './reports/dispatch-log.ts';
import { seeAll } from './reports/see-all.ts';
import { shareReports } from './reports/shared-reports.ts';
import { createStageLog } from './reports/stage-log.ts';
import { runFanOuts } from './run-fan-outs.ts';
import { reasonsOf, runPipelines } from './run-pipelines.ts';
import type { RunningEvents } from './running-events.ts';
import { createSharedSyncs } from './syncs/shared-syncs.ts';
import { activeConsumers, createSyncs } from './syncs/syncs.ts';
import { createTopicSharings } from './topics/topic-sharings.ts';

export interface RunEventsOptions {
  readonly world: World;
  /** Undefined where nothing can be kept. */
  readonly storage: Storage | undefined;
  /** The folder in which storage would be. */
  readonly folder?: string | undefined;
  readonly shared: Pick<Shared, 'signals' | 'viewSignals' | 'incarnation' | 'reminders' | 'desiredVersions'>;
  readonly environment: Pick<PlanEnvironment, 'log' | 'secrets' | 'transport' | 'budgets'>;
  readonly callbacks: PlanEnvironment['transport'];
  /** Whether this process takes events. One that does not only sees to it that topics are there to be appended to. */
  readonly works: boolean;
  /** Resources are those of a cluster. */
  readonly cluster: boolean;
  /** The plan in force, which is made after this. */
  current(): PlanInForce;
}

const NONE = createResourceSet([]);

export function runEvents(options: RunEventsOptions): RunningEvents {
  const { world, storage, shared } = options;
  const compile = (candidate: ResourceSet) => {
    const kafka = storage?.has.kafka ?? false;
    const plan = compileEvents(candidate, {
      storage: storage !== undefined,
      folder: options.folder,
      kafka,
      topicPrefix: storage?.topicPrefix,
      operated: kafka && options.cluster,
      before: options.current().resources,
    });
    const missing = storage ? findMissingServices(candidate, storage.has) : [];
    return { ...plan, findings: [...plan.findings, ...missing] };
  };
  if (storage === undefined) {
    return {
      compile,
      load: async () => {},
      apply() {},
      settled: async () => {},
      close: async () => {},
      consumers: [],
      plan: undefined,
      reasons: () => [],
      control: noEvents,
      syncs: undefined,
      bucket: async () => undefined,
    };
  }
  const { log, secrets } = options.environment;
  const problem = (message: string, error: unknown) =>
    log('error', message, { reason: error instanceof Error ? error.message : String(error) });
  const deps: ConsumerDeps = {
    world,
    log: storage.log,
    store: storage.store,
    blobs: storage.blobs,
    incarnation: shared.incarnation,
    signals: shared.signals,
    reminders: shared.reminders,
    resources: () => options.current().resources ?? NONE,
    callerOf: (namespace, target) => callerOf(options, namespace, target),
    strangerOf(namespace, origin) {
      const target = createUrlTarget(options.callbacks, namespace, origin);
      return createCaller(world, { label: target.label, target: () => target, timeoutMs: () => undefined });
    },
    secrets,
    problem,
  };
  const pauses = createPauses(world, storage.store, storage.hints);
  const replays = createReplays(world, storage.log, storage.store, storage.hints);
  const plane = createEventPlane({
    world,
    log: storage.log,
    store: storage.store,
    budgets: options.environment.budgets,
    isPaused: group => pauses.isPaused(group),
    consumerFor: plan => consumerFor(plan, deps),
    observerFor: plan => createDispatchLog(plan, log),
    problem,
  });
  const { topicsTried } = plane;
  const views = createViewPlane({
    world,
    topicsTried,
    log: storage.log,
    store: storage.store,
    search: storage.search,
    signals: shared.viewSignals,
    desiredVersions: shared.desiredVersions,
    callerOf: deps.callerOf,
    observerFor: ({ resource: { metadata } }) =>
      createStageLog({ view: `View/${metadata.namespace}/${metadata.name}` }, 'folded', log),
    deadLetteredBy: ({ resource: { metadata, spec } }) => {
      const topic = deps.resources().get('Topic', metadata.namespace, spec.deadLetter.topic ?? '');
      const group = viewGroupOf(metadata.namespace, metadata.name);
      return topic && createDeadLetterPublisher(group, metadata.name, createPublisher(storage.log, topic), problem);
    },
    problem,
  });
  const pipelines = runPipelines(deps, { topicsTried, desiredVersions: shared.desiredVersions }, log);
  const { plane: fanOuts, endedOf } = runFanOuts(world, deps, storage.blobs, log);
  let inForce: EventPlan | undefined;
  const resources = () => options.current().resources ?? NONE;
  const consumersOf = (plan: EventPlan) => [
    ...activeConsumers(plan.consumers, options.current().facades),
    ...replays.plans(resources()),
  ];
  const sharings = createTopicSharings({ world, transport: options.environment.transport, secrets });
  const apply = (plan: EventPlan) => {
    storage.shareTopics?.(sharings.of(resources()));
    inForce = plan;
    if (!options.works) return plane.apply({ ...plan, consumers: [], trimmed: [] });
    plane.apply({ ...plan, consumers: consumersOf(plan) });
    views.apply(plan.views);
    pipelines.apply(plan.pipelines);
    fanOuts.apply(plan.fanOuts);
  };
  const refresh = () => inForce && apply(inForce);
  replays.listen(refresh);
  pauses.listen(() => {
    for (const { plan, runner } of plane.consumers) {
      const { group, paused } = plan.settings;
      if (paused || pauses.known(group)) runner.running?.pause();
      else runner.running?.resume();
    }
  });
  const all = seeAll(
    { plane, views, pipelines, fanOuts },
    () => inForce && { ...inForce, consumers: consumersOf(inForce) },
  );
  const { hints, store } = storage;
  const own = options.works ? () => toOwnReports(plane.consumers) : undefined;
  const reports = hints && shareReports({ world, store, id: shared.incarnation.id, own });
  const control = createEventControl({
    world,
    storage,
    ...all,
    others: async () => (await reports?.others()) ?? [],
    endedOf,
    pauses,
    replays,
    signals: shared.signals,
    resources,
    refresh,
    cancel: (namespace, queue, id) => cancelJob(deps, namespace, queue, id),
    problem,
  });
  const sweeper = options.works ? startBlobSweeper(world, storage.blobs, problem) : undefined;
  const bucket = options.works ? observeBucket(world, storage, log) : undefined;
  const sharedSyncs =
    storage.hints &&
    createSharedSyncs({
      world,
      log: storage.log,
      store: storage.store,
      consumers: () => plane.consumers,
      plans: () => activeConsumers(inForce?.consumers ?? [], options.current().facades),
      moved: refresh,
    });
  return {
    compile,
    control,
    syncs: sharedSyncs ?? createSyncs(() => plane.consumers, refresh),
    bucket: async () => bucket && toBucketReport(bucket, storage.log),
    load: () => replays.load(),
    apply,
    async settled() {
      await plane.settled();
      await views.settled();
      await pipelines.settled();
      await fanOuts.settled();
    },
    async close(graceMs) {
      sharedSyncs?.close();
      sweeper?.close();
      pauses.close();
      reports?.close();
      replays.close();
      const parts = [plane, views, pipelines, fanOuts, bucket?.runner];
      await Promise.all(parts.map(each => each?.close(graceMs)));
    },
    get plan() {
      return inForce;
    },
    get consumers() {
      return plane.consumers;
    },
    reasons() {
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
      if (state === 'starting' && lastError !== undefined)
        reasons.push(`Events of the bucket are not read: ${lastError}`);
      return [...reasons, ...reasonsOf(pipelines)];
    },
  };
}

function consumerFor({ role, resource, sync, settings }: ConsumerPlan, deps: ConsumerDeps) {
  if (resource.kind === 'FanOut') return createFanOutConsumer(role, resource, deps);
  if (role === 'callbacks' && resource.kind === 'Queue') return createCallbackConsumer(resource, deps);
  if (sync === undefined || resource.kind !== 'Subscription') return createConsumer(resource, deps);
  return createSyncConsumer(resource, { group: settings.group, origin: sync.origin }, deps);
}

function callerOf({ world, current }: RunEventsOptions, namespace: string, target: CallableTarget) {
  const { function: name, url, aggregate } = target;
  if (name !== undefined) {
    const spec = () => current().resources?.get('Function', namespace, name)?.spec;
    return createCaller(world, {
      label: `function ${name}`,
      target: () => current().functionTarget(namespace, name),
      timeoutMs: () => spec()?.timeout,
      waitMs: () => {
        const limits = spec()?.limits;
        return limits && isLimited(limits) ? limits.maxWait : 0;
      },
    });
  }
  if (url === undefined && aggregate === undefined) {
    throw new TenfoldError('unsupported', `Events cannot be led to ${Object.keys(target).join(', ')}.`);
  }
  return createCaller(world, {
    label: url === undefined ? `aggregate ${aggregate}` : `url ${new URL(url).host}`,
    target: () => current().deliveryTarget(namespace, target),
    timeoutMs: () =>
      aggregate === undefined ? undefined : current().resources?.get('Aggregate', namespace, aggregate)?.spec.timeout,
  });
}
