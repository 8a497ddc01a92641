// The endpoint that finds events by id, key, trace or job in the Topics and Queues of a namespace.
import * as z from 'zod';
import { parseBody } from '../routing/body.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import type { FindQuery } from '../topic-view.ts';
import { time } from './filters/time-filter.ts';
import { readLimit } from './limit.ts';

const NAMES = ['id', 'key', 'trace', 'job'] as const;
const name = z.string().max(253).optional();
/** The limit is that of the head of a request. */
const text = z.string().optional();
const selection = z
  .strictObject({
    namespace: name,
    topic: name,
    queue: name,
    id: text,
    source: text,
    key: text,
    trace: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'This must be the id of a trace: 32 hex digits, in lower case.')
      .optional(),
    job: z.string().max(64).optional(),
    since: time,
    until: time,
    after: z.string().optional(),
  })
  .refine(query => NAMES.filter(each => query[each] !== undefined).length === 1, {
    message: 'Say exactly one of "id", "key", "trace" and "job".',
  })
  .refine(({ source, id }) => source === undefined || id !== undefined, { message: '"source" is for an "id".' })
  .refine(({ topic, queue }) => topic === undefined || queue === undefined, {
    message: 'Say either "topic" or "queue".',
  });

export const findRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/events',
    does: 'Finds events by id, key, trace or job in the Topics and Queues of a namespace.',
    needs: 'view',
    where: ({ query: { namespace = 'default' } }) => ({ namespace }),
    query: ['namespace', 'topic', 'queue', ...NAMES, 'source', 'since', 'until', 'limit', 'after'],
    answer({ view, query: { limit, ...rest }, signal }) {
      const { namespace = 'default', ...asked } = parseBody(selection, rest);
      const query: FindQuery = { namespace, ...asked, limit: readLimit(limit) };
      return view.events.finding.find(query, signal);
    },
  }),
];
