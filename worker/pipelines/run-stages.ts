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
import { createFlowTools, type LeftOut } from './flow/flow-tools.ts';
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
import type { CountedBefore } from './window/in-place.ts';
import type { WindowTotals } from './window/window-totals.ts';

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
export async function runStages({
  deps,
  plan,
  observer,
  moved,
  dispatchObserverFor,
}: RunStagesOptions): Promise<RunningStages> {
  const { world, log } = deps;
  const { settings, resource } = plan;
  const { group, topic, topology, partitions } = settings;
  await prepare(deps, plan);
  const tools = createFlowTools(deps, settings.namespace, settings.name);
  const { leftOut } = tools;
  const site = { deps, plan, observer, tools, moved };
  const stages = new Map<string, Stage>();
  const dispatchers = new Map<string, Dispatcher>();
  const windows = new Map<string, WindowTotals>();
  const totalsOf = (id: string): WindowTotals => {
    const byPartition = { watermarks: new Map<number, number>(), joining: new Map<number, number>() };
    const totals = { late: 0, emitted: 0, stop: undefined, ...byPartition };
    windows.set(id, totals);
    return totals;
  };
  const close = async (graceMs: number) => {
    await Promise.all([...stages.values(), ...dispatchers.values()].map(each => each.close(graceMs)));
  };
  try {
    for (const reader of topology.readers) {
      const name = readerTopicOf(settings, reader.id);
      if (reader.kind === 'archive') {
        const sink = { deps, pipeline: resource, reader, topic: name, group, partitions, observer };
        stages.set(reader.id, await runArchiveSink(sink));
        continue;
      }
      if (reader.kind === 'table') {
        const sink = { deps, pipeline: resource, reader, topic: name, group, partitions, observer };
        stages.set(reader.id, await runTableSink(sink));
        continue;
      }
      const call = await runCall({
        deps,
        pipeline: resource,
        topic: name,
        target: reader.target,
        observer: dispatchObserverFor(plan, reader.id),
        deadLettered: createDeadLetterHandler(resource, name, deps),
      });
      dispatchers.set(reader.id, call);
    }
    for (const stage of topology.calling) {
      const name = readerTopicOf(settings, stage.id);
      const observer = dispatchObserverFor(plan, stage.id);
      dispatchers.set(
        stage.id,
        await runCalling({
          deps,
          plan,
          stage,
          tools,
          observer,
          deadLettered: createDeadLetterHandler(resource, name, deps),
        }),
      );
    }
    for (const window of topology.windows) {
      stages.set(window.id, await runWindow({ ...site, window, totals: totalsOf(window.id) }));
    }
    for (const join of topology.joins) {
      stages.set(join.id, await runJoin({ deps, plan, join, observer, totals: totalsOf(join.id), tools }));
    }
    for (const other of othersOf(settings))
      stages.set(other.id, await runOther({ deps, plan, other, observer, tools }));
    if (topology.source.kind === 'window') {
      const { filters, window } = topology.source;
      stages.set('source', await runWindow({ ...site, window, filters, totals: totalsOf(window.id) }));
      return { stages, dispatchers, windows, leftOut, close };
    }
    const { flow, outlets } = topology.source;
    const went = movedWindowOf(plan);
    const source = await startFlowStage({
      world,
      log,
      observer,
      settings: {
        group,
        topic,
        beside: settings.others.map(other => other.topic),
        source: resource.spec.from.topic,
        address: addressOf({ kind: 'Pipeline', ...resource.metadata }),
        flow,
        tools,
        outlets: outlets.map(outlet => createOutletOf(outlet, { deps, plan, feeder: group })),
        moved: went && movedFlow(deps, plan, went),
        refused: createRefused({ pipeline: resource, group, partitions }, deps),
      },
    });
    stages.set('source', source);
    return { stages, dispatchers, windows, leftOut, close };
  } catch (error) {
    await close(0);
    throw error;
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
