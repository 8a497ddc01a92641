// The endpoints of Views: how they do, and building one anew.
import { Router } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import type { PlatformView } from '../platform-view.ts';
import { only, onlyGet } from './problems.ts';
import { readQuery } from './query.ts';

export function viewRoutes(view: PlatformView): Router {
  const { events } = view;
  const router = Router({ caseSensitive: true });
  const find = async (namespace: string, name: string) => {
    const found = (await events.views()).find(each => each.namespace === namespace && each.name === name);
    if (found) return found;
    throw new TenfoldError('not-found', `There is no View "${name}" in namespace "${namespace}".`);
  };
  router
    .route('/views')
    .get(async (request, response) => {
      const { namespace, name } = readQuery(request.query, ['namespace', 'name']);
      const items = (await events.views()).filter(
        each => (namespace === undefined || each.namespace === namespace) && (name === undefined || each.name === name),
      );
      response.json({ items });
    })
    .all(onlyGet);
  router
    .route('/views/:namespace/:name')
    .get(async (request, response) => {
      readQuery(request.query, []);
      const { namespace, name } = request.params;
      response.json(await find(namespace, name));
    })
    .all(onlyGet);
  router
    .route('/views/:namespace/:name/rebuild')
    .post(async (request, response) => {
      readQuery(request.query, []);
      const { namespace, name } = request.params;
      const generation = await events.rebuildView(namespace, name);
      response.status(202).json({ generation });
    })
    .all(only('POST'));
  return router;
}
