// Makes an outlet from its plan.

import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import type { PipelinePlan } from '../plan/compile-pipelines.ts';
import { readerTopicOf } from '../plan/reader-topic.ts';
import { createInternalOutlet } from './outlets/internal-outlet.ts';
import type { Outlet } from './outlets/outlet.ts';
import { createQueueOutlet } from './outlets/queue-outlet.ts';
import { createTopicOutlet } from './outlets/topic-outlet.ts';
import { createViewOutlet } from './outlets/view-outlet.ts';
import { createWindowOutlet } from './outlets/window-outlet.ts';
import type { OutletPlan } from './topology.ts';

export interface OutletInit {
  readonly deps: Pick<ConsumerDeps, 'world' | 'log' | 'resources'>;
  readonly plan: PipelinePlan;
  /** Name of the stage that feeds it, for marks. */
  readonly feeder: string;
  /** False where it puts events in another order than that of their places. Undefined: true. */
  readonly ordered?: boolean;
}

export function createOutletOf(outlet: OutletPlan, { deps, plan, feeder, ordered = true }: OutletInit): Outlet {
  const { world, log, resources } = deps;
  const { settings, resource } = plan;
  const { namespace, partitions, topology } = settings;
  switch (outlet.kind) {
    case 'topic':
      return createTopicOutlet({ log, resources, namespace, topic: outlet.topic, key: outlet.key });
    case 'queue':
      return createQueueOutlet({ log, resources, namespace, queue: outlet.queue, key: outlet.key, feeder });
    case 'view':
      return createViewOutlet({ log, view: { namespace, name: outlet.view }, feeder: ordered ? feeder : undefined });
    case 'internal': {
      const topic = readerTopicOf(settings, outlet.reader);
      const tellsProgress =
        !ordered && topology.readers.some(({ id, kind }) => id === outlet.reader && kind !== 'call');
      return createInternalOutlet({ log, topic, feeder, partitions, tellsProgress });
    }
    case 'window': {
      const window = topology.windows.find(({ id }) => id === outlet.window);
      if (window === undefined) throw new Error(`The window ${outlet.window} is not there.`);
      const topic = readerTopicOf(settings, window.id);
      const time = resource.spec.time.of;
      const to = { topic, partitions: window.partitions, plan: window.plan, time, sources: [settings.topic] };
      return createWindowOutlet({ world, log, ...to, feeder, ordered });
    }
    case 'join': {
      const join = topology.joins.find(({ id }) => id === outlet.join);
      const other = settings.others.find(({ name }) => name === join?.plan.topic);
      if (join === undefined || other === undefined) throw new Error(`The join ${outlet.join} is not there.`);
      const { id, partitions: count, plan: joined, feeder: before } = join;
      return createWindowOutlet({
        ...{ world, log, feeder, partitions: count },
        topic: readerTopicOf(settings, id),
        plan: { keyOf: joined.keyOf[outlet.side], idle: joined.idle },
        time: joined.timeOf[outlet.side],
        // Both sides say alike how far they are: the join takes them in one way.
        ordered: before.ordered,
        sources: [settings.topic, other.topic],
      });
    }
  }
}
