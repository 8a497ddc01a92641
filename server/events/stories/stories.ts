// Tells the story of an event: its fate at each consumer of its Topic. All of it comes from the log
// and from stored positions, so it is the same after a crash, and whichever worker delivers.
import type { EventStory, StoryControl, StoryRepeat } from '../../../admin/story-view.ts';
import { topicLimits } from '../../../admin/topic-view.ts';
import { addresseeOf } from '../../../core/cloudevents/addressee.ts';
import { tracesOfRecord } from '../../../core/cloudevents/record-names.ts';
import { repeatedBy } from '../../../core/cloudevents/repeats.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { FairPlaces } from '../../../core/fair-places.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { logTopicOf } from '../../../worker/plan/compile.ts';
import { createMasking } from '../masking/masking.ts';
import { eventAt, recordAt } from '../record-at.ts';
import { toTopicEvent } from '../topics/topic-event.ts';
import { eventNameAt } from './made-of.ts';
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
  const masking = createMasking(resources);
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
        const { partition, record } = await eventAt(reads.log, topic, id);
        const told: Told = { topic, partition, record, signal: asked };
        const traces = tracesOfRecord(record);
        const repeats = await repeatOf(record, namespace, resources(), reads.log);
        return {
          event: toTopicEvent(record, partition, topicLimits.dataBytes, masking.ofTopic(namespace, name)),
          ...(traces.length === 0 ? {} : { traces }),
          ...(repeats === undefined ? {} : { repeats }),
          ...(await tellOf(told, namespace, query, { ...options, ...reads })),
        };
      } finally {
        // The turn is over: the others read no further after one part has failed.
        own.abort(new Error('The story has ended.'));
        end();
      }
    },
  };
}

/** The place is told only where that event is still there: anybody may write such attributes. */
async function repeatOf(
  record: LogRecord,
  namespace: string,
  resources: ResourceSet,
  log: Pick<EventLog, 'read'>,
): Promise<StoryRepeat | undefined> {
  const said = repeatedBy(record);
  if (said === undefined) return undefined;
  const only = addresseeOf(record);
  const known = { eventId: said.id, source: said.source, ...(only === undefined ? {} : { only }) };
  const { id, source, at } = said;
  const resource = at && resources.get('Topic', namespace, at.topic);
  const found = resource && (await recordAt(log, logTopicOf(resource), at.partition, at.offset));
  const name = found && eventNameAt(found, at.partition, at.topic);
  if (at === undefined || name?.id !== id || name.source !== source) return known;
  return { ...known, at: { topic: at.topic, place: `${at.partition}-${at.offset}` } };
}
