// The endpoints of caches and other policies: their state, and purges of caches.
import { Router } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import type { PlatformView } from '../platform-view.ts';
import { onlyGet } from './problems.ts';
import { readQuery } from './query.ts';

const SELECTORS = ['namespace', 'api', 'route', 'path', 'prefix', 'tag'] as const;

export function policyRoutes(view: PlatformView): Router {
  const router = Router({ caseSensitive: true });
  router
    .route('/policies')
    .get((request, response) => {
      readQuery(request.query, []);
      response.json(view.policies.report());
    })
    .all(onlyGet);
  router
    .route('/cache')
    .get((request, response) => {
      readQuery(request.query, []);
      response.json(view.policies.cache());
    })
    .delete(async (request, response) => {
      const { all, ...selector } = readQuery(request.query, [...SELECTORS, 'all']);
      const given = Object.keys(selector).length > 0;
      if (!given && all !== 'true') {
        throw new TenfoldError(
          'bad-request',
          `Say what to forget: ${SELECTORS.join(', ')}; or all=true for everything.`,
        );
      }
      response.json({ purged: await view.policies.purge(selector) });
    })
    .all((_request, response) => {
      response.setHeader('allow', 'GET, HEAD, DELETE');
      throw new TenfoldError('method-not-allowed', 'The cache is read with GET, and emptied with DELETE.');
    });
  return router;
}
