// Starts a stage that counts in windows, over the Topic of the pipeline or over an internal topic.
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import type { Stage, StageObserver } from '../fold/stage.ts';
import type { PipelinePlan } from '../plan/compile-pipelines.ts';
import { readerTopicOf } from '../plan/reader-topic.ts';
import { createOutletOf } from './create-outlet.ts';
import { createGivenUp } from './dead-letters.ts';
import type { FlowTools } from './flow/flow-tools.ts';
import { createTopicOutlet } from './outlets/topic-outlet.ts';
import type { WindowStagePlan } from './topology.ts';
import { countInPlace } from './window/in-place.ts';
import { startWindowStage, type WindowTotals } from './window/run-window-stage.ts';
import { createInternalInput, createSourceInput } from './window/window-input.ts';

export interface RunWindowOptions {
  readonly deps: ConsumerDeps;
  readonly plan: PipelinePlan;
  readonly window: WindowStagePlan;
  /** Set where the window reads the Topic itself. */
  readonly filters?: readonly string[];
  readonly observer: StageObserver;
  readonly totals: WindowTotals;
  readonly tools: FlowTools;
}

export async function runWindow({
  deps,
  plan,
  window,
  filters,
  observer,
  totals,
  tools,
}: RunWindowOptions): Promise<Stage> {
  const { settings, resource } = plan;
  const { namespace, name, group } = settings;
  const { time, from } = resource.spec;
  const feeder = readerTopicOf(settings, window.id);
  const isInternal = filters === undefined;
  const own = isInternal ? { group: feeder, topic: feeder } : { group, topic: settings.topic };
  const { resources, log, world, store } = deps;
  const inPlace = isInternal
    ? undefined
    : await countInPlace(log, {
        ...own,
        source: from.topic,
        pipeline: name,
        id: window.id,
        idWith: window.idWith,
        declared: settings.partitions,
      });
  return startWindowStage({
    world,
    log,
    store,
    observer,
    totals,
    settings: {
      ...own,
      id: window.id,
      inPlace,
      plan: window.plan,
      pipeline: name,
      origin: window.origin,
      scopeOf: partition => windowScopeOf(namespace, name, window.id, partition),
      input: isInternal
        ? createInternalInput({ sources: settings.partitions, ordered: window.feeder.ordered })
        : createSourceInput({
            source: from.topic,
            filters,
            plan: window.plan,
            time: time.of,
            partitions: inPlace?.partitions ?? 1,
          }),
      flow: window.flow,
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
}

/** The scope that keeps the state of a window for a partition. */
export function windowScopeOf(namespace: string, pipeline: string, window: string, partition: number): string {
  return `${windowsPlaceOf(namespace, pipeline)}${window}/${partition}`;
}

/** Beginning of the names of all of these. */
export function windowsPlaceOf(namespace: string, pipeline: string): string {
  return `pipeline/${namespace}/${pipeline}/`;
}
