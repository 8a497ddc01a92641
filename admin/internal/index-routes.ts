// The endpoints that say which endpoints there are: an index, and the OpenAPI document.
import { rightsOf } from '../access/scope.ts';
import { callerOf } from '../guards/require-caller.ts';
import { adminOpenApi, needsOf, templateOf } from '../routing/openapi.ts';
import { type AdminRoute, route } from '../routing/route.ts';

export function indexRoutes(all: () => readonly AdminRoute[]): readonly AdminRoute[] {
  return [
    route({
      method: 'GET',
      path: '/',
      does: 'Lists the endpoints of the API, each with the right that it needs.',
      needs: 'view',
      where: 'anyone',
      answer: ({ view }) => ({
        version: view.version,
        openapi: '/api/openapi.json',
        items: all().map(each => ({
          method: each.method,
          path: `/api${templateOf(each.path)}`,
          query: each.query,
          does: each.does,
          needs: needsOf(each),
        })),
      }),
    }),
    route({
      method: 'GET',
      path: '/openapi.json',
      does: 'Shows the OpenAPI document of the API.',
      needs: 'view',
      where: 'anyone',
      answer: ({ view }) => adminOpenApi(all(), view.version),
    }),
    route({
      method: 'GET',
      path: '/caller',
      does: 'Says who calls, and what that caller may do in which namespaces.',
      needs: 'view',
      where: 'anyone',
      answer: ({ whole, response }) => rightsOf(callerOf(response), whole),
    }),
  ];
}
