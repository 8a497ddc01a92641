// Starts the reader of another Topic, which brings its events to the joins with it.
import { addressOf } from '../../core/cloudevents/addressee.ts';
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import type { Stage, StageObserver } from '../fold/stage.ts';
import type { PipelinePlan } from '../plan/compile-pipelines.ts';
import { readerTopicOf } from '../plan/reader-topic.ts';
import { createOutletOf } from './create-outlet.ts';
import { createRefused } from './dead-letters.ts';
import type { FlowTools } from './flow/flow-tools.ts';
import type { Other } from './other-topics.ts';
import { startFlowStage } from './run-flow-stage.ts';

export interface RunOtherOptions {
  readonly deps: ConsumerDeps;
  readonly plan: PipelinePlan;
  readonly other: Other;
  readonly observer: StageObserver;
  readonly tools: FlowTools;
}

export function runOther({ deps, plan, other, observer, tools }: RunOtherOptions): Promise<Stage> {
  const { world, log } = deps;
  const { settings, resource } = plan;
  const { topic, outlets, id } = other;
  // The marks of its events name it so, and so do the dead letters of those that it refuses.
  const group = readerTopicOf(settings, id);
  const { partitions } = topic;
  return startFlowStage({
    world,
    log,
    observer,
    settings: {
      group,
      topic: topic.topic,
      beside: [settings.topic],
      source: topic.name,
      address: addressOf({ kind: 'Pipeline', ...resource.metadata }),
      flow: { steps: [], outlets: [...outlets.keys()] },
      tools,
      outlets: outlets.map(outlet => createOutletOf(outlet, { deps, plan, feeder: group })),
      refused: createRefused({ pipeline: resource, group: settings.group, internal: group, partitions }, deps),
    },
  });
}
