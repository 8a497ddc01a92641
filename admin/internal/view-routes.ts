// The endpoints of Views: how they do, and building one anew.
import { TenfoldError } from '../../core/errors.ts';
import { type AdminRoute, route } from '../routing/route.ts';

export const viewRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/views',
    does: 'Lists Views: how far they are behind, and what was set aside.',
    needs: 'view',
    where: 'query',
    query: ['namespace', 'name'],
    answer: async ({ view, query: { namespace, name } }) => ({
      items: (await view.events.views()).filter(
        each => (namespace === undefined || each.namespace === namespace) && (name === undefined || each.name === name),
      ),
    }),
  }),
  route({
    method: 'GET',
    path: '/views/:namespace/:name',
    does: 'Shows one of them.',
    needs: 'view',
    where: 'path',
    async answer({ view, params: { namespace, name } }) {
      const found = (await view.events.views()).find(each => each.namespace === namespace && each.name === name);
      if (found) return found;
      throw new TenfoldError('not-found', `There is no View "${name}" in namespace "${namespace}".`);
    },
  }),
  route({
    method: 'POST',
    path: '/views/:namespace/:name/rebuild',
    does: 'Builds it anew while the old version serves.',
    needs: 'operate',
    where: 'path',
    status: 202,
    answer: async ({ view, params: { namespace, name } }) => ({
      generation: await view.events.rebuildView(namespace, name),
    }),
  }),
];
