// The endpoints of SQL: what can be asked, and asking it. An answer comes as JSON lines, so that whoever waits sees how far it is.
import { json, Router } from 'express';
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import type { PlatformView } from '../platform-view.ts';
import type { SqlFailed, SqlQuestion } from '../sql-view.ts';
import { writeLine } from './answer-lines.ts';
import { parseBody } from './body.ts';
import { only, onlyGet } from './problems.ts';
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
  router
    .route('/sql')
    .post(json({ limit: '512kb', strict: true }), async (request, response) => {
      const wanted: SqlQuestion = parseBody(question, request.body ?? {});
      const gone = new AbortController();
      response.on('close', () => gone.abort(new Error('The caller has left.')));
      try {
        for await (const answer of sql.ask(wanted, gone.signal)) await writeLine(response, answer, gone.signal);
      } catch (error) {
        // Nobody waits any more.
        if (gone.signal.aborted) return;
        if (!response.headersSent || !(error instanceof TenfoldError)) throw error;
        await writeLine(response, toFailed(error), gone.signal);
      }
      response.end();
    })
    .all(only('POST'));
  return router;
}

function toFailed({ code, message, extensions }: TenfoldError): SqlFailed {
  const { line, column } = extensions;
  return {
    kind: 'failed',
    code,
    message,
    ...(typeof line === 'number' ? { line } : {}),
    ...(typeof column === 'number' ? { column } : {}),
  };
}
