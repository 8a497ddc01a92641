// `tenfold story`: an event, where it stands, and what became of it at each consumer of its topic.

import type { StoryQuery } from '../../admin/story-view.ts';
import type { FoundEvent } from '../../admin/topic-view.ts';
import { counted } from '../../core/units/counted.ts';
import { toTimestamp } from '../../core/world.ts';
import { CommandError } from '../command-error.ts';
import { parseMoment } from '../events/parse-moment.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderData } from '../output/render.ts';
import { oneLine, renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { TopicName } from '../platform/event-client.ts';
import type { Terminal } from '../terminal.ts';
import { findTopic } from '../topics/find-topic.ts';
import { type EventAtPlace, findAtPlace, isPlace } from './at-place.ts';
import { choiceColumns, commandFor, noneWords, short } from './choice.ts';
import { describeStory, type ToldEvent } from './describe-story.ts';
import { findEvents } from './find-event.ts';
import { followStory } from './follow-story.ts';

export interface StoryRequest {
  /** An id, a key, a trace, the id of a job, or a place, such as `3-17`. */
  readonly event: string;
  /** Undefined: all. */
  readonly namespace: string | undefined;
  /** Undefined: all Topics and Queues of the namespace. */
  readonly topic: string | undefined;
  /** Times, or how long ago. */
  readonly from: string | undefined;
  readonly until: string | undefined;
  /** The times at which searches for what the event led to and came from go on. */
  readonly links?: StoryQuery;
  readonly format: 'table' | 'json' | 'yaml';
  /** Set to tell what becomes of one story; `connect` again after the platform was away. */
  readonly follow?: { connect(): Promise<Pick<AdminClient, 'changes'>> } | undefined;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

type Client = Pick<AdminClient, 'findEvents' | 'story' | 'jobStory' | 'topics' | 'consumers' | 'deadLetter'>;

/** The stories of so many events are told at most, as data; one is told to people. */
const MOST = 20;

export async function tellStory(request: StoryRequest, client: Client, terminal: Terminal): Promise<void> {
  const { event: text, topic, links = {}, format, signal } = request;
  if (request.follow && format === 'yaml') throw new CommandError('usage', '-o yaml does not go with --follow.');
  const one = topic === undefined ? undefined : await findTopic({ ...request, name: topic }, client);
  if (one !== undefined && isPlace(text)) return show([await told(client, one, text, links)], request, terminal);
  const namespace = one?.namespace ?? request.namespace;
  const there = isPlace(text) ? await findAtPlace({ place: text, namespace, links, signal }, client) : [];
  // Lists of dead letters and parked events name them so; an id of an event may look the same.
  const stuck = there.filter(({ isStuck }) => isStuck);
  if (stuck.length > 0) return tellAtPlace(stuck, request, client, terminal);
  const [since, until] = [momentOf(request.from), momentOf(request.until)];
  const namespaces = namespace === undefined ? await namespacesOf(client) : [namespace];
  const search = { text, namespaces, topic, since, until, most: MOST, signal };
  const finds = await findEvents(search, client, terminal);
  const { found, stopped } = finds;
  if (stopped !== undefined) {
    terminal.exitCode = exitCodes.interrupted.code;
    const { done, total, owner } = stopped;
    terminal.say(`Stopped after ${done} of ${counted(total, 'event')} of ${owner.name}.`);
  } else if (found.length === 0) {
    if (there.length > 0) return tellAtPlace(there, request, client, terminal);
    throw new CommandError('no-event', noneWords({ ...request, namespace, text }, finds));
  }
  if (format !== 'table') {
    const items: ToldEvent[] = [];
    for (const each of found) items.push(await toldOf(client, each, links));
    await show(items, request, terminal);
    if (finds.isMore) terminal.say(moreWords);
    return;
  }
  const [first, second] = found;
  if (first === undefined) return;
  if (second === undefined) return show([await toldOf(client, first, links)], request, terminal);
  terminal.print(renderTable(choiceColumns(terminal.out, finds.by, found), found));
  if (finds.isMore) terminal.say(moreWords);
  terminal.say(`\nThese have the ${finds.by} "${short(text)}". Choose one, such as:\n  ${commandFor(first)}`);
  if (request.follow) throw onlyOne(found.length);
}

/** They have a Topic, a Queue or a FanOut. */
async function namespacesOf(client: Pick<AdminClient, 'topics' | 'consumers'>): Promise<readonly string[]> {
  const lists = await Promise.all([client.topics({}), client.consumers({})]);
  const names = new Set(lists.flatMap(({ items }) => items.map(({ namespace }) => namespace)));
  return names.size === 0 ? ['default'] : [...names].toSorted();
}

async function tellAtPlace(
  there: readonly EventAtPlace[],
  request: StoryRequest,
  client: Client,
  terminal: Terminal,
): Promise<void> {
  const { event: place, links = {}, format } = request;
  const [first, second] = there;
  if (first === undefined) return;
  if (second === undefined || format !== 'table') {
    const items: ToldEvent[] = [];
    for (const { found, story } of there)
      items.push(story === undefined ? await toldOf(client, found, links) : { topic: found.owner, ...story });
    return show(items, request, terminal);
  }
  const found = there.map(each => each.found);
  terminal.print(renderTable(choiceColumns(terminal.out, 'place', found), found));
  terminal.say(`\nThese stand at ${place}. Choose one, such as:\n  ${commandFor(first.found)}`);
  if (request.follow) throw onlyOne(found.length);
}

const moreWords = `There are more than these ${MOST}. Narrow them down with --topic, --from and --until.`;

async function told(client: Client, topic: TopicName, place: string, links: StoryQuery): Promise<ToldEvent> {
  return { topic, ...(await client.story(topic, place, links)) };
}

async function toldOf(client: Client, found: FoundEvent, links: StoryQuery): Promise<ToldEvent> {
  const { owner, job, partition, offset } = found;
  if (owner.kind === 'Topic') return told(client, owner, `${partition}-${offset}`, links);
  if (job !== undefined) return client.jobStory({ ...owner, kind: owner.kind }, job, links);
  // Not an endpoint, but some other program has put it into the log of the Queue.
  const { owner: _, traces: _2, ...event } = found;
  return { topic: owner, event: { ...event, bytes: 0 }, consumers: [], cameFrom: [], ledTo: [] };
}

async function show(
  items: readonly ToldEvent[],
  { format, follow, signal }: StoryRequest,
  terminal: Terminal,
): Promise<void> {
  const [story] = items;
  if (follow && story && format !== 'yaml') {
    if (items.length > 1) throw onlyOne(items.length);
    return followStory({ story, format, signal }, follow.connect, terminal);
  }
  const now = Date.now();
  if (format === 'table') terminal.print(items.map(item => describeStory(item, terminal.out, now)).join('\n\n'));
  else terminal.print(renderData({ items }, format));
}

function onlyOne(found: number): CommandError {
  return new CommandError('usage', `--follow takes one event, and ${found} were found.`, {
    hint: 'name one by its place and --topic.',
  });
}

function momentOf(text: string | undefined): string | undefined {
  if (text === undefined || text === 'earliest') return undefined;
  const time = parseMoment(text, Date.now());
  if (time !== undefined) return toTimestamp(time);
  throw new CommandError('usage', `"${oneLine(text)}" is no time.`, {
    hint: 'say a time such as 2026-11-24T08:00:00Z, or how long ago it was, such as 2h.',
  });
}
