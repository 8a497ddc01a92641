// The tool that finds an event by one of its names and tells what became of it.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import { parseJobId } from '../../../core/jobs/job-id.ts';
import type { List } from '../../api.ts';
import type { FoundEvent, FoundPage } from '../../topic-view.ts';
import { type ApiCalls, pathOf, queryOf } from '../api-calls.ts';
import { defineTool, type ToolAnswer } from '../tool.ts';
import { FEW, name, part, text } from './inputs.ts';

/** A search that reads on for longer stops, and says how to go on: its caller gives up at 30 s. */
const MOST_MS = 20_000;
const PLACE = /^\d{1,9}-\d{1,16}$/;
const TRACE = /^[0-9a-f]{32}$/;
const NONE: ReadonlySet<string> = new Set(['not-found', 'not-ready', 'unsupported']);

interface Wanted {
  readonly event: string;
  readonly namespace?: string | undefined;
  readonly topic?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly by?: By | undefined;
  /** The first namespace, where all of them are searched. */
  readonly from?: string | undefined;
  readonly after?: string | undefined;
}

type By = 'job' | 'trace' | 'id' | 'key';

interface Found {
  readonly items: readonly FoundEvent[];
  readonly isMore: boolean;
  /** Set where the search has stopped before its end: the input that goes on there. */
  readonly goOn?: Wanted;
}

export const storyTool = defineTool({
  name: 'story',
  does: 'Finds an event by its id, key, trace, job or place (3-17), and tells what became of it at each consumer. It lists them where several are found.',
  input: z.strictObject({
    event: text,
    namespace: name.optional(),
    topic: name.optional(),
    since: z.string().max(64).describe('RFC 3339').optional(),
    until: z.string().max(64).optional(),
    by: z.enum(['job', 'trace', 'id', 'key']).describe('To go on').optional(),
    from: name.describe('To go on: a namespace').optional(),
    after: z.string().max(4096).describe('To go on').optional(),
    part,
  }),
  async answer({ part: _part, ...wanted }, { api, now }, signal): Promise<ToolAnswer> {
    const isOver = clockOf(now);
    const isPlace = wanted.by === undefined && PLACE.test(wanted.event);
    const { places, left } = isPlace ? await atPlace(wanted, api, isOver, signal) : { places: [], left: 0 };
    const [first] = places;
    if (left > 0) {
      const says = `The search stopped after ${MOST_MS / 1000} s, with ${left} Topics still to be asked. Say which with "topic".`;
      return { says: [says], data: { items: places } };
    }
    if (places.length === 1) return { data: first };
    if (places.length > 1) {
      const says = [`${places.length} Topics have an event at ${wanted.event}. Choose one with "topic".`];
      return { says, data: { items: places } };
    }
    return tellFound(wanted, api, isOver, signal);
  },
});

function clockOf(now: () => number): () => boolean {
  const end = now() + MOST_MS;
  return () => now() >= end;
}

async function tellFound(
  wanted: Wanted,
  api: ApiCalls,
  isOver: () => boolean,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  const { items, isMore, goOn } = await find(wanted, api, isOver, signal);
  const [first] = items;
  if (goOn !== undefined) {
    const says = `The search stopped after ${MOST_MS / 1000} s, before its end: it searched by ${goOn.by}. Ask again with the members of "goOn" to go on there, or narrow it down with "topic", "since" and "until".`;
    return { says: [says], data: { items, goOn } };
  }
  if (first === undefined) {
    throw new TenfoldError(
      'not-found',
      `No event, job, trace or key is called "${wanted.event.slice(0, 100)}"${wanted.topic === undefined ? '' : ` in Topic "${wanted.topic}"`}. It may be older than what is kept.`,
    );
  }
  if (items.length > 1 || isMore) {
    const more = isMore ? ' There are more: narrow them down with "topic", "since" and "until".' : '';
    return {
      says: [`${items.length} events are found. Ask again with a place as "event", and its "topic".${more}`],
      data: { items },
    };
  }
  return { data: await storyOf(first, api, signal) };
}

async function find(wanted: Wanted, api: ApiCalls, isOver: () => boolean, signal: AbortSignal): Promise<Found> {
  const { event, namespace, topic, since, until, by: only } = wanted;
  const namespaces = namespace === undefined ? await namespacesOf(api, signal) : [namespace];
  const first: readonly By[] = parseJobId(event) ? ['job'] : TRACE.test(event) ? ['trace'] : [];
  const ways: readonly By[] = [...first, 'id', 'key'];
  let { after: next } = wanted;
  let rest: readonly string[] = namespaces.filter(each => each >= (wanted.from ?? ''));
  for (const by of only === undefined ? ways : ways.slice(Math.max(0, ways.indexOf(only)))) {
    const items: FoundEvent[] = [];
    for (const each of rest) {
      do {
        if (isOver()) return { items, isMore: true, goOn: { ...wanted, from: each, by, after: next } };
        const most = FEW + 1 - items.length;
        const query = queryOf({ namespace: each, topic, [by]: event, since, until, limit: most, after: next });
        const page: FoundPage = await api.call('GET', 'events', query, undefined, signal);
        items.push(...page.items);
        next = page.next;
      } while (next !== undefined && items.length <= FEW);
      if (items.length > FEW) break;
    }
    if (items.length > 0) return { items: items.slice(0, FEW), isMore: items.length > FEW };
    rest = namespaces;
  }
  return { items: [], isMore: false };
}

async function storyOf({ owner, job, partition, offset }: FoundEvent, api: ApiCalls, signal: AbortSignal) {
  const { namespace, name: of } = owner;
  const jobs = owner.kind === 'FanOut' ? 'fan-outs/jobs' : 'jobs';
  const where =
    owner.kind === 'Topic'
      ? `topics/${pathOf(namespace, of, 'events', `${partition}-${offset}`, 'story')}`
      : `${jobs}/${pathOf(namespace, of, job ?? '-', 'story')}`;
  return api.call<object>('GET', where, {}, undefined, signal);
}

/** The stories of all Topics that have an event there. */
async function atPlace(
  { event, namespace, topic }: Wanted,
  api: ApiCalls,
  isOver: () => boolean,
  signal: AbortSignal,
): Promise<{ places: readonly object[]; left: number }> {
  const listed = await api.call<List<Named>>('GET', 'topics', queryOf({ namespace }), undefined, signal);
  const topics = listed.items.filter(each => topic === undefined || each.name === topic);
  const found: object[] = [];
  for (const [at, each] of topics.entries()) {
    if (isOver()) return { places: found, left: topics.length - at };
    const where = `topics/${pathOf(each.namespace, each.name, 'events', event, 'story')}`;
    try {
      const story = await api.call<object>('GET', where, {}, undefined, signal);
      found.push({ topic: each.name, namespace: each.namespace, ...story });
    } catch (error) {
      if (!(error instanceof TenfoldError && NONE.has(error.code))) throw error;
    }
  }
  return { places: found, left: 0 };
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}

async function namespacesOf(api: ApiCalls, signal: AbortSignal): Promise<readonly string[]> {
  const lists = await Promise.all(
    ['topics', 'consumers'].map(where => api.call<List<Named>>('GET', where, {}, undefined, signal)),
  );
  return [...new Set(lists.flatMap(({ items }) => items.map(({ namespace }) => namespace)))].toSorted();
}
