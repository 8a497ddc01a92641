// The part of a View that calls a function: a dispatcher for each source, which keeps the order of keys, retries and parks as those of Subscriptions do.
import type { World } from '../../core/world.ts';
import { COPY_BYTES, type EventLog } from '../../drivers/event-log/event-log.ts';
import type { Resource } from '../../resources/resource.ts';
import { createCallDestination } from '../deliver/call-destination.ts';
import type { Caller } from '../deliver/caller.ts';
import { type Dispatcher, startDispatcher } from '../dispatch/dispatcher.ts';
import { type DispatchListener, silentListener } from '../dispatch/listener.ts';
import type { StageListener } from '../fold/stage.ts';
import { createProjectDestination } from './project-destination.ts';
import type { ViewSettings } from './run-view.ts';
import type { createSetAside } from './set-aside.ts';

/** What a View must know of the function that its events go through. */
export interface ProjectionSettings extends Pick<Resource<'View'>['spec'], 'concurrency' | 'retry' | 'parking'> {
  readonly function: string;
  readonly timeoutMs: number | undefined;
}

export interface ProjectionOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly settings: ViewSettings;
  readonly projection: ProjectionSettings;
  readonly caller: Caller;
  readonly listener: StageListener;
  readonly setAside: ReturnType<typeof createSetAside>;
}

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const PRIORITY = 5;

export async function runProjection(options: ProjectionOptions): Promise<Dispatcher[]> {
  const { world, log, settings, projection, caller, listener, setAside } = options;
  const { namespace, layout, sources, deadLetterRetention } = settings;
  const { concurrency, retry, parking, timeoutMs } = projection;
  await log.ensureTopic(layout.projected, { partitions: layout.partitions, recordBytes: COPY_BYTES });
  const started: Dispatcher[] = [];
  try {
    for (const topic of sources) {
      const call = createCallDestination({
        world,
        caller,
        namespace,
        topic,
        door: 'topics',
        batch: false,
        timeoutMs,
        maxAnswerBytes: MAX_ANSWER_BYTES,
        priority: PRIORITY,
        group: layout.rekeyGroupOf(topic),
      });
      const { projected, partitions } = layout;
      const dispatcher = await startDispatcher({
        world,
        log,
        settings: {
          group: layout.rekeyGroupOf(topic),
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
        },
        destination: createProjectDestination({ call, log, topic, projected, partitions }),
        listener: asDispatchListener(listener),
        buried({ partition, record, error, reason, attempts }) {
          return setAside(topic)(partition, record, new Error(error?.message ?? 'It was given up.'), {
            reason,
            attempts,
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

function asDispatchListener(listener: StageListener): DispatchListener {
  return {
    ...silentListener,
    jumped: (partition, from, to) => listener.jumped(partition, from, to),
    superseded: (partition, why) => listener.superseded(partition, why),
    trouble: (partition, error) => listener.trouble(partition, error),
    buried: ({ partition, record, error }) => listener.refused(partition, record, error?.message ?? 'It was given up.'),
  };
}
