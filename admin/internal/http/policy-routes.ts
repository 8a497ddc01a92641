// The endpoints of caches and other policies: their state, and purges of caches.
import { TenfoldError } from '../../../core/errors.ts';
import { type AdminRoute, route } from '../../routing/route.ts';

const SELECTORS = ['namespace', 'api', 'route', 'path', 'prefix', 'tag'] as const;

export const policyRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/policies',
    does: 'Shows the state of circuit breakers, limits and retries.',
    needs: 'view',
    where: 'each',
    answer: ({ view }) => view.policies.report(),
  }),
  route({
    method: 'GET',
    path: '/cache',
    does: 'Shows what the response cache stores, by route.',
    needs: 'view',
    where: 'each',
    answer: ({ view }) => view.policies.cache(),
  }),
  route({
    method: 'DELETE',
    path: '/cache',
    does: 'Deletes the answers that the selectors name; without a namespace those of all.',
    needs: 'operate',
    where: ({ query: { namespace } }) => (namespace === undefined ? 'platform' : { namespace }),
    query: [...SELECTORS, 'all'],
    async answer({ view, query: { all, ...selector } }) {
      const given = Object.keys(selector).length > 0;
      if (!given && all !== 'true') {
        throw new TenfoldError(
          'bad-request',
          `Say what to forget: ${SELECTORS.join(', ')}; or all=true for everything.`,
        );
      }
      return { purged: await view.policies.purge(selector) };
    },
  }),
];
