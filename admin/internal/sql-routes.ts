// The endpoints of SQL: the tables, and queries. An answer comes as JSON lines, so that the caller
// sees the progress.
import * as z from 'zod';
import { answerLines } from '../routing/answer-lines.ts';
import { type AdminRoute, route } from '../routing/route.ts';

const DAY_WRONG = 'This must be a day, such as 2026-11-25.';
const day = z
  .string(DAY_WRONG)
  .regex(/^\d{4}-\d\d-\d\d$/, DAY_WRONG)
  .optional();
const question = z.strictObject({
  namespace: z.string().min(1).max(253),
  sql: z.string().min(1).max(100_000, 'A query has at most 100,000 characters.'),
  since: day,
  until: day,
  rows: z.int().min(1).max(1_000_000).optional(),
  leaveOut: z.boolean().optional(),
  partial: z.boolean().optional(),
  timeoutMs: z.int().min(100).max(600_000).optional(),
});

export const sqlRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/sql/tables',
    does: 'Lists tables for SQL: archives, live windows and Views, with their columns.',
    needs: 'view',
    where: 'query',
    query: ['namespace'],
    answer: async ({ view, query: { namespace } }) => ({ items: await view.sql.tables(namespace) }),
  }),
  route({
    method: 'POST',
    path: '/sql',
    does: 'Asks archives, live windows and Views in SQL.',
    needs: 'view',
    where: ({ body: { namespace } }) => ({ namespace }),
    asks: true,
    body: { schema: question, limit: '512kb' },
    lines: true,
    answer: call => answerLines(call, call.view.sql.ask(call.body, call.signal)),
  }),
];
