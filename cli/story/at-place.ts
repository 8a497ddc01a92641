// Finds the events at a place, such as `3-17`, whose topic was not said: lists of dead letters and
// of parked events name them so.
import type { EventStory, StoryQuery } from '../../admin/story-view.ts';
import type { FoundEvent } from '../../admin/topic-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { TopicName } from '../platform/event-client.ts';

export interface PlaceSearch {
  readonly place: string;
  /** Undefined: all. */
  readonly namespace: string | undefined;
  readonly links: StoryQuery;
  readonly signal: AbortSignal;
}

export interface EventAtPlace {
  readonly found: FoundEvent;
  /** Undefined for a job of a Queue. */
  readonly story?: EventStory;
  /** A consumer has given it up or parked it. */
  readonly isStuck: boolean;
}

type Client = Pick<AdminClient, 'topics' | 'consumers' | 'story' | 'deadLetter' | 'findEvents'>;

const PLACE = /^(\d{1,9})-(\d{1,16})$/;
const STUCK: ReadonlySet<string> = new Set(['dead', 'held', 'parked']);
const NONE: ReadonlySet<string> = new Set(['not-found', 'not-ready', 'unsupported']);

export function isPlace(text: string): boolean {
  return PLACE.test(text);
}

/** Of Topics, and of Queues those jobs that are dead letters. */
export async function findAtPlace(search: PlaceSearch, client: Client): Promise<readonly EventAtPlace[]> {
  const { namespace, signal } = search;
  const [topics, consumers] = await Promise.all([client.topics({ namespace }), client.consumers({ namespace })]);
  const found: EventAtPlace[] = [];
  for (const { namespace, name } of topics.items) {
    if (signal.aborted) return found;
    found.push(...(await unlessNone(() => inTopic({ namespace, name }, search, client))));
  }
  for (const { kind, namespace, name } of consumers.items) {
    if (signal.aborted) return found;
    if (kind === 'Queue') found.push(...(await unlessNone(() => inQueue({ namespace, name }, search, client))));
  }
  return found;
}

async function inTopic(
  { namespace, name }: TopicName,
  { place, links }: PlaceSearch,
  client: Pick<Client, 'story'>,
): Promise<readonly EventAtPlace[]> {
  const story = await client.story({ namespace, name }, place, links);
  const { partition, offset, appendedAt, key, id, type, source } = story.event;
  const found = {
    owner: { kind: 'Topic', namespace, name } as const,
    partition,
    offset,
    ...(appendedAt === undefined ? {} : { appendedAt }),
    key,
    ...(id === undefined ? {} : { id }),
    ...(type === undefined ? {} : { type }),
    ...(source === undefined ? {} : { source }),
    traces: [],
  };
  return [{ found, story, isStuck: story.consumers.some(({ fate }) => STUCK.has(fate)) }];
}

async function inQueue(
  { namespace, name }: TopicName,
  { place, signal }: PlaceSearch,
  client: Pick<Client, 'deadLetter' | 'findEvents'>,
): Promise<readonly EventAtPlace[]> {
  const { eventId: id } = await client.deadLetter({ kind: 'Queue', namespace, name }, place);
  if (id === undefined) return [];
  const { items } = await client.findEvents({ namespace, queue: name, id }, signal);
  const jobs = items.filter(({ partition, offset }) => `${partition}-${offset}` === place);
  return jobs.map(found => ({ found, isStuck: true }));
}

/** Most have no event there, or a topic that the log has not made yet. */
async function unlessNone<T>(read: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TenfoldError && NONE.has(error.code)) return [];
    throw error;
  }
}
