// Runs the stages of one Pipeline, each over its topic, with the outlets that lead
// from one to the next and out.
import { addressOf } from '../../core/cloudevents/addressee.ts';
import { deadTopicOf } from '../../core/names.ts';
import { COPY_BYTES } from '../../drivers/event-log/event-log.ts';
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { ensureAtLeast } from '../dispatch/group/ensure-at-least.ts';
import { seekBeginning } from '../dispatch/group/seek-beginning.ts';
import type { DispatchObserver } from '../dispatch/observer.ts';
import type { Stage, StageObserver } from '../fold/stage.ts';
import type { PipelinePlan } from '../plan/compile-pipelines.ts';
import { readerTopicOf } from '../plan/reader-topic.ts';
import { createOutletOf } from './create-outlet.ts';
import { createDeadLetterHandler, createRefused } from './dead-letters.ts';
import { createFlowTools, type FlowTools, type LeftOut } from './flow/flow-tools.ts';
import { movedFlow } from './moved-flow.ts';
import { movedWindowOf } from './moved-plan.ts';
import { othersOf } from './other-topics.ts';
import { runArchiveSink } from './run-archive-sink.ts';
import { runCall } from './run-call.ts';
import { runCalling } from './run-calling.ts';
import { startFlowStage } from './run-flow-stage.ts';
import { runJoin } from './run-join.ts';
import { runOther } from './run-other.ts';
import { runTableSink } from './run-table-sink.ts';
import { runWindow } from './run-window.ts';
import type { Topology, WindowStagePlan } from './topology.ts';
import type { CountedBefore } from './window/in-place.ts';
import type { WindowTotals } from './window/window-totals.ts';

const SOURCE = 'source';

export interface RunStagesOptions {
  readonly deps: ConsumerDeps;
  readonly plan: PipelinePlan;
  readonly observer: StageObserver;
  /** Called when keys have moved, so that windows can no longer be counted in place. */
  moved(counted: CountedBefore): void;
  /** The observer of calls on the way; `part` is the name of the caller within the pipeline. */
  dispatchObserverFor(plan: PipelinePlan, part: string): DispatchObserver;
}

export interface RunningStages {
  /** By name, in the order in which events go through them; `source` is the first. */
  readonly stages: ReadonlyMap<string, Stage>;
  /** By name. */
  readonly dispatchers: ReadonlyMap<string, Dispatcher>;
  /** The totals of the windows, by their names. */
  readonly windows: ReadonlyMap<string, WindowTotals>;
  readonly leftOut: Readonly<LeftOut>;
  close(graceMs: number): Promise<void>;
}

/** Rejects when a topic or the log is not there yet. */
export async function runStages(options: RunStagesOptions): Promise<RunningStages> {
  await prepare(options.deps, options.plan);
  const starting = new StartingStages(options);
  try {
    await starting.startAll();
    return starting;
  } catch (error) {
    await starting.close(0);
    throw error;
  }
}

/** They begin from the last to the first: what one hands on has somebody who takes it. */
class StartingStages implements RunningStages {
  readonly stages = new Map<string, Stage>();
  readonly dispatchers = new Map<string, Dispatcher>();
  readonly windows = new Map<string, WindowTotals>();
  readonly #options: RunStagesOptions;
  readonly #tools: FlowTools;

  constructor(options: RunStagesOptions) {
    const { namespace, name } = options.plan.settings;
    this.#options = options;
    this.#tools = createFlowTools(options.deps, namespace, name);
  }

  get leftOut(): Readonly<LeftOut> {
    return this.#tools.leftOut;
  }

  async startAll(): Promise<void> {
    const { deps, plan, observer } = this.#options;
    const { topology } = plan.settings;
    const site = { deps, plan, observer, tools: this.#tools };
    for (const reader of topology.readers) await this.#startReader(reader);
    for (const stage of topology.calling) await this.#startCalling(stage);
    for (const window of topology.windows) await this.#startWindow(window.id, window);
    for (const join of topology.joins)
      this.stages.set(join.id, await runJoin({ ...site, join, totals: this.#totalsOf(join.id) }));
    for (const other of othersOf(plan.settings)) this.stages.set(other.id, await runOther({ ...site, other }));
    await this.#startSource(topology.source);
  }

  async close(graceMs: number): Promise<void> {
    const all = [...this.stages.values(), ...this.dispatchers.values()];
    await Promise.all(all.map(each => each.close(graceMs)));
  }

  async #startReader(reader: Topology['readers'][number]): Promise<void> {
    const { deps, plan, observer, dispatchObserverFor } = this.#options;
    const { settings, resource } = plan;
    const { group, partitions } = settings;
    const topic = readerTopicOf(settings, reader.id);
    const sink = { deps, pipeline: resource, topic, group, partitions, observer };
    if (reader.kind === 'archive') this.stages.set(reader.id, await runArchiveSink({ ...sink, reader }));
    else if (reader.kind === 'table') this.stages.set(reader.id, await runTableSink({ ...sink, reader }));
    else {
      const call = await runCall({
        deps,
        pipeline: resource,
        topic,
        target: reader.target,
        observer: dispatchObserverFor(plan, reader.id),
        deadLettered: createDeadLetterHandler(resource, topic, deps),
      });
      this.dispatchers.set(reader.id, call);
    }
  }

  async #startCalling(stage: Topology['calling'][number]): Promise<void> {
    const { deps, plan, dispatchObserverFor } = this.#options;
    const observer = dispatchObserverFor(plan, stage.id);
    const deadLettered = createDeadLetterHandler(plan.resource, readerTopicOf(plan.settings, stage.id), deps);
    const calling = await runCalling({ deps, plan, stage, tools: this.#tools, observer, deadLettered });
    this.dispatchers.set(stage.id, calling);
  }

  async #startWindow(name: string, window: WindowStagePlan, filters?: readonly string[]): Promise<void> {
    const { deps, plan, observer, moved } = this.#options;
    const totals = this.#totalsOf(window.id);
    const counting = { deps, plan, window, observer, totals, tools: this.#tools, moved };
    this.stages.set(name, await runWindow({ ...counting, ...(filters === undefined ? {} : { filters }) }));
  }

  async #startSource(source: Topology['source']): Promise<void> {
    if (source.kind === 'window') return this.#startWindow(SOURCE, source.window, source.filters);
    const { deps, plan, observer } = this.#options;
    const { settings, resource } = plan;
    const { group, topic, partitions, others } = settings;
    const went = movedWindowOf(plan);
    const stage = await startFlowStage({
      world: deps.world,
      log: deps.log,
      observer,
      settings: {
        group,
        topic,
        beside: others.map(other => other.topic),
        source: resource.spec.from.topic,
        address: addressOf({ kind: 'Pipeline', ...resource.metadata }),
        flow: source.flow,
        tools: this.#tools,
        outlets: source.outlets.map(outlet => createOutletOf(outlet, { deps, plan, feeder: group })),
        moved: went && movedFlow(deps, plan, went),
        refused: createRefused({ pipeline: resource, group, partitions }, deps),
      },
    });
    this.stages.set(SOURCE, stage);
  }

  #totalsOf(id: string): WindowTotals {
    const byPartition = { watermarks: new Map<number, number>(), joining: new Map<number, number>() };
    const totals = { late: 0, emitted: 0, stop: undefined, ...byPartition };
    this.windows.set(id, totals);
    return totals;
  }
}

/** Makes the topics of its own, and says where it begins to read. */
async function prepare({ log }: Pick<ConsumerDeps, 'log'>, { settings, resource }: PipelinePlan): Promise<void> {
  const { group, topic, topology, partitions } = settings;
  await seekBeginning(log, group, topic, settings.start);
  for (const { id, topic: other } of othersOf(settings))
    await seekBeginning(log, readerTopicOf(settings, id), other.topic, settings.start);
  const retentionMs = resource.spec.deadLetter.retention;
  await ensureAtLeast(log, deadTopicOf(group), { partitions, retentionMs });
  for (const { id } of [...topology.readers, ...topology.calling])
    await ensureAtLeast(log, readerTopicOf(settings, id), { partitions });
  for (const stage of [...topology.windows, ...topology.joins]) {
    const { id, partitions: count } = stage;
    await log.ensureTopic(readerTopicOf(settings, id), { partitions: count, recordBytes: COPY_BYTES });
  }
}
