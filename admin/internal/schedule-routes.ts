// The endpoints of schedules: when they run, what became of their runs, pausing, resuming, running
// now.
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import {
  type ScheduleAction,
  type ScheduleControl,
  type ScheduleName,
  scheduleActions,
  scheduledKinds,
} from '../commands/schedule-view.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import { readLimit } from './limit.ts';

const planBody = z.strictObject({ action: z.enum(scheduleActions) });
const actBody = z.strictObject({ token: z.string().min(1).max(100).optional() });
const one = '/schedules/:kind/:namespace/:name/:schedule';

export const scheduleRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/schedules',
    does: 'Lists schedules: when they run next, and what became of their newest run.',
    needs: 'view',
    where: 'query',
    query: ['namespace', 'kind', 'name', 'limit', 'after'],
    answer: ({ view, query: { namespace, kind, name, limit, after } }) =>
      view.events.schedules.list({
        ...(namespace === undefined ? {} : { namespace }),
        ...(kind === undefined ? {} : { kind: toKind(kind) }),
        ...(name === undefined ? {} : { name }),
        limit: readLimit(limit),
        ...(after === undefined ? {} : { after }),
      }),
  }),
  route({
    method: 'GET',
    path: one,
    does: 'Shows one of them with its last runs, and with what was left out.',
    needs: 'view',
    where: 'path',
    answer: ({ view, params }) => view.events.schedules.read(toName(params)),
  }),
  route({
    method: 'POST',
    path: `${one}/plan`,
    does: 'Plans to pause it, resume it or run it now, and changes nothing: says what it would do, and gives a token for that.',
    needs: 'operate',
    where: 'path',
    asks: true,
    body: { schema: planBody, limit: '1kb' },
    answer: ({ view, params, body }) => view.events.schedules.plan(toName(params), body.action),
  }),
  changeRoute('pause', 'Pauses it until it is resumed.'),
  changeRoute('resume', 'Resumes it; what was due meanwhile is not made up for.'),
  changeRoute('run', 'Begins a run now, also while it is paused.'),
];

/** With the token of a plan it is refused once the schedule stands otherwise. */
function changeRoute(action: ScheduleAction, does: string): AdminRoute {
  return route({
    method: 'POST',
    path: `${one}/${action}`,
    does,
    needs: 'operate',
    where: 'path',
    body: { schema: actBody, limit: '1kb' },
    answer: ({ view, params, body }) => change(view.events.schedules, action, toName(params), body.token),
  });
}

function change(schedules: ScheduleControl, action: ScheduleAction, name: ScheduleName, token: string | undefined) {
  return schedules[action](name, token);
}

function toName({ kind, ...name }: Record<'kind' | 'namespace' | 'name' | 'schedule', string>): ScheduleName {
  return { kind: toKind(kind), ...name };
}

function toKind(text: string): ScheduleName['kind'] {
  const kind = scheduledKinds.find(each => each === text);
  if (kind) return kind;
  throw new TenfoldError('bad-request', `Only ${scheduledKinds.join(', ')} have schedules, not ${text.slice(0, 40)}.`);
}
