// The endpoints of SQL: the tables, and queries. An answer comes as JSON lines, so that the caller
// sees the progress.
import { Router } from 'express';
import * as z from 'zod';
import type { PlatformView } from '../platform-view.ts';
import { addLines } from './answer-lines.ts';
import { onlyGet } from './problems.ts';
import { readQuery } from './query.ts';

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

export function sqlRoutes({ sql }: PlatformView): Router {
  const router = Router({ caseSensitive: true });
  router
    .route('/sql/tables')
    .get(async (request, response) => {
      const { namespace } = readQuery(request.query, ['namespace']);
      response.json({ items: await sql.tables(namespace) });
    })
    .all(onlyGet);
  addLines(router, {
    path: '/sql',
    limit: '512kb',
    body: question,
    lines: (asked, signal) => sql.ask(asked, signal),
  });
  return router;
}
