// The endpoints of objects in the blob store: which are damaged, checking
// all of them, and repairing.
import { Router } from 'express';
import * as z from 'zod';
import type { PlatformView } from '../platform-view.ts';
import { addLines } from './answer-lines.ts';
import { onlyGet } from './problems.ts';
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
  addLines(router, {
    path: '/objects/check',
    limit: '1kb',
    body: nothing,
    lines: (_asked, signal) => objects.check(signal),
  });
  addLines(router, {
    path: '/objects/repair',
    limit: '1kb',
    body: repair,
    lines: (asked, signal) => objects.repair(asked, signal),
  });
  return router;
}
