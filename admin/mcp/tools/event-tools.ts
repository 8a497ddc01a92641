// The tools that find events, in topics, parked and given up, and the lines that Functions wrote.
import * as z from 'zod';
import { type Code, errorCodes, TenfoldError } from '../../../core/errors.ts';
import type { FunctionLines, ViewRows } from '../../asking/ask-view.ts';
import { AnsweredError, pathOf, queryOf } from '../api-calls.ts';
import { defineTool } from '../tool.ts';
import { after, FEW, limit, name, part, text } from './inputs.ts';

/** Shorter than the patience of a call, so that the query itself says what took long. */
const SQL_MS = 25_000;

const queryValue = z.string().max(4096);

const stuck = {
  kind: z.string().max(64).describe('Subscription, Queue, Strangler, FanOut, View or Pipeline').optional(),
  namespace: name.optional(),
  name: name.optional(),
  key: text.optional(),
  reason: z.string().max(64).optional(),
  text: z.string().max(1000).describe('A word of the cause').optional(),
  olderThan: z.string().max(32).describe('e.g. 7d').optional(),
  newerThan: z.string().max(32).optional(),
  limit,
  after,
  part,
};

export const eventTools = [
  defineTool({
    name: 'events',
    does: 'Shows events of a Topic from a place or time on. "from": earliest, latest, a time, or 3-17.',
    input: z.strictObject({
      namespace: name.default('default'),
      topic: name,
      from: z.string().max(64).optional(),
      filter: z.string().max(8000).describe('e.g. event.data.cups > 2').optional(),
      key: text.optional(),
      id: text.optional(),
      dataBytes: z.int().min(0).max(1_048_576).optional(),
      limit,
      after,
      part,
    }),
    async answer({ namespace, topic, part: _part, limit: most = FEW, ...query }, { api }, signal) {
      const where = `topics/${pathOf(namespace, topic)}/events`;
      const data = await api.call<object>('GET', where, queryOf({ ...query, limit: most }), undefined, signal);
      return { data, pages: 'after' };
    },
  }),
  defineTool({
    name: 'dead_letters',
    does: 'Lists events that were given up, or with "by": "cause" counts those of one consumer by cause, or with "consumer" all by consumer.',
    input: z.strictObject({
      by: z.enum(['event', 'cause', 'consumer']).default('event'),
      ...stuck,
      group: z.string().max(64).describe('Id of a cause').optional(),
      held: z.boolean().describe('Only letters that hold up their key').optional(),
    }),
    async answer({ by, part: _part, limit: most = FEW, after: from, ...query }, { api }, signal) {
      if (by === 'consumer') {
        const { namespace } = query;
        return {
          data: await api.call<object>('GET', 'dead-letters/owners', queryOf({ namespace }), undefined, signal),
        };
      }
      const where = by === 'cause' ? 'dead-letters/groups' : 'dead-letters';
      const paged = queryOf({ ...query, limit: most, ...(by === 'event' ? { after: from } : {}) });
      const data = await api.call<object>('GET', where, paged, undefined, signal);
      return by === 'event' ? { data, pages: 'after' } : { data };
    },
  }),
  defineTool({
    name: 'parked',
    does: 'Lists keys whose events wait for another attempt, each with the event at its head and its error.',
    input: z.strictObject(stuck),
    async answer({ part: _part, limit: most = FEW, ...query }, { api }, signal) {
      const data = await api.call<object>('GET', 'parked', queryOf({ ...query, limit: most }), undefined, signal);
      return { data, pages: 'after' };
    },
  }),
  defineTool({
    name: 'logs',
    does: 'Shows the newest lines that a Function wrote.',
    input: z.strictObject({
      namespace: name.default('default'),
      function: name,
      text: z.string().max(1000).describe('Only lines with it').optional(),
      limit,
      after,
      part,
    }),
    async answer({ namespace, function: called, text: wanted, after: from, limit: most = FEW }, { api }, signal) {
      const where = `functions/${pathOf(namespace, called)}/lines`;
      const query = queryOf({ text: wanted, after: from, limit: most });
      const data = await api.call<FunctionLines>('GET', where, query, undefined, signal);
      return { says: saidOf(data), data };
    },
  }),
  defineTool({
    name: 'query_view',
    does: 'Asks a View: {"key": "17"}, or an index and its value, or top.',
    input: z.strictObject({
      namespace: name.default('default'),
      name,
      query: z.record(z.string().max(64), z.union([queryValue, z.array(queryValue).max(32)])),
      part,
    }),
    async answer({ namespace, name: called, query }, { api }, signal) {
      const body = {
        query: Object.entries(query).flatMap(([name, values]) => [values].flat().map(value => [name, value])),
      };
      const where = `views/${pathOf(namespace, called)}/query`;
      const { answer } = await api.call<ViewRows>('POST', where, {}, body, signal);
      return { data: answer, pages: 'query' };
    },
  }),
  defineTool({
    name: 'sql',
    does: 'Asks archives, live windows and Views in SQL; "list" with sql_tables names the tables.',
    input: z.strictObject({
      namespace: name.default('default'),
      sql: z.string().min(1).max(100_000),
      since: z.string().max(10).describe('A day, e.g. 2026-11-01').optional(),
      until: z.string().max(10).optional(),
      rows: z.int().min(1).max(10_000).default(50),
      part,
    }),
    async answer({ part: _part, ...question }, { api }, signal) {
      return { data: await sqlAnswer(api.lines<SqlLine>('POST', 'sql', { ...question, timeoutMs: SQL_MS }, signal)) };
    },
  }),
];

function saidOf({ kept, earlier, isMore, dropped }: FunctionLines): string[] {
  if (!kept) return ['Its lines are not kept here: another process or a cluster runs it.'];
  const next = isMore ? 'There are more' : 'For those to come';
  return [
    ...(earlier > 0 ? [`${earlier} earlier lines are left out here: ask with a larger "limit", or with "text".`] : []),
    ...(dropped > 0 ? [`${dropped} lines are kept no longer.`] : []),
    `${next}: ask again with "after", and as its value "position" of these data.`,
  ];
}

interface SqlLine {
  readonly kind: string;
  readonly columns?: unknown;
  readonly rows?: readonly unknown[] | number;
  readonly code?: string;
  readonly message?: string;
  readonly truncated?: string;
}

function codeOf({ code = '' }: SqlLine): Code {
  return Object.hasOwn(errorCodes, code) ? (code as Code) : 'invalid-query';
}

async function sqlAnswer(lines: AsyncIterable<SqlLine>): Promise<object> {
  const rows: unknown[] = [];
  const notes: string[] = [];
  let columns: unknown;
  let end: SqlLine | undefined;
  for await (const line of lines) {
    if (line.kind === 'failed') throw new AnsweredError(codeOf(line), line.message ?? 'The query has failed.');
    if (line.kind === 'columns') columns = line.columns;
    if (line.kind === 'rows' && typeof line.rows === 'object') rows.push(...line.rows);
    if (line.kind === 'note' && line.message !== undefined) notes.push(line.message);
    if (line.kind === 'done') end = line;
  }
  if (end === undefined) throw new TenfoldError('bad-gateway', 'The answer broke off. Ask again.');
  const leftOut = end.truncated === undefined ? {} : { leftOut: 'There are more rows: ask with a greater "rows".' };
  return { columns, items: rows, notes, ...leftOut };
}
