// Makes an outlet of what a stage is told of it.
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import type { PipelineSettings } from '../plan/compile-pipelines.ts';
import { createInternalOutlet } from './outlets/internal-outlet.ts';
import type { Outlet } from './outlets/outlet.ts';
import { createQueueOutlet } from './outlets/queue-outlet.ts';
import { createTopicOutlet } from './outlets/topic-outlet.ts';
import { createViewOutlet } from './outlets/view-outlet.ts';
import type { OutletPlan } from './topology.ts';

export interface OutletInit {
  readonly deps: Pick<ConsumerDeps, 'log' | 'resources'>;
  readonly settings: PipelineSettings;
  /** Names the stage that feeds it, in marks. */
  readonly feeder: string;
}

/** Of what goes on from an internal topic; its group has the same name. */
export function readerTopicOf({ group }: Pick<PipelineSettings, 'group'>, id: string): string {
  return `${group}.${id}`;
}

export function createOutletOf(plan: OutletPlan, { deps, settings, feeder }: OutletInit): Outlet {
  const { log, resources } = deps;
  const { namespace, partitions } = settings;
  switch (plan.kind) {
    case 'topic':
      return createTopicOutlet({ log, resources, namespace, topic: plan.topic, key: plan.key });
    case 'queue':
      return createQueueOutlet({ log, resources, namespace, queue: plan.queue, key: plan.key, feeder });
    case 'view':
      return createViewOutlet({ log, view: { namespace, name: plan.view }, feeder });
    case 'internal':
      return createInternalOutlet({ log, topic: readerTopicOf(settings, plan.reader), feeder, partitions });
  }
}
