// The endpoints of Views: how they do, and building one anew.
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import { askLimits } from '../asking/ask-view.ts';
import { type AdminRoute, route } from '../routing/route.ts';

const queryBody = z.strictObject({
  query: z
    .array(z.tuple([z.string().min(1).max(64), z.string().max(askLimits.valueLength)]))
    .max(askLimits.parameters, `A View is asked with at most ${askLimits.parameters} parameters.`),
});

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
    path: '/views/:namespace/:name/query',
    does: 'Asks it for a row or a page of rows, as a route that leads to it does.',
    needs: 'view',
    where: 'path',
    asks: true,
    body: { schema: queryBody, limit: '512kb' },
    answer: ({ view, params: { namespace, name }, body: { query }, signal }) =>
      view.asks.view({ namespace, name, query }, signal),
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
