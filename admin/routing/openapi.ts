// The OpenAPI document of the admin API, made of the declarations of its routes.
import * as z from 'zod';
import type { OpenApiDocument } from '../../gateway/openapi/document.ts';
import { PROBLEM_RESPONSES, PROBLEM_SCHEMA, problemReference } from '../../gateway/openapi/problems.ts';
import type { AdminRoute } from './route.ts';

export function adminOpenApi(routes: readonly AdminRoute[], version: string): OpenApiDocument {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = templateOf(route.path);
    const item = paths[path] ?? {};
    paths[path] = item;
    item[route.method.toLowerCase()] = toOperation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tenfold admin API',
      version,
      description: 'What runs, how it does, and what is done about it. Each operation names the right that it needs.',
    },
    servers: [{ url: '/api' }],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: { Problem: PROBLEM_SCHEMA },
      responses: PROBLEM_RESPONSES,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The admin token, or a token that has a role.' },
      },
    },
  };
}

/** `/jobs/:namespace/:id` as `/jobs/{namespace}/{id}`. */
export function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

/** Says for people which right a caller needs: `view in the namespace of the path`. */
export function needsOf({ verb, where }: Pick<AdminRoute, 'verb' | 'where'>): string {
  if (where === 'anyone') return 'valid credentials';
  return `${verb ?? 'operate or administer'} ${PLACES[where]}`;
}

const PLACES: Readonly<Record<Exclude<AdminRoute['where'], 'anyone'>, string>> = {
  path: 'in the namespace of the path',
  query: 'in the namespace of the query, or for each that is listed',
  each: 'in each namespace that is listed',
  platform: 'in all namespaces',
  request: 'in the namespace that the request names',
};

function toOperation(route: AdminRoute): object {
  const { method, path, does, query, body, status, lines, events } = route;
  const type = events ? 'text/event-stream' : lines ? 'application/x-ndjson' : 'application/json';
  const parameters = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true })),
    ...query.map(name => ({ name, in: 'query', required: false })),
  ].map(parameter => ({ ...parameter, schema: { type: 'string' } }));
  const code = status ?? 200;
  return {
    operationId: idOf(route),
    summary: does,
    description: `Needs ${route.where === 'anyone' ? '' : 'the right to '}${needsOf(route)}.`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: z.toJSONSchema(body.schema, { io: 'input', unrepresentable: 'any' }) },
        },
      },
    }),
    responses: {
      [code]: { description: code === 204 ? 'Done.' : 'The answer.', ...(code !== 204 && { content: { [type]: {} } }) },
      ...(method === 'DELETE' && { 204: { description: 'Done; there is nothing to tell.' } }),
      400: problemReference('InvalidInput'),
      401: problemReference('Unauthenticated'),
      403: problemReference('Forbidden'),
      503: problemReference('Unavailable'),
      default: {
        description: 'Another problem, such as that nothing has the name.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

/** Unique: `get_jobs_namespace_id`. */
function idOf({ method, path }: AdminRoute): string {
  return [method.toLowerCase(), ...path.split(/\W+/).filter(part => part !== '')].join('_');
}
