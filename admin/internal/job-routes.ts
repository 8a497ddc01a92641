// The endpoints of jobs: finding them, looking at one, cancelling it.
import { TenfoldError } from '../../core/errors.ts';
import { parseDuration } from '../../core/units/duration.ts';
import { type JobSummary, jobStates } from '../job-view.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import { readLimit } from './limit.ts';

const job = '/jobs/:namespace/:queue/:id';

/** The story of one job, whichever kind of resource has it. */
export const jobStory = {
  method: 'GET',
  does: 'Shows one of them, and what became of it.',
  needs: 'view',
  where: 'path',
  query: ['ledSince', 'fromBefore'],
} as const;

export const jobRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/jobs',
    does: 'Lists jobs of queues.',
    needs: 'view',
    where: 'query',
    query: ['namespace', 'queue', 'state', 'limit', 'after'],
    answer: ({ view, query: { namespace, queue, state, limit, after } }) =>
      view.events.jobs({
        ...(namespace === undefined ? {} : { namespace }),
        ...(queue === undefined ? {} : { queue }),
        ...(state === undefined ? {} : { state: toState(state) }),
        limit: readLimit(limit),
        ...(after === undefined ? {} : { after }),
      }),
  }),
  route({
    method: 'GET',
    path: job,
    does: 'Shows one of them; with `wait` as soon as it has ended.',
    needs: 'view',
    where: 'path',
    query: ['wait'],
    answer: ({ view, params: { namespace, queue, id }, query: { wait }, signal }) =>
      view.events.job(namespace, queue, id, toWait(wait), signal),
  }),
  route({
    ...jobStory,
    path: `${job}/story`,
    answer: ({ view, params: { namespace, queue: name, id }, query, signal }) =>
      view.events.stories.tellJob({ kind: 'Queue', namespace, name }, id, query, signal),
  }),
  route({
    method: 'DELETE',
    path: job,
    does: 'Cancels it.',
    needs: 'operate',
    where: 'path',
    answer: ({ view, params: { namespace, queue, id } }) => view.events.cancelJob(namespace, queue, id),
  }),
];

const LONGEST_WAIT_MS = 60_000;

function toWait(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= LONGEST_WAIT_MS) return ms;
  throw new TenfoldError('bad-request', '"wait" is a duration of at most 1m, such as 5s.');
}

function toState(text: string): JobSummary['state'] {
  const state = jobStates.find(each => each === text);
  if (state) return state;
  throw new TenfoldError('bad-request', `A job is ${jobStates.join(', ')}; not "${text.slice(0, 40)}".`);
}
