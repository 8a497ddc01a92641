// The endpoints of schedules: when they run, what became of their runs, pausing, resuming, running
// now.
import { TenfoldError } from '../../core/errors.ts';
import { type ScheduleControl, type ScheduleName, scheduledKinds } from '../commands/schedule-view.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import { readLimit } from './limit.ts';

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
  changeRoute('pause', 'Pauses it until it is resumed.'),
  changeRoute('resume', 'Resumes it; what was due meanwhile is not made up for.'),
  changeRoute('run', 'Begins a run now, also while it is paused.'),
];

function changeRoute(action: 'pause' | 'resume' | 'run', does: string): AdminRoute {
  return route({
    method: 'POST',
    path: `${one}/${action}`,
    does,
    needs: 'operate',
    where: 'path',
    answer: ({ view, params }) => change(view.events.schedules, action, toName(params)),
  });
}

function change(schedules: ScheduleControl, action: 'pause' | 'resume' | 'run', name: ScheduleName) {
  return schedules[action](name);
}

function toName({ kind, ...name }: Record<'kind' | 'namespace' | 'name' | 'schedule', string>): ScheduleName {
  return { kind: toKind(kind), ...name };
}

function toKind(text: string): ScheduleName['kind'] {
  const kind = scheduledKinds.find(each => each === text);
  if (kind) return kind;
  throw new TenfoldError('bad-request', `Only ${scheduledKinds.join(', ')} have schedules, not ${text.slice(0, 40)}.`);
}
