// The tools that list and show what there is.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import { pathOf, queryOf } from '../api-calls.ts';
import { defineTool } from '../tool.ts';
import { after, FEW, limit, name, part } from './inputs.ts';

/** The endpoint of each list, and the members of the input that it takes. */
const LISTS = {
  resources: ['resources', 'kind', 'namespace', 'name'],
  functions: ['functions', 'namespace', 'name'],
  problems: ['problems'],
  routes: ['routes'],
  topics: ['topics', 'namespace'],
  topic_catalogue: ['topics/catalogue', 'namespace', 'name', 'text', 'owner', 'lifecycle', 'limit', 'after'],
  consumers: ['consumers', 'kind', 'namespace', 'name'],
  pipelines: ['pipelines', 'namespace', 'name'],
  views: ['views', 'namespace', 'name'],
  stranglers: ['stranglers', 'namespace'],
  policies: ['policies'],
  cache: ['cache'],
  jobs: ['jobs', 'namespace', 'queue', 'state', 'limit', 'after'],
  fanouts: ['fan-outs'],
  fanout_jobs: ['fan-outs/jobs', 'namespace', 'fanOut', 'state', 'limit', 'after'],
  operations: ['operations', 'namespace', 'limit', 'after'],
  schedules: ['schedules', 'kind', 'namespace', 'name', 'limit', 'after'],
  sql_tables: ['sql/tables', 'namespace'],
  objects: ['objects'],
} as const satisfies Record<string, readonly string[]>;

const lists = Object.keys(LISTS) as (keyof typeof LISTS)[];

/** The endpoint of one of each, and the members of the input that make its path. */
const ONES = {
  resource: ['resources', 'kind', 'namespace', 'name'],
  function: ['functions', 'namespace', 'name'],
  consumer: ['consumers', 'kind', 'namespace', 'name'],
  view: ['views', 'namespace', 'name'],
  strangler: ['stranglers', 'namespace', 'name'],
  openapi: ['apis', 'namespace', 'name', '=openapi.json'],
  job: ['jobs', 'namespace', 'name', 'id'],
  fanout_job: ['fan-outs/jobs', 'namespace', 'name', 'id'],
  failed_items: ['fan-outs/jobs', 'namespace', 'name', 'id', '=failed'],
  operation: ['operations', 'namespace', 'id'],
  schedule: ['schedules', 'kind', 'namespace', 'name', 'id'],
  operation_items: ['operations', 'namespace', 'id', '=items'],
  dead_letter: ['dead-letters', 'kind', 'namespace', 'name', 'id'],
  parked_key: ['parked', 'kind', 'namespace', 'name', 'id'],
} as const satisfies Record<string, readonly string[]>;

const ones = Object.keys(ONES) as (keyof typeof ONES)[];
const PAGED: ReadonlySet<string> = new Set(['failed_items', 'operation_items', 'parked_key']);

export const listTools = [
  defineTool({
    name: 'list',
    does: 'Lists one sort of thing with its state. "name" is also that of the Queue or FanOut of jobs.',
    input: z.strictObject({
      what: z.enum(lists),
      kind: z.string().max(64).optional(),
      namespace: name.optional(),
      name: name.optional(),
      state: z.string().max(40).optional(),
      limit,
      after,
      part,
    }),
    async answer({ what, ...input }, { api }, signal) {
      const [where, ...members] = LISTS[what] as readonly [string, ...string[]];
      const given: Readonly<Record<string, string | number | undefined>> = {
        ...input,
        ...(members.includes('queue') ? { queue: input.name } : {}),
        ...(members.includes('fanOut') ? { fanOut: input.name } : {}),
        ...(members.includes('limit') ? { limit: input.limit ?? FEW } : {}),
      };
      for (const member of ['kind', 'namespace', 'name', 'state', 'after'] as const) {
        if (input[member] === undefined || members.includes(member) || isJobName(member, members)) continue;
        throw new TenfoldError('bad-request', `The list of ${what} takes no "${member}". Leave it out.`);
      }
      const query = queryOf(Object.fromEntries(members.map(member => [member, given[member]])));
      const listed = await api.call<object>('GET', where, query, undefined, signal);
      return members.includes('after') ? { data: listed, pages: 'after' } : { data: shorten(listed, input.limit) };
    },
  }),
  defineTool({
    name: 'get',
    does: 'Shows one thing whole. "name" is also that of the Queue or FanOut of a job; dead letters, parked keys and schedules need kind, name and id.',
    input: z.strictObject({
      what: z.enum(ones),
      kind: z.string().max(64).optional(),
      namespace: name.default('default'),
      name: name.optional(),
      id: name.optional(),
      limit,
      after,
      part,
    }),
    async answer({ what, limit: most, after: from, ...input }, { api }, signal) {
      const [where, ...members] = ONES[what] as readonly [string, ...string[]];
      const names = members.map(member => {
        if (member.startsWith('=')) return member.slice(1);
        const value = input[member as 'kind' | 'namespace' | 'name' | 'id'];
        if (value !== undefined) return value;
        throw new TenfoldError('bad-request', `To get ${what}, say its "${member}".`);
      });
      const isPaged = PAGED.has(what);
      const query = isPaged ? queryOf({ limit: most ?? FEW, after: from }) : {};
      const data = await api.call<object>('GET', `${where}/${pathOf(...names)}`, query, undefined, signal);
      return isPaged ? { data, pages: 'after' } : { data };
    },
  }),
];

function isJobName(member: string, members: readonly string[]): boolean {
  return member === 'name' && (members.includes('queue') || members.includes('fanOut'));
}

/** The endpoint answers with all of them: it has no pages. */
function shorten(listed: object, most: number | undefined): object {
  if (most === undefined || !('items' in listed) || !Array.isArray(listed.items)) return listed;
  const left = listed.items.length - most;
  if (left <= 0) return listed;
  return { ...listed, items: listed.items.slice(0, most), leftOut: `${left} more: ask with a greater "limit"` };
}
