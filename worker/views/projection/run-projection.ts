// The part of a View that calls a function: a dispatcher for each source. It keeps the order of
// keys, retries and parks as Subscriptions do.

import { addressOf, isFor } from '../../../core/cloudevents/addressee.ts';
import type { World } from '../../../core/world.ts';
import { COPY_BYTES, type EventLog } from '../../../drivers/event-log/event-log.ts';
import { createCallDestination } from '../../deliver/call-destination.ts';
import type { Caller } from '../../deliver/caller.ts';
import { type RecentDeliveries, withTimes } from '../../deliver/recent-deliveries.ts';
import { type Dispatcher, startDispatcher } from '../../dispatch/dispatcher.ts';
import { type DispatchObserver, silentObserver } from '../../dispatch/observer.ts';
import type { StageObserver } from '../../fold/stage.ts';
import type { createSetAside } from '../set-aside.ts';
import type { ProjectionSettings, ViewSettings } from '../view-settings.ts';
import { createProjectDestination } from './project-destination.ts';

export interface ProjectionOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly settings: ViewSettings;
  readonly projection: ProjectionSettings;
  readonly caller: Caller;
  readonly recent: RecentDeliveries | undefined;
  readonly observer: StageObserver;
  readonly setAside: ReturnType<typeof createSetAside>;
}

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const PRIORITY = 5;

export async function runProjection(options: ProjectionOptions): Promise<Dispatcher[]> {
  const { world, log, settings, projection, caller, recent, observer, setAside } = options;
  const { namespace, layout, sources, deadLetterRetention } = settings;
  const { concurrency, retry, parking, timeoutMs } = projection;
  await log.ensureTopic(layout.projected, { partitions: layout.partitions, recordBytes: COPY_BYTES });
  const address = addressOf({ kind: 'View', namespace, name: settings.name });
  const started: Dispatcher[] = [];
  try {
    for (const topic of sources) {
      const group = layout.rekeyGroupOf(topic);
      const call = createCallDestination({
        world,
        caller,
        namespace,
        consumer: address,
        topic,
        endpoint: 'topics',
        batch: false,
        timeoutMs,
        maxAnswerBytes: MAX_ANSWER_BYTES,
        priority: PRIORITY,
        group,
      });
      const { projected, partitions } = layout;
      const project = createProjectDestination({ call, log, topic, projected, partitions });
      const dispatcher = await startDispatcher({
        world,
        log,
        settings: {
          group,
          topic,
          order: 'key',
          concurrency,
          retry,
          delay: 0,
          onExhausted: 'skip',
          parking,
          deadLetterRetention,
          from: 'earliest',
          priority: PRIORITY,
          paused: false,
          filter: record => isFor(record, address),
        },
        destination: withTimes(project, { recent, group, world }),
        observer: asDispatchObserver(observer),
        deadLettered({ partition, record, error, reason, attempts }) {
          return setAside(topic)(partition, record, new Error(error?.message ?? 'It was given up.'), {
            reason,
            attempts,
            failure: error,
          });
        },
      });
      started.push(dispatcher);
    }
    return started;
  } catch (error) {
    await Promise.all(started.map(each => each.close(0)));
    throw error;
  }
}

function asDispatchObserver(observer: StageObserver): DispatchObserver {
  return {
    ...silentObserver,
    jumped: (partition, from, to) => observer.jumped(partition, from, to),
    superseded: (partition, why) => observer.superseded(partition, why),
    trouble: (partition, error) => observer.trouble(partition, error),
    deadLettered: ({ partition, record, error }) =>
      observer.refused(partition, record, error?.message ?? 'It was given up.'),
  };
}
