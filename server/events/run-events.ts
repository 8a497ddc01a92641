// Runs the event plane of a platform: dispatchers over its storage, calling what
// the gateway's plan calls.
import type { EventControl } from '../../admin/event-view.ts';
import { noEvents } from '../../admin/no-events.ts';
import type { Syncs } from '../../gateway/compile/plan-environment.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { ConsumerDeps } from '../../worker/deliver/create-consumer.ts';
import { RecentDeliveries } from '../../worker/deliver/recent-deliveries.ts';
import type { ConsumerState } from '../../worker/event-plane.ts';
import { type BlobSweeper, startBlobSweeper } from '../../worker/jobs/sweep-blobs.ts';
import { compileEvents } from '../../worker/plan/compile.ts';
import type { EventPlan } from '../../worker/plan/event-plan.ts';
import type { ConsumerPlan } from '../../worker/plan/topic-plan.ts';
import { type BucketReport, toBucketReport } from '../metrics/bucket-metrics.ts';
import { findMissingServices } from '../storage/missing-services.ts';
import type { Storage } from '../storage/open-storage.ts';
import { consumerDepsOf, resourcesOf } from './consumer-deps.ts';
import { cancelJob } from './control/cancel-job.ts';
import { createEventControl } from './control/event-control.ts';
import { createEventPlanes, type EventPlanes, whyNotReady } from './event-planes.ts';
import { createEventIndexing, type EventIndexing, searchEventIndexOf } from './index-events.ts';
import { createMasking } from './masking/masking.ts';
import { type HeardBucket, observeBucket } from './observe-bucket.ts';
import { createOperations, type Operations } from './operations/operations.ts';
import { createPauses, type Pauses } from './pauses.ts';
import { createReplays, type Replays } from './replays.ts';
import { toOwnReports } from './reports/consumer-reports.ts';
import { functionHoldsNow, holdsNow } from './reports/held-up.ts';
import { seeAll } from './reports/see-all.ts';
import { type SharedDeliveries, shareDeliveries } from './reports/shared-deliveries.ts';
import { type SharedReports, shareReports } from './reports/shared-reports.ts';
import { type StageReports, stagePartsOf } from './reports/stage-reports.ts';
import type { RunEventsOptions, RunningEvents } from './running-events.ts';
import { createSchedules, type Schedules } from './schedules/run-schedules.ts';
import { createSources, type Sources } from './sources/run-sources.ts';
import { createSharedSyncs, type SharedSyncs } from './syncs/shared-syncs.ts';
import { activeConsumers, createSyncs } from './syncs/syncs.ts';
import { createTopicEvents, type TopicEvents } from './topics/topic-events.ts';
import { createTopicSharings, type TopicSharings } from './topics/topic-sharings.ts';

export function runEvents(options: RunEventsOptions): RunningEvents {
  const { storage } = options;
  return storage ? new StoredEvents(options, storage) : noStoredEvents(options);
}

function compile({ storage, folder, cluster, inForce }: RunEventsOptions, candidate: ResourceSet): EventPlan {
  const kafka = storage?.has.kafka ?? false;
  const plan = compileEvents(candidate, {
    storage: storage !== undefined,
    folder,
    kafka,
    topicPrefix: storage?.topicPrefix,
    operated: kafka && cluster,
    before: inForce.resources,
  });
  const missing = storage ? findMissingServices(candidate, storage.has) : [];
  return { ...plan, findings: [...plan.findings, ...missing] };
}

function noStoredEvents(options: RunEventsOptions): RunningEvents {
  return {
    compile: candidate => compile(options, candidate),
    load: async () => {},
    apply() {},
    settled: async () => {},
    close: async () => {},
    consumers: [],
    plan: undefined,
    reasons: () => [],
    control: noEvents,
    own: { ...noEvents, fanOuts: noEvents.fanOuts.reports },
    syncs: undefined,
    bucket: async () => undefined,
    scheduleCounts: () => [],
    sources: () => [],
  };
}

class StoredEvents implements RunningEvents {
  readonly control: EventControl;
  readonly own: StageReports;
  readonly syncs: Syncs;
  readonly #options: RunEventsOptions;
  readonly #storage: Storage;
  readonly #pauses: Pauses;
  readonly #replays: Replays;
  readonly #planes: EventPlanes;
  readonly #sharings: TopicSharings;
  readonly #topicEvents: TopicEvents;
  /** Undefined where no other process has the storage. */
  readonly #reports: SharedReports | undefined;
  readonly #deliveries: SharedDeliveries;
  readonly #sharedSyncs: SharedSyncs | undefined;
  /** Undefined where this process takes no events. */
  readonly #sweeper: BlobSweeper | undefined;
  readonly #bucket: HeardBucket | undefined;
  /** Undefined where the log indexes its events, or nothing does. */
  readonly #indexing: EventIndexing | undefined;
  readonly #operations: Operations;
  readonly #schedules: Schedules;
  readonly #sources: Sources;
  #plan: EventPlan | undefined;
  /** Each part of the first plan runs, or has failed once. */
  #hasBegun = false;
  #ended: Promise<void> | undefined;

  constructor(options: RunEventsOptions, storage: Storage) {
    const { world, shared, environment, works } = options;
    const { log, store, hints } = storage;
    const problem: ConsumerDeps['problem'] = (message, error) =>
      environment.log('error', message, { reason: error instanceof Error ? error.message : String(error) });
    const recent = new RecentDeliveries();
    // A View that is built anew calls for each event of its Topics: that pushes out no others.
    const recentOfViews = new RecentDeliveries();
    const deps = { ...consumerDepsOf(options, storage, problem), recent };
    this.#options = options;
    this.#storage = storage;
    this.#pauses = createPauses(world, store, hints);
    this.#replays = createReplays(world, log, store, hints);
    this.#deliveries = shareDeliveries({
      world,
      recent: [recent, recentOfViews],
      hints,
      id: shared.incarnation.id,
    });
    this.#planes = createEventPlanes(options, storage, deps, this.#pauses, recentOfViews);
    this.#sharings = createTopicSharings({ world, transport: environment.transport, secrets: environment.secrets });
    this.#topicEvents = createTopicEvents({ world, log, resources: deps.resources });
    this.#replays.listen(() => this.#refresh());
    this.#pauses.listen(() => this.#followPauses());
    const { plane, endedOf } = this.#planes;
    const sources = createSources(options, storage, deps.resources);
    this.#sources = sources;
    const reports = () => ({
      consumers: toOwnReports(plane.consumers, holdsNow(options)),
      stages: stagePartsOf(this.#planes, sources.parts()),
    });
    const own = works ? reports : undefined;
    this.#reports = hints && shareReports({ world, store, id: shared.incarnation.id, own, log: environment.log });
    const index = searchEventIndexOf(storage);
    this.#operations = createOperations({
      world,
      works,
      storage,
      incarnation: shared.incarnation,
      log: environment.log,
    });
    this.#schedules = createSchedules(options, storage, deps.resources);
    const control = createEventControl({
      world,
      masking: createMasking(deps.resources),
      storage: { ...storage, index: index ?? storage.index },
      ...seeAll(this.#planes, () => this.#plan && { ...this.#plan, consumers: this.#consumersOf(this.#plan) }),
      heldUp: () => holdsNow(options),
      heldFunctions: () => functionHoldsNow(options),
      deliveries: this.#deliveries,
      shared: this.#reports,
      endedOf,
      pauses: this.#pauses,
      replays: this.#replays,
      signals: shared.signals,
      topicEvents: this.#topicEvents,
      schedules: this.#schedules.control,
      sources,
      resources: deps.resources,
      refresh: () => this.#refresh(),
      cancel: (namespace, queue, id) => cancelJob(deps, namespace, queue, id),
      operations: targets => this.#operations.open(targets),
      problem,
      tell: environment.log,
    });
    [this.control, this.own] = [control, control.own];
    this.#sweeper = works ? startBlobSweeper(world, storage.blobs, problem) : undefined;
    this.#bucket = works ? observeBucket(world, storage, environment.log) : undefined;
    this.#indexing = works && index ? createEventIndexing({ world, log, index, tell: environment.log }) : undefined;
    const consumers = () => plane.consumers;
    const plans = () => activeConsumers(this.#plan?.consumers ?? [], options.inForce.facades);
    const moved = () => this.#refresh();
    this.#sharedSyncs = hints && createSharedSyncs({ world, log, store, consumers, plans, moved });
    this.syncs = this.#sharedSyncs ?? createSyncs(consumers, moved);
  }

  get consumers(): readonly ConsumerState[] {
    return this.#planes.plane.consumers;
  }

  get plan(): EventPlan | undefined {
    return this.#plan;
  }

  compile(candidate: ResourceSet): EventPlan {
    return compile(this.#options, candidate);
  }

  load(): Promise<void> {
    return this.#replays.load();
  }

  apply(plan: EventPlan): void {
    const { plane, views, pipelines, fanOuts } = this.#planes;
    this.#storage.shareTopics?.(this.#sharings.of(resourcesOf(this.#options.inForce)));
    this.#plan = plan;
    if (!this.#options.works) {
      plane.apply({ ...plan, consumers: [], trimmed: [] });
      return;
    }
    plane.apply({ ...plan, consumers: this.#consumersOf(plan) });
    this.#indexing?.apply(resourcesOf(this.#options.inForce));
    this.#operations.begin();
    views.apply(plan.views);
    pipelines.apply(plan.pipelines);
    fanOuts.apply(plan.fanOuts);
    this.#schedules.apply();
    this.#sources.apply();
  }

  async settled(): Promise<void> {
    const { plane, views, pipelines, fanOuts } = this.#planes;
    for (const each of [plane, views, pipelines, fanOuts]) await each.settled();
    this.#hasBegun = true;
  }

  async bucket(): Promise<BucketReport | undefined> {
    return this.#bucket && toBucketReport(this.#bucket, this.#storage.log);
  }

  scheduleCounts() {
    return this.#schedules.counts();
  }

  sources() {
    return this.#sources.running;
  }

  reasons(): string[] {
    return whyNotReady(this.#planes, this.#bucket, this.#hasBegun);
  }

  close(graceMs: number): Promise<void> {
    this.#ended ??= this.#end(graceMs);
    return this.#ended;
  }

  async #end(graceMs: number): Promise<void> {
    await this.#operations.close();
    this.#topicEvents.close();
    this.#sharedSyncs?.close();
    this.#sweeper?.close();
    this.#pauses.close();
    this.#reports?.close();
    this.#deliveries.close();
    this.#replays.close();
    const { plane, views, pipelines, fanOuts } = this.#planes;
    const { runner: bucket } = this.#bucket ?? {};
    const parts = [plane, views, pipelines, fanOuts, this.#schedules, this.#sources, bucket, this.#indexing];
    await Promise.all(parts.map(each => each?.close(graceMs)));
  }

  /** Replays add consumers to the plan, and features that have left legacy take theirs away. */
  #consumersOf(plan: EventPlan): ConsumerPlan[] {
    const { inForce } = this.#options;
    return [...activeConsumers(plan.consumers, inForce.facades), ...this.#replays.plans(resourcesOf(inForce))];
  }

  #refresh(): void {
    if (this.#plan) this.apply(this.#plan);
  }

  #followPauses(): void {
    for (const { plan, runner } of this.consumers) {
      const { group, paused } = plan.settings;
      if (paused || this.#pauses.known(group)) runner.running?.pause();
      else runner.running?.resume();
    }
  }
}
