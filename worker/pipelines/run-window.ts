// Starts a stage that counts in windows, over the Topic of the pipeline or over an internal topic.
import { addressOf } from '../../core/cloudevents/addressee.ts';
import { every } from '../../core/retry/every.ts';
import type { World } from '../../core/world.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import { createTellAll } from '../fold/clock-record.ts';
import type { Stage, StageObserver } from '../fold/stage.ts';
import type { PipelinePlan } from '../plan/compile-pipelines.ts';
import { readerTopicOf } from '../plan/reader-topic.ts';
import { createOutletOf } from './create-outlet.ts';
import { createGivenUp } from './dead-letters.ts';
import type { FlowTools } from './flow/flow-tools.ts';
import { sourceItem } from './flow/item-codec.ts';
import { createTopicOutlet } from './outlets/topic-outlet.ts';
import type { WindowStagePlan } from './topology.ts';
import { type CountedBefore, countInPlace, type InPlace, type InPlaceInit, type Stop } from './window/in-place.ts';
import { LATER, withLaterOffsets } from './window/later-offsets.ts';
import { startWindowStage } from './window/run-window-stage.ts';
import { type TakeOver, takeOverWindows } from './window/take-over.ts';
import type { OldestEvents } from './window/where-keys-are.ts';
import { createInternalInput, createSourceInput, type SourceInputInit } from './window/window-input.ts';
import { WindowPartition } from './window/window-partition.ts';
import { compileTime } from './window/window-plan.ts';
import type { WindowTotals } from './window/window-totals.ts';

export interface RunWindowOptions {
  readonly deps: ConsumerDeps;
  readonly plan: PipelinePlan;
  readonly window: WindowStagePlan;
  /** Set where the window reads the Topic itself. */
  readonly filters?: readonly string[];
  readonly observer: StageObserver;
  readonly totals: WindowTotals;
  readonly tools: FlowTools;
  /** Called when it can no longer count the events of the Topic in place, as keys have moved. */
  moved(counted: CountedBefore): void;
}

export async function runWindow({
  deps,
  plan,
  window,
  filters,
  observer,
  totals,
  tools,
  moved,
}: RunWindowOptions): Promise<Stage> {
  const { settings, resource } = plan;
  const { namespace, name, group } = settings;
  const feeder = readerTopicOf(settings, window.id);
  const isInternal = filters === undefined;
  const own = isInternal ? { group: feeder, topic: feeder } : { group, topic: settings.topic };
  const { resources, log, world, store } = deps;
  const stopped = (stop: Stop) => {
    totals.stop = stop;
  };
  const inPlace = isInternal ? undefined : await countInPlace({ ...inPlaceOf(plan, window, deps), stopped, moved });
  const moving = window.isMoved ? await movingOf(plan, window, deps) : undefined;
  const sources = moving?.sources ?? (isInternal ? settings.partitions : 1);
  /** By partition: the offset at which windows go on that were counted in place. */
  const later = new Map<number, number>();
  const stage = await startWindowStage({
    world,
    log: moving ? withLaterOffsets(log, feeder, partition => later.get(partition) ?? LATER) : log,
    store,
    observer,
    totals,
    settings: {
      ...own,
      id: window.id,
      inPlace,
      moved: moving && { ...moving, later },
      takeOver: moving && ((state, scope, partition) => takeOverWindows(moving, state, scope, partition)),
      plan: window.plan,
      scopeOf: partition => windowScopeOf(namespace, name, window.id, partition),
      load(state, scope, partition) {
        const init = { plan: window.plan, pipeline: name, origin: window.origin, partition };
        return WindowPartition.load(state, scope, init, sources, world);
      },
      input:
        inPlace === undefined
          ? createInternalInput({ ordered: window.feeder.ordered, feeders: [group], countedAs: moving?.topic })
          : createSourceInput({
              ...sourceOf(plan, window, filters ?? []),
              partitions: inPlace.partitions,
              strayed: (key, partition) => inPlace.strayed(key, partition),
            }),
      flow: window.flow,
      tellAll: isInternal ? createTellAll(log, feeder, window.partitions) : undefined,
      tools,
      outlets: window.outlets.map(outlet => createOutletOf(outlet, { deps, plan, feeder })),
      late:
        window.late === undefined
          ? undefined
          : createTopicOutlet({ log, resources, namespace, topic: window.late, key: undefined }),
      givenUp: createGivenUp(
        { pipeline: resource, group, internal: isInternal ? feeder : undefined, partitions: settings.partitions },
        deps,
      ),
    },
  });
  return inPlace === undefined ? stage : withWatch(stage, inPlace, world);
}

/** All that windows need to count events in place, and to find out that they cannot. */
export function inPlaceOf(
  { settings, resource }: PipelinePlan,
  window: WindowStagePlan,
  { log, store }: Pick<ConsumerDeps, 'log' | 'store'>,
): Omit<InPlaceInit, 'stopped' | 'moved'> {
  const { namespace, name, group, topic, partitions } = settings;
  const { time, from } = resource.spec;
  return {
    ...{ group, topic, log, store, plan: window.plan, id: window.id, idWith: window.idWith },
    timeOf: createTimeOf(from.topic, time.of),
    scopeOf: (id, partition) => windowScopeOf(namespace, name, id, partition),
    source: from.topic,
    pipeline: name,
    declared: partitions,
  };
}

function sourceOf(
  { settings, resource }: PipelinePlan,
  window: WindowStagePlan,
  filters: readonly string[],
): Omit<SourceInputInit, 'partitions' | 'strayed'> {
  const { namespace, name } = settings;
  const { time, from } = resource.spec;
  const address = addressOf({ kind: 'Pipeline', namespace, name });
  return { source: from.topic, address, filters, plan: window.plan, time: time.of };
}

/** All that is needed to find out whether windows can count events in place. */
export function beginningOf(
  plan: PipelinePlan,
  window: WindowStagePlan,
  filters: readonly string[],
  log: OldestEvents['log'],
): OldestEvents {
  const { group, topic, partitions } = plan.settings;
  const input = createSourceInput({ ...sourceOf(plan, window, filters), partitions });
  return {
    ...{ log, group, topic, id: window.id, idWith: window.idWith },
    keyOf(record, partition) {
      const read = input.read(record, partition);
      return typeof read === 'object' && 'key' in read ? read.key : undefined;
    },
  };
}

/** Describes what windows take over that were counted in place. */
async function movingOf(
  { settings }: PipelinePlan,
  { partitions }: WindowStagePlan,
  { log, world }: Pick<ConsumerDeps, 'log' | 'world'>,
): Promise<TakeOver> {
  const { group, topic } = settings;
  // The log may know of fewer than the resource, and the other way round.
  const sources = Math.max(settings.partitions, (await log.bounds(topic))?.length ?? 0);
  return { world, topic, partitions, sources, feeder: group };
}

const WATCH_EVERY_MS = 1_000;

/** Stops the stage soon after the Topic has grown, also where no event and no result comes. */
function withWatch(stage: Stage, inPlace: InPlace, world: World): Stage {
  const closing = new AbortController();
  // The watch looks again: the log may be away for a moment.
  const look = () => inPlace.look().catch(() => undefined);
  void every(WATCH_EVERY_MS, look, { world, signal: closing.signal });
  return {
    get partitions() {
      return stage.partitions;
    },
    totals: stage.totals,
    close(graceMs) {
      closing.abort(new Error('The stage is closed.'));
      return stage.close(graceMs);
    },
  };
}

function createTimeOf(source: string, time: string): (record: LogRecord, partition: number) => number {
  const timeOf = compileTime(time);
  return (record, partition) => timeOf(sourceItem(record, partition, source).event, record);
}

/** The scope that keeps the state of a window for a partition. */
export function windowScopeOf(namespace: string, pipeline: string, window: string, partition: number): string {
  return `${windowsPlaceOf(namespace, pipeline)}${window}/${partition}`;
}

/** OldestEvents of the names of all of these. */
export function windowsPlaceOf(namespace: string, pipeline: string): string {
  return `pipeline/${namespace}/${pipeline}/`;
}
