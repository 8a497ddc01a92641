// The event plane as the admin API sees and moves it.
import type {
  CommandProgress,
  ConsumerName,
  ConsumerReport,
  DeadLetterCommand,
  DeadLetterDetail,
  DeadLetterPage,
  DeadLetterQuery,
  EventControl,
  PipelineReport,
  ReplayRequest,
  TopicReport,
  ViewReport,
} from '../../../admin/event-view.ts';
import type { FanOutControl } from '../../../admin/fan-out-view.ts';
import type { JobQuery, JobSummary } from '../../../admin/job-view.ts';
import type { Page } from '../../../admin/page.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { isFinal } from '../../../core/jobs/job-row.ts';
import type { JobSignals } from '../../../core/jobs/job-signals.ts';
import { subscriptionGroupOf } from '../../../core/names.ts';
import type { World } from '../../../core/world.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import type { ConsumerState, EventPlane } from '../../../worker/event-plane.ts';
import type { FanOutPlane } from '../../../worker/fan-out-plane.ts';
import type { PipelinePlane } from '../../../worker/pipeline-plane.ts';
import type { ViewPlane } from '../../../worker/view-plane.ts';
import type { Storage } from '../../storage/open-storage.ts';
import type { Pauses } from '../pauses.ts';
import type { Replay, Replays } from '../replays.ts';
import { nameOf, toConsumerReport } from '../reports/consumer-reports.ts';
import { type ConsumerPart, mergeReports } from '../reports/shared-reports.ts';
import { TopicReports } from '../reports/topic-reports.ts';
import { letterOwnerOfView, toViewReport } from '../reports/view-reports.ts';
import type { RunningFanOuts } from '../run-fan-outs.ts';
import { letterOwnersOf, toPipelineReport } from '../run-pipelines.ts';
import { createDeadLetterControl, type DeadLetterControl, type LetterOwner } from './dead-letter-control.ts';
import { createFanOutControl } from './fan-out-control.ts';
import { createJobList, type JobList, type QueueName } from './job-list.ts';
import { reopenItems } from './reopen-items.ts';
import { waitJob } from './wait-job.ts';

export interface EventControlOptions {
  readonly world: World;
  readonly storage: Storage;
  readonly plane: Pick<EventPlane, 'consumers' | 'missingTopics'>;
  readonly views: Pick<ViewPlane, 'views' | 'rebuild'>;
  readonly pipelines: Pick<PipelinePlane, 'pipelines'>;
  readonly fanOuts: Pick<FanOutPlane, 'fanOuts'>;
  readonly endedOf: RunningFanOuts['endedOf'];
  /** How consumers do in other processes. */
  others(): Promise<readonly ConsumerPart[]>;
  readonly pauses: Pauses;
  readonly replays: Replays;
  readonly signals: JobSignals;
  resources(): ResourceSet;
  /** The replays have changed: what runs must follow. */
  refresh(): void;
  cancel(namespace: string, queue: string, id: string): Promise<void>;
  /** Called with a problem that is left as it is. */
  problem(message: string, error: unknown): void;
}

/** A replay stops at once; its events in flight were delivered before anyway. */
const REPLAY_GRACE_MS = 1_000;

export function createEventControl(options: EventControlOptions): EventControl {
  return new PlaneControl(options);
}

class PlaneControl implements EventControl {
  readonly fanOuts: FanOutControl;
  readonly #options: EventControlOptions;
  readonly #topics: TopicReports;
  readonly #letters: DeadLetterControl;
  readonly #jobs: JobList;

  constructor(options: EventControlOptions) {
    const { world, storage, fanOuts: plane, endedOf, resources } = options;
    this.#options = options;
    this.#topics = new TopicReports(storage.log);
    this.#letters = createDeadLetterControl(world, storage.log, () => this.#letterOwners(), options.problem);
    this.#jobs = createJobList(storage.log, storage.store);
    this.fanOuts = createFanOutControl({ world, storage, plane, endedOf, resources });
  }

  async topics(): Promise<TopicReport[]> {
    const topics = this.#options.resources().ofKind('Topic');
    return Promise.all(topics.map(topic => this.#topics.of(topic)));
  }

  async consumers(): Promise<ConsumerReport[]> {
    const others = Map.groupBy(await this.#options.others(), idOf);
    return Promise.all(this.#shown().map(state => this.#consumerReport(state, others)));
  }

  async #consumerReport(
    state: ConsumerState,
    others: ReadonlyMap<string, readonly ConsumerPart[]>,
  ): Promise<ConsumerReport> {
    const { group } = state.plan.settings;
    const { namespace, name } = state.plan.resource.metadata;
    const own = toConsumerReport(state, {
      deadLetters: await this.#letters.count(group),
      pausedByCommand: this.#options.pauses.known(group),
      replayOf: this.#replayOf(namespace, name)?.subscription,
    });
    return mergeReports(own, others.get(idOf(own)) ?? []);
  }

  async views(): Promise<ViewReport[]> {
    const { world, storage, views } = this.#options;
    return Promise.all(views.views.map(state => toViewReport(state, { world, storage })));
  }

  async rebuildView(namespace: string, name: string): Promise<string> {
    const { views } = this.#options;
    const found = views.views.find(({ plan: { resource } }) => {
      return resource.metadata.namespace === namespace && resource.metadata.name === name;
    });
    if (found) return views.rebuild(found.plan);
    throw noSuch('View', namespace, name);
  }

  pipelines(): Promise<PipelineReport[]> {
    const { pipelines, storage } = this.#options;
    const deps = { log: storage.log, letters: this.#letters };
    return Promise.all(pipelines.pipelines.map(state => toPipelineReport(state, deps)));
  }

  async pause(consumer: ConsumerName): Promise<void> {
    const { plan, runner } = this.#find(consumer);
    await this.#options.pauses.set(plan.settings.group, true);
    runner.running?.pause();
  }

  async resume(consumer: ConsumerName): Promise<void> {
    const { plan, runner } = this.#find(consumer);
    await this.#options.pauses.set(plan.settings.group, false);
    if (plan.settings.paused) {
      const { kind, name } = consumer;
      throw new TenfoldError('conflict', `${kind} "${name}" says "paused: true". Change that to let it go on.`);
    }
    runner.running?.resume();
  }

  async replay(request: ReplayRequest): Promise<ConsumerName> {
    const { namespace, subscription: name, toFunction } = request;
    const resources = this.#options.resources();
    const subscription = resources.get('Subscription', namespace, name);
    if (!subscription) throw noSuch('Subscription', namespace, name);
    if (toFunction !== undefined && !resources.get('Function', namespace, toFunction)) {
      throw new TenfoldError('unknown-function', `There is no function "${toFunction}" in namespace "${namespace}".`);
    }
    const topic = resources.get('Topic', namespace, subscription.spec.topic);
    if (!topic) throw new TenfoldError('not-found', `There is no Topic "${subscription.spec.topic}".`);
    const begun = await this.#options.replays.begin(request, subscription, topic);
    this.#options.refresh();
    return { kind: 'Subscription', namespace, name: begun.name };
  }

  async endReplay({ kind, namespace, name }: ConsumerName): Promise<void> {
    if (kind !== 'Subscription' || !this.#replayOf(namespace, name)) throw noSuch('replay', namespace, name);
    const { plane, replays } = this.#options;
    const group = subscriptionGroupOf(namespace, name);
    const running = plane.consumers.find(({ plan }) => plan.settings.group === group);
    await running?.runner.close(REPLAY_GRACE_MS);
    await replays.forget(namespace, name);
    this.#options.refresh();
  }

  deadLetters(query: DeadLetterQuery): Promise<DeadLetterPage> {
    return this.#letters.deadLetters(query);
  }

  deadLetter(consumer: ConsumerName, id: string): Promise<DeadLetterDetail> {
    return this.#letters.deadLetter(consumer, id);
  }

  command(
    command: DeadLetterCommand,
    progress: (progress: CommandProgress) => void,
    signal: AbortSignal,
  ): Promise<CommandProgress> {
    return this.#letters.command(command, progress, signal);
  }

  async jobs({ namespace, queue, ...query }: JobQuery): Promise<Page<JobSummary>> {
    const queues = this.#options
      .resources()
      .ofKind('Queue')
      .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name }))
      .filter(
        each =>
          (namespace === undefined || each.namespace === namespace) && (queue === undefined || each.name === queue),
      );
    if (queue !== undefined && queues.length === 0)
      throw new TenfoldError('not-found', `There is no Queue "${queue}".`);
    return this.#jobs.list(query, queues);
  }

  async job(
    namespace: string,
    queue: string,
    id: string,
    waitMs?: number,
    signal = new AbortController().signal,
  ): Promise<JobSummary> {
    const named = this.#queueOf(namespace, queue);
    const read = () => this.#jobs.read(named, id);
    if (waitMs === undefined) return read();
    const { world, signals } = this.#options;
    return waitJob({ world, signals, job: { namespace, queue, id }, waitMs, signal, read });
  }

  async cancelJob(namespace: string, queue: string, id: string): Promise<JobSummary> {
    const named = this.#queueOf(namespace, queue);
    const { state } = await this.#jobs.read(named, id);
    if (isFinal(state)) throw new TenfoldError('conflict', `Job ${id} is ${state} already.`);
    await this.#options.cancel(namespace, queue, id);
    return this.#jobs.read(named, id);
  }

  /** All but callbacks, which are internal to a Queue. */
  #shown(): ConsumerState[] {
    return this.#options.plane.consumers.filter(({ plan }) => plan.role !== 'callbacks');
  }

  #letterOwners(): LetterOwner[] {
    const { storage, views, pipelines, resources } = this.#options;
    return [
      ...this.#shown().map(state => ({
        name: nameOf(state),
        group: state.plan.settings.group,
        schema: schemaOf(state.plan.resource, resources()),
        ...(state.plan.role === 'items' ? { redriven: reopenItems(storage.log, state.plan) } : {}),
      })),
      ...views.views.map(({ plan }) => letterOwnerOfView(plan.resource)),
      ...pipelines.pipelines.flatMap(({ plan }) => letterOwnersOf(plan)),
    ];
  }

  #find(wanted: ConsumerName): ConsumerState {
    const found = this.#shown().find(state => {
      const { kind, namespace, name } = nameOf(state);
      return kind === wanted.kind && namespace === wanted.namespace && name === wanted.name;
    });
    if (found) return found;
    throw noSuch(wanted.kind, wanted.namespace, wanted.name);
  }

  #replayOf(namespace: string, name: string): Replay | undefined {
    return this.#options.replays.all.find(each => each.namespace === namespace && each.name === name);
  }

  #queueOf(namespace: string, name: string): QueueName {
    if (this.#options.resources().get('Queue', namespace, name)) return { namespace, name };
    throw noSuch('Queue', namespace, name);
  }
}

function noSuch(kind: string, namespace: string, name: string): TenfoldError {
  return new TenfoldError('not-found', `There is no ${kind} "${name}" in namespace "${namespace}".`);
}

function idOf({ kind, namespace, name }: Pick<ConsumerPart, 'kind' | 'namespace' | 'name'>): string {
  return `${kind}/${namespace}/${name}`;
}

/** The schema of the data that the resource consumes. */
function schemaOf(resource: ConsumerState['plan']['resource'], resources: ResourceSet): unknown {
  if (resource.kind === 'Queue') return resource.spec.schema;
  if (resource.kind === 'FanOut') return undefined;
  return resources.get('Topic', resource.metadata.namespace, resource.spec.topic)?.spec.schema;
}
