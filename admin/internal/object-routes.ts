// The endpoints of objects in the blob store: which are damaged, checking all of them, and repairing. Long answers come as JSON lines.
import { json, Router } from 'express';
import * as z from 'zod';
import type { PlatformView } from '../platform-view.ts';
import { answerLines } from './answer-lines.ts';
import { parseBody } from './body.ts';
import { only, onlyGet } from './problems.ts';
import { readQuery } from './query.ts';

const nothing = z.strictObject({});
const repair = z.strictObject({ dryRun: z.boolean().default(false) });

export function objectRoutes({ objects }: PlatformView): Router {
  const router = Router({ caseSensitive: true });
  router
    .route('/objects')
    .get(async (request, response) => {
      readQuery(request.query, []);
      response.json(await objects.report());
    })
    .all(onlyGet);
  router
    .route('/objects/check')
    .post(json({ limit: '1kb', strict: true }), async (request, response) => {
      parseBody(nothing, request.body ?? {});
      await answerLines(response, signal => objects.check(signal));
    })
    .all(only('POST'));
  router
    .route('/objects/repair')
    .post(json({ limit: '1kb', strict: true }), async (request, response) => {
      const wanted = parseBody(repair, request.body ?? {});
      await answerLines(response, signal => objects.repair(wanted, signal));
    })
    .all(only('POST'));
  return router;
}
