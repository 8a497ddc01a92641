// The endpoint that makes a back-up while the platform runs.
import * as z from 'zod';
import { answerLines } from '../../routing/answer-lines.ts';
import { type AdminRoute, route } from '../../routing/route.ts';

const wanted = z.strictObject({
  to: z.string().min(1).max(4096),
  bytesPerSecond: z.int().min(65_536).optional(),
});

export const backupRoutes: readonly AdminRoute[] = [
  route({
    method: 'POST',
    path: '/backup',
    does: 'Makes a back-up in a folder of the machine that it runs on.',
    needs: 'administer',
    where: 'platform',
    body: { schema: wanted, limit: '16kb' },
    lines: true,
    answer: call => answerLines(call, call.view.backup.make(call.body, call.signal)),
  }),
];
