// The endpoints of objects in the blob store: which are damaged, checking
// all of them, and repairing.
import * as z from 'zod';
import { answerLines } from '../routing/answer-lines.ts';
import { type AdminRoute, route } from '../routing/route.ts';

const nothing = z.strictObject({});
const repair = z.strictObject({ dryRun: z.boolean().default(false) });

export const objectRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/objects',
    does: 'Lists damaged and unknown objects, and what they belong to.',
    needs: 'view',
    where: 'platform',
    answer: ({ view }) => view.objects.report(),
  }),
  route({
    method: 'POST',
    path: '/objects/check',
    does: 'Reads all objects now.',
    // It reads as much as there is.
    needs: 'operate',
    where: 'platform',
    asks: true,
    body: { schema: nothing, limit: '1kb' },
    lines: true,
    answer: call => answerLines(call, call.view.objects.check(call.signal)),
  }),
  route({
    method: 'POST',
    path: '/objects/repair',
    does: 'Repairs those that are damaged; with `dryRun` it says what it would do.',
    needs: 'administer',
    where: 'platform',
    body: { schema: repair, limit: '1kb' },
    lines: true,
    answer: call => answerLines(call, call.view.objects.repair(call.body, call.signal)),
  }),
];
