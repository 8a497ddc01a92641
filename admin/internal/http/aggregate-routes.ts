// The endpoint of Aggregates: how long the parts of their recent requests took.
import { type AdminRoute, route } from '../../routing/route.ts';
import { readCount } from '../limit.ts';

const SHOWN = 20;

export const aggregateRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/aggregates/:namespace/:name/requests',
    does: 'Shows the newest and the slowest requests that this process has answered, with the times of their parts.',
    needs: 'view',
    where: 'path',
    query: ['limit'],
    answer: ({ view, params: { namespace, name }, query: { limit } }) =>
      view.aggregates.requests(namespace, name, readCount('limit', limit, SHOWN)),
  }),
];
