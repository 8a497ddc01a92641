// Starts a stage that joins the events of two Topics, over an internal topic to which both are
// brought by key.
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import { createTellAll } from '../fold/clock-record.ts';
import type { Stage, StageObserver } from '../fold/stage.ts';
import type { PipelinePlan } from '../plan/compile-pipelines.ts';
import { readerTopicOf } from '../plan/reader-topic.ts';
import { createOutletOf } from './create-outlet.ts';
import { createGivenUp } from './dead-letters.ts';
import type { FlowTools } from './flow/flow-tools.ts';
import { JoinPartition } from './join/join-partition.ts';
import { createTopicOutlet } from './outlets/topic-outlet.ts';
import { windowScopeOf } from './run-window.ts';
import type { JoinStagePlan } from './topology.ts';
import { startWindowStage } from './window/run-window-stage.ts';
import { createInternalInput } from './window/window-input.ts';
import type { WindowTotals } from './window/window-totals.ts';

export interface RunJoinOptions {
  readonly deps: ConsumerDeps;
  readonly plan: PipelinePlan;
  readonly join: JoinStagePlan;
  readonly observer: StageObserver;
  readonly totals: WindowTotals;
  readonly tools: FlowTools;
}

export function runJoin({ deps, plan, join, observer, totals, tools }: RunJoinOptions): Promise<Stage> {
  const { settings, resource } = plan;
  const { namespace, name, group, partitions } = settings;
  const { world, log, store, resources } = deps;
  const topic = readerTopicOf(settings, join.id);
  const other = settings.others.find(each => each.name === join.plan.topic);
  const { stage: before, ordered } = join.feeder;
  const feeders = [before === undefined ? group : readerTopicOf(settings, before), readerTopicOf(settings, join.other)];
  return startWindowStage({
    world,
    log,
    store,
    observer,
    totals,
    settings: {
      group: topic,
      topic,
      id: join.id,
      plan: join.plan,
      scopeOf: partition => windowScopeOf(namespace, name, join.id, partition),
      input: createInternalInput({ ordered, feeders }),
      load(state, scope, partition) {
        const init = { plan: join.plan, origin: join.origin, partition };
        return JoinPartition.load(state, scope, init, [partitions, other?.partitions ?? 1], world);
      },
      flow: join.flow,
      tellAll: createTellAll(log, topic, join.partitions),
      tools,
      outlets: join.outlets.map(outlet => createOutletOf(outlet, { deps, plan, feeder: topic })),
      late:
        join.late === undefined
          ? undefined
          : createTopicOutlet({ log, resources, namespace, topic: join.late, key: undefined }),
      givenUp: createGivenUp({ pipeline: resource, group, internal: topic, partitions }, deps),
    },
  });
}
