// The event plane as the admin API sees and moves it.

import type { CommandProgress, DeadLetterCommand, DeadLetterDetail } from '../../../admin/commands/dead-letter-view.ts';
import type { OperationControl } from '../../../admin/commands/operation-view.ts';
import type { ResendControl } from '../../../admin/commands/resend-view.ts';
import type { ScheduleControl } from '../../../admin/commands/schedule-view.ts';
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { ConsumerReport, EventControl, ReplayRequest, TopicReport } from '../../../admin/event-view.ts';
import type { HeldUp } from '../../../admin/failure-view.ts';
import type { FanOutControl } from '../../../admin/fan-out-view.ts';
import type { JobQuery, JobSummary } from '../../../admin/job-view.ts';
import type { Page } from '../../../admin/page.ts';
import type { ParkedControl } from '../../../admin/parked-view.ts';
import type { StoryControl } from '../../../admin/story-view.ts';
import type { FindControl, TopicEventControl } from '../../../admin/topic-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { isFinal } from '../../../core/jobs/job-row.ts';
import type { JobSignals } from '../../../core/jobs/job-signals.ts';
import { subscriptionGroupOf } from '../../../core/names.ts';
import type { World } from '../../../core/world.ts';
import type { GatewayLog } from '../../../gateway/gateway-log.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import type { ConsumerState, EventPlane } from '../../../worker/event-plane.ts';
import type { FanOutPlane } from '../../../worker/fan-out-plane.ts';
import type { PipelinePlane } from '../../../worker/pipeline-plane.ts';
import type { ViewPlane } from '../../../worker/view-plane.ts';
import type { Storage } from '../../storage/open-storage.ts';
import { createFindControl } from '../finding/find-control.ts';
import { createLetterTarget } from '../operations/letter-target.ts';
import { createTargets, type OperationTargets } from '../operations/operation-targets.ts';
import type { Pauses } from '../pauses.ts';
import type { Replay, Replays } from '../replays.ts';
import { nameOf, toConsumerReport } from '../reports/consumer-reports.ts';
import type { FunctionHolds } from '../reports/held-up.ts';
import { createOpenWindows } from '../reports/open-windows.ts';
import { mergeAll, type SharedReports } from '../reports/shared-reports.ts';
import { createStageReports, type StageReports, type StageReportsOptions } from '../reports/stage-reports.ts';
import { TopicReports } from '../reports/topic-reports.ts';
import type { RunningFanOuts } from '../run-fan-outs.ts';
import { reportSources, type SourceReportsOptions } from '../sources/source-reports.ts';
import { createStoryControl } from '../stories/story-control.ts';
import type { StoryDeps } from '../stories/told.ts';
import { createDeadLetterControl, type DeadLetterControl } from './dead-letter-control.ts';
import { createFanOutControl } from './fan-out-control.ts';
import { createJobList, type JobList, type QueueName } from './job-list.ts';
import { type LetterOwnersOptions, letterOwners } from './letter-owners.ts';
import { noSuch } from './no-such.ts';
import { createParkedControl } from './parked-control.ts';
import { parkedOwners } from './parked-owners.ts';
import { createResendControl } from './resend-control.ts';
import { waitJob } from './wait-job.ts';

export interface EventControlOptions extends Pick<LetterOwnersOptions, 'masking'>, Pick<StoryDeps, 'deliveries'> {
  readonly world: World;
  readonly storage: Storage;
  readonly plane: Pick<EventPlane, 'consumers' | 'missingTopics'>;
  readonly views: Pick<ViewPlane, 'views' | 'rebuild'>;
  readonly pipelines: Pick<PipelinePlane, 'pipelines'>;
  readonly fanOuts: Pick<FanOutPlane, 'fanOuts'>;
  readonly endedOf: RunningFanOuts['endedOf'];
  /** Says what holds up the calls of consumers here, at this moment. */
  heldUp(): (state: ConsumerState) => HeldUp | undefined;
  heldFunctions(): FunctionHolds;
  /** How consumers do in other processes; undefined where there are none. */
  readonly shared: Pick<SharedReports, 'others' | 'stagesOfOthers'> | undefined;
  readonly pauses: Pauses;
  readonly replays: Replays;
  readonly signals: JobSignals;
  readonly topicEvents: TopicEventControl;
  readonly schedules: ScheduleControl;
  readonly sources: SourceReportsOptions['sources'];
  resources(): ResourceSet;
  /** The replays have changed: what runs must follow. */
  refresh(): void;
  cancel(namespace: string, queue: string, id: string): Promise<void>;
  /** Operations on what this control knows. */
  operations(targets: OperationTargets): OperationControl;
  /** Called with a problem that is left as it is. */
  problem(message: string, error: unknown): void;
  /** Told of what an operator asks for. */
  readonly tell: GatewayLog;
}

/** A replay stops at once; its events in flight were delivered before anyway. */
const REPLAY_GRACE_MS = 1_000;

/** `own`: how what runs here does, without the counts of other processes. */
export function createEventControl(options: EventControlOptions): EventControl & { readonly own: StageReports } {
  return new PlaneControl(options);
}

class PlaneControl implements EventControl {
  readonly own: StageReports;
  readonly views: EventControl['views'];
  readonly pipelines: EventControl['pipelines'];
  readonly fanOuts: FanOutControl;
  readonly parked: ParkedControl;
  readonly topicEvents: TopicEventControl;
  readonly resends: ResendControl;
  readonly stories: StoryControl;
  readonly finding: FindControl;
  readonly operations: OperationControl;
  readonly schedules: ScheduleControl;
  readonly openWindows: EventControl['openWindows'];
  readonly deadLetters: EventControl['deadLetters'];
  readonly deadLetterOwners: EventControl['deadLetterOwners'];
  readonly deadLetterGroups: EventControl['deadLetterGroups'];
  readonly #options: EventControlOptions;
  readonly #topics: TopicReports;
  readonly #letters: DeadLetterControl;
  readonly #jobs: JobList;

  constructor(options: EventControlOptions) {
    const { world, storage, shared, resources, tell } = options;
    this.#options = options;
    this.openWindows = createOpenWindows(options);
    ({ topicEvents: this.topicEvents, schedules: this.schedules } = options);
    this.#topics = new TopicReports(storage.log);
    this.#letters = createDeadLetterControl(
      world,
      storage.log,
      () => letterOwners(options, this.#shown()),
      options.problem,
    );
    ({ deadLetters: this.deadLetters, deadLetterOwners: this.deadLetterOwners } = this.#letters);
    this.deadLetterGroups = this.#letters.deadLetterGroups;
    this.#jobs = createJobList(storage.log, storage.store);
    const owners = () => parkedOwners(options, this.#shown());
    this.parked = createParkedControl({ world, log: storage.log, owners, tell });
    const consumers = () => this.#shown().map(({ plan }) => plan);
    this.finding = createFindControl({ ...storage, index: storage.index, world, resources });
    const stages = (others: StageReportsOptions['others']) =>
      createStageReports({ ...options, letters: this.#letters, others });
    this.own = stages(async () => []);
    const all = shared ? stages(shared.stagesOfOthers) : this.own;
    [this.views, this.pipelines] = [all.views, all.pipelines];
    this.fanOuts = createFanOutControl({ world, storage, resources, reports: all.fanOuts });
    const plans = () => options.plane.consumers.map(({ plan }) => plan);
    const jobs = { queues: this.#jobs, fanOuts: this.fanOuts, plans };
    const reports = () => this.consumers();
    const operationItems = () => this.operations;
    const sources = { letters: this.#letters, consumers, reports, jobs, operationItems };
    this.resends = createResendControl({ ...options, log: storage.log, consumers });
    this.stories = createStoryControl({ ...options, ...storage, ...sources });
    this.operations = options.operations(
      createTargets({ letters: createLetterTarget(name => this.#letters.of(name)), parked: this.parked, jobs: this }),
    );
  }

  async topics(): Promise<TopicReport[]> {
    const topics = this.#options.resources().ofKind('Topic');
    const sourceOf = await reportSources(this.#options, topics);
    return Promise.all(topics.map(topic => this.#topics.of(topic, sourceOf(topic))));
  }

  async consumers(): Promise<ConsumerReport[]> {
    const { shared, pauses, ...options } = this.#options;
    const parts = (await shared?.others()) ?? [];
    const heldUp = options.heldUp();
    const count = this.#letters.counter();
    const toReport = async (state: ConsumerState): Promise<ConsumerReport> => {
      const { group } = state.plan.settings;
      const { namespace, name } = state.plan.resource.metadata;
      return toConsumerReport(state, {
        deadLetters: await count(group),
        pausedByCommand: pauses.known(group),
        replayOf: this.#replayOf(namespace, name)?.subscription,
        heldUp: heldUp(state),
      });
    };
    return mergeAll(await Promise.all(this.#shown().map(toReport)), parts);
  }

  async rebuildView(namespace: string, name: string): Promise<string> {
    const { views } = this.#options;
    const found = views.views.find(({ plan: { resource } }) => {
      return resource.metadata.namespace === namespace && resource.metadata.name === name;
    });
    if (found) return views.rebuild(found.plan);
    throw noSuch('View', namespace, name);
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

  async jobs({ namespace, visible = () => true, queue, ...query }: JobQuery): Promise<Page<JobSummary>> {
    const isWanted = (name: string, wanted: string | undefined) => wanted === undefined || name === wanted;
    const all = this.#options.resources().ofKind('Queue');
    const queues = all.map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name }));
    const wanted = queues.filter(
      each => visible(each.namespace) && isWanted(each.namespace, namespace) && isWanted(each.name, queue),
    );
    if (queue !== undefined && wanted.length === 0)
      throw new TenfoldError('not-found', `There is no Queue "${queue}".`);
    return this.#jobs.list(query, wanted);
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
    const glance = () => this.#jobs.glance(named, id);
    const job = await waitJob({ world, signals, job: { namespace, queue, id }, waitMs, signal, read: glance });
    return job.state === 'running' ? read() : job;
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
