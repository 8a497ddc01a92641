// The endpoints of jobs of FanOuts: finding them, looking at one and at what failed of
// it, cancelling, redriving.
import { Router } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import { fanOutStates } from '../fan-out-view.ts';
import type { PlatformView } from '../platform-view.ts';
import { readLimit } from './limit.ts';
import { only, onlyGet } from './problems.ts';
import { readQuery } from './query.ts';

export function fanOutRoutes(view: PlatformView): Router {
  const { fanOuts } = view.events;
  const router = Router({ caseSensitive: true });
  router
    .route('/fan-outs')
    .get(async (_request, response) => {
      response.json({ items: await fanOuts.reports() });
    })
    .all(onlyGet);
  router
    .route('/fan-outs/jobs')
    .get(async (request, response) => {
      const known = ['namespace', 'fanOut', 'state', 'limit', 'after'];
      const { namespace, fanOut, state, limit, after } = readQuery(request.query, known);
      response.json(
        await fanOuts.list({
          ...(namespace === undefined ? {} : { namespace }),
          ...(fanOut === undefined ? {} : { fanOut }),
          ...(state === undefined ? {} : { state: toState(state) }),
          limit: readLimit(limit),
          ...(after === undefined ? {} : { after }),
        }),
      );
    })
    .all(onlyGet);
  router
    .route('/fan-outs/jobs/:namespace/:fanOut/:id')
    .get(async (request, response) => {
      const { namespace, fanOut, id } = request.params;
      response.json(await fanOuts.read(namespace, fanOut, id));
    })
    .delete(async (request, response) => {
      const { namespace, fanOut, id } = request.params;
      response.json(await fanOuts.cancel(namespace, fanOut, id));
    })
    .all((_request, response) => {
      response.setHeader('allow', 'GET, HEAD, DELETE');
      throw new TenfoldError('method-not-allowed', 'A job is read with GET, and cancelled with DELETE.');
    });
  router
    .route('/fan-outs/jobs/:namespace/:fanOut/:id/failed')
    .get(async (request, response) => {
      const { namespace, fanOut, id } = request.params;
      const { limit, after } = readQuery(request.query, ['limit', 'after']);
      const page = { limit: readLimit(limit), ...(after === undefined ? {} : { after }) };
      response.json(await fanOuts.failed(namespace, fanOut, id, page));
    })
    .all(onlyGet);
  router
    .route('/fan-outs/jobs/:namespace/:fanOut/:id/redrive')
    .post(async (request, response) => {
      const { namespace, fanOut, id } = request.params;
      response.json(await fanOuts.redrive(namespace, fanOut, id));
    })
    .all(only('POST'));
  return router;
}

function toState(text: string) {
  const state = fanOutStates.find(each => each === text);
  if (state) return state;
  throw new TenfoldError('bad-request', `A job is ${fanOutStates.join(', ')}; not "${text.slice(0, 40)}".`);
}
