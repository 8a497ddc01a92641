// `tenfold story`: an event, where it stands, and what became of it at each consumer of its topic.

import type { EventStory, JobStory, StoryQuery, StoryRepeat } from '../../admin/story-view.ts';
import type { EventOwner, FoundEvent } from '../../admin/topic-view.ts';
import { counted } from '../../core/units/counted.ts';
import { toTimestamp } from '../../core/world.ts';
import { CommandError } from '../command-error.ts';
import { parseMoment } from '../events/parse-moment.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderData } from '../output/render.ts';
import { oneLine, renderTable } from '../output/table.ts';
import { wrap } from '../output/wrap.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { TopicName } from '../platform/event-client.ts';
import { ageOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { placeOf } from '../topics/event-columns.ts';
import { findTopic } from '../topics/find-topic.ts';
import { type EventAtPlace, findAtPlace, isPlace } from './at-place.ts';
import { choiceColumns, commandFor, noneWords, ofNamespace, short } from './choice.ts';
import { consumerTable, WIDTH } from './consumer-lines.ts';
import { describeJob } from './describe-job.ts';
import { findEvents } from './find-event.ts';
import { linkLines } from './link-lines.ts';

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
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

/** An event with the topic, or the Queue, that it was found in; or a job. */
type ToldEvent = (EventStory & { readonly topic: TopicName & { readonly kind?: EventOwner['kind'] } }) | JobStory;

type Client = Pick<AdminClient, 'findEvents' | 'story' | 'jobStory' | 'topics' | 'consumers' | 'deadLetter'>;

/** The stories of so many events are told at most, as data; one is told to people. */
const MOST = 20;

export async function tellStory(request: StoryRequest, client: Client, terminal: Terminal): Promise<void> {
  const { event: text, topic, links = {}, format, signal } = request;
  const one = topic === undefined ? undefined : await findTopic({ ...request, name: topic }, client);
  if (one !== undefined && isPlace(text)) return print([await told(client, one, text, links)], format, terminal);
  const namespace = one?.namespace ?? request.namespace;
  const there = isPlace(text) ? await findAtPlace({ place: text, namespace, links, signal }, client) : [];
  // Lists of dead letters and parked events name them so; an id of an event may look the same.
  const stuck = there.filter(({ isStuck }) => isStuck);
  if (stuck.length > 0) return tellAtPlace(text, stuck, { links, format }, client, terminal);
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
    if (there.length > 0) return tellAtPlace(text, there, { links, format }, client, terminal);
    throw new CommandError('no-event', noneWords({ ...request, namespace, text }, finds));
  }
  if (format !== 'table') {
    const items: ToldEvent[] = [];
    for (const each of found) items.push(await toldOf(client, each, links));
    terminal.print(renderData({ items }, format));
    if (finds.isMore) terminal.say(moreWords);
    return;
  }
  const [first, second] = found;
  if (first === undefined) return;
  if (second === undefined) return print([await toldOf(client, first, links)], format, terminal);
  terminal.print(renderTable(choiceColumns(terminal.out, finds.by, found), found));
  if (finds.isMore) terminal.say(moreWords);
  terminal.say(`\nThese have the ${finds.by} "${short(text)}". Choose one, such as:\n  ${commandFor(first)}`);
}

/** They have a Topic, a Queue or a FanOut. */
async function namespacesOf(client: Pick<AdminClient, 'topics' | 'consumers'>): Promise<readonly string[]> {
  const lists = await Promise.all([client.topics({}), client.consumers({})]);
  const names = new Set(lists.flatMap(({ items }) => items.map(({ namespace }) => namespace)));
  return names.size === 0 ? ['default'] : [...names].toSorted();
}

async function tellAtPlace(
  place: string,
  there: readonly EventAtPlace[],
  { links, format }: { readonly links: StoryQuery; readonly format: StoryRequest['format'] },
  client: Client,
  terminal: Terminal,
): Promise<void> {
  const [first, second] = there;
  if (first === undefined) return;
  if (second === undefined || format !== 'table') {
    const items: ToldEvent[] = [];
    for (const { found, story } of there)
      items.push(story === undefined ? await toldOf(client, found, links) : { topic: found.owner, ...story });
    return print(items, format, terminal);
  }
  const found = there.map(each => each.found);
  terminal.print(renderTable(choiceColumns(terminal.out, 'place', found), found));
  terminal.say(`\nThese stand at ${place}. Choose one, such as:\n  ${commandFor(first.found)}`);
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

function print(items: readonly ToldEvent[], format: StoryRequest['format'], terminal: Terminal): void {
  if (format === 'table') terminal.print(items.map(item => describe(item, terminal.out)).join('\n\n'));
  else terminal.print(renderData({ items }, format));
}

function momentOf(text: string | undefined): string | undefined {
  if (text === undefined || text === 'earliest') return undefined;
  const time = parseMoment(text, Date.now());
  if (time !== undefined) return toTimestamp(time);
  throw new CommandError('usage', `"${oneLine(text)}" is no time.`, {
    hint: 'say a time such as 2026-11-24T08:00:00Z, or how long ago it was, such as 2h.',
  });
}

function describe(story: ToldEvent, style: Style): string {
  return 'of' in story ? describeJob(story, style) : describeEvent(story, style);
}

function describeEvent(
  { topic, event, repeats, because, consumers, hidden = 0, traces = [], ...links }: Exclude<ToldEvent, JobStory>,
  style: Style,
): string {
  const now = Date.now();
  const { id, type, source, key, appendedAt } = event;
  const appended = appendedAt === undefined ? '-' : `${appendedAt}, ${ageOf(appendedAt, now)} ago`;
  const lines = [
    `${topic.kind === 'Queue' ? 'Queue ' : 'Topic '}     ${topic.name}${ofNamespace(topic)}, at ${placeOf(event)}`,
    `Appended   ${appended}`,
    `Type       ${type ?? '-'}`,
    `Source     ${source ?? '-'}`,
    `Key        ${key ?? '-'}`,
    ...(repeats === undefined ? [] : [`Repeats    ${repeatWords(repeats)}`]),
    ...(traces.length === 0 ? [] : [`Trace      ${traces.join(' ')}`]),
  ];
  const head = [style.bold(oneLine(id ?? '-')), ...lines.map(oneLine)].join('\n');
  if (topic.kind === 'Queue')
    return `${head}\n\nNo endpoint has made it a job: workers handle it, and nothing is kept of it.`;
  const others = hidden === 0 ? [] : [`Left out: ${counted(hidden, 'consumer')} in namespaces that you may not view.`];
  const none = hidden === 0 ? ['The topic has no consumers.'] : [];
  const fates = consumers.length === 0 ? none : [consumerTable(consumers, style, now)];
  const why = because === undefined ? [] : [wrap(oneLine(because), WIDTH).join('\n')];
  return [head, ...why, ...fates, ...others, ...linkLines(links, style)].join('\n\n');
}

/** The event that a person sent again as this one. */
function repeatWords({ eventId, at, only }: StoryRepeat): string {
  const alone = only === undefined ? '' : `; for ${only} alone`;
  const where = at === undefined ? 'which is there no more' : `at ${at.topic} ${at.place}`;
  return `${eventId}, ${where}${alone}`;
}
