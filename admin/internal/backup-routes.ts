// The endpoint that makes a back-up while the platform runs.
import { Router } from 'express';
import * as z from 'zod';
import type { PlatformView } from '../platform-view.ts';
import { addLines } from './answer-lines.ts';

const wanted = z.strictObject({
  to: z.string().min(1).max(4096),
  bytesPerSecond: z.int().min(65_536).optional(),
});

export function backupRoutes({ backup }: PlatformView): Router {
  const router = Router({ caseSensitive: true });
  addLines(router, {
    path: '/backup',
    limit: '16kb',
    body: wanted,
    lines: (asked, signal) => backup.make(asked, signal),
  });
  return router;
}
