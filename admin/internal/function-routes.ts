// The endpoints of one Function: the lines that it wrote, and calling it.
import { type AdminRoute, route } from '../routing/route.ts';
import { readLimit } from './limit.ts';
import { writtenRequest } from './written-request.ts';

export const functionRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/functions/:namespace/:name/lines',
    does: 'Shows the newest lines that it wrote, as far as this process hosts it and keeps them.',
    needs: 'view',
    where: 'path',
    query: ['text', 'after', 'limit'],
    answer: ({ view, params: { namespace, name }, query: { text, after, limit } }) =>
      view.asks.lines({ namespace, name, text, after, limit: readLimit(limit) }),
  }),
  route({
    method: 'POST',
    path: '/functions/:namespace/:name/invoke',
    does: 'Calls it by a request, and shows its answer.',
    needs: 'operate',
    where: 'path',
    body: { schema: writtenRequest, limit: '4mb' },
    answer: ({ view, params: { namespace, name }, body, signal }) =>
      view.asks.invoke({ namespace, name, ...body }, signal),
  }),
];
