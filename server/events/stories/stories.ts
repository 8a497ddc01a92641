// Tells the story of an event: its fate at each consumer of its Topic. All of it comes from the log
// and from stored positions, so it is the same after a crash, and whichever worker delivers.
import type { EventStory, StoryControl } from '../../../admin/story-view.ts';
import { topicLimits } from '../../../admin/topic-view.ts';
import { tracesOfRecord } from '../../../core/cloudevents/record-names.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { FairPlaces } from '../../../core/fair-places.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import { logTopicOf } from '../../../worker/plan/compile.ts';
import { recordAt } from '../record-at.ts';
import { toTopicEvent } from '../topics/topic-event.ts';
import { type TellOptions, tellOf } from './tell-of.ts';
import type { Told } from './told.ts';
import { whileAsked } from './while-asked.ts';

export interface StoriesOptions extends TellOptions {
  readonly world: World;
}

const WAITING = 16;
const WAIT_MS = 8_000;

export function createStories(options: StoriesOptions): Pick<StoryControl, 'tell'> {
  const { world, resources } = options;
  // One at a time: each may hold the events of a whole partition.
  const turns = new FairPlaces({ world, places: 1, waiting: WAITING, waitMs: WAIT_MS, what: 'stories of events' });
  return {
    async tell(namespace, name, id, query, signal): Promise<EventStory> {
      const resource = resources().get('Topic', namespace, name);
      if (!resource) throw new TenfoldError('not-found', `There is no Topic "${name}" in namespace "${namespace}".`);
      const topic = logTopicOf(resource);
      const end = await turns.take(namespace, 1, signal);
      const own = new AbortController();
      const asked = AbortSignal.any([signal, own.signal]);
      try {
        const reads = whileAsked(options, asked);
        const { partition, record } = await readEvent(reads.log, topic, id);
        const told: Told = { topic, partition, record, signal: asked };
        const traces = tracesOfRecord(record);
        return {
          event: toTopicEvent(record, partition, topicLimits.dataBytes),
          ...(traces.length === 0 ? {} : { traces }),
          ...(await tellOf(told, namespace, query, { ...options, ...reads })),
        };
      } finally {
        // Where one part has failed, the others read no further: the turn is over.
        own.abort(new Error('The story has ended.'));
        end();
      }
    },
  };
}

async function readEvent(
  log: Pick<EventLog, 'read'>,
  topic: string,
  id: string,
): Promise<{ readonly partition: number; readonly record: LogRecord }> {
  const [, partition, offset] = /^(\d{1,9})-(\d{1,16})$/.exec(id) ?? [];
  if (partition === undefined || offset === undefined) {
    throw new TenfoldError('bad-request', 'An event is named by PARTITION-OFFSET, such as 3-17.');
  }
  const record = await recordAt(log, topic, Number(partition), Number(offset));
  if (record !== undefined) return { partition: Number(partition), record };
  throw new TenfoldError('not-found', `The topic has no event ${id}: it never had, or retention has deleted it.`);
}
