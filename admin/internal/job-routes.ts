// The endpoints of jobs: finding them, looking at one, cancelling it.
import { Router } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import { parseDuration } from '../../core/units/duration.ts';
import { type JobSummary, jobStates } from '../job-view.ts';
import type { PlatformView } from '../platform-view.ts';
import { readLimit } from './limit.ts';
import { onlyGet } from './problems.ts';
import { readQuery } from './query.ts';

export function jobRoutes(view: PlatformView): Router {
  const { events } = view;
  const router = Router({ caseSensitive: true });
  router
    .route('/jobs')
    .get(async (request, response) => {
      const { namespace, queue, state, limit, after } = readQuery(request.query, [
        'namespace',
        'queue',
        'state',
        'limit',
        'after',
      ]);
      response.json(
        await events.jobs({
          ...(namespace === undefined ? {} : { namespace }),
          ...(queue === undefined ? {} : { queue }),
          ...(state === undefined ? {} : { state: toState(state) }),
          limit: readLimit(limit),
          ...(after === undefined ? {} : { after }),
        }),
      );
    })
    .all(onlyGet);
  router
    .route('/jobs/:namespace/:queue/:id')
    .get(async (request, response) => {
      const { wait } = readQuery(request.query, ['wait']);
      const { namespace, queue, id } = request.params;
      const gone = new AbortController();
      response.on('close', () => gone.abort(new Error('The caller has left.')));
      response.json(await events.job(namespace, queue, id, toWait(wait), gone.signal));
    })
    .delete(async (request, response) => {
      const { namespace, queue, id } = request.params;
      response.json(await events.cancelJob(namespace, queue, id));
    })
    .all((_request, response) => {
      response.setHeader('allow', 'GET, HEAD, DELETE');
      throw new TenfoldError('method-not-allowed', 'A job is read with GET, and cancelled with DELETE.');
    });
  return router;
}

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
