// The endpoint that makes a back-up while the platform runs; its answer comes as JSON lines.
import { json, Router } from 'express';
import * as z from 'zod';
import type { PlatformView } from '../platform-view.ts';
import { answerLines } from './answer-lines.ts';
import { parseBody } from './body.ts';
import { only } from './problems.ts';

const wanted = z.strictObject({
  to: z.string().min(1).max(4096),
  bytesPerSecond: z.int().min(65_536).optional(),
});

export function backupRoutes({ backup }: PlatformView): Router {
  const router = Router({ caseSensitive: true });
  router
    .route('/backup')
    .post(json({ limit: '16kb', strict: true }), async (request, response) => {
      const asked = parseBody(wanted, request.body ?? {});
      await answerLines(response, signal => backup.make(asked, signal));
    })
    .all(only('POST'));
  return router;
}
