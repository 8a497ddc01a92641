// Describes an Api as an OpenAPI 3.1 document, made from its routes: the view of clients, without
// any targets.
import type { Resource } from '../../resources/resource.ts';
import { jobRoutesOf, takesJobs } from '../jobs/job-places.ts';
import type { ApiRoute } from '../plan/route-site.ts';
import { beginsFanOuts, FAN_OUT_JOB_SCHEMA, withFanOutAnswers } from './fan-out-operations.ts';
import { graphqlOperations } from './graphql-operations.ts';
import { JOB_SCHEMA, withJobAnswers } from './job-operations.ts';
import { type Operation, toOperation } from './operation.ts';
import { PROBLEM_RESPONSES, PROBLEM_SCHEMA } from './problems.ts';
import { securityOf, securitySchemes } from './security.ts';
import { asksViews, withViewAnswers } from './view-operations.ts';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly servers: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: object;
  readonly [member: string]: unknown;
}

/**
 * Methods that an OpenAPI 3.1 path can describe and that a client may use
 * on a route for any method.
 */
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];
const ANY = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'];

export function toOpenApi(api: Resource<'Api'>): OpenApiDocument {
  const { spec, metadata } = api;
  const paths: Record<string, Record<string, object>> = { ...operationsOf(api) };
  if (spec.graphql) paths[spec.graphql.path] = graphqlOperations(api);
  const schemes = securitySchemes(spec.auth);
  return {
    openapi: '3.1.0',
    info: {
      title: spec.openapi?.title ?? metadata.name,
      version: spec.version?.name ?? '1',
      ...(spec.openapi?.description === undefined ? {} : { description: spec.openapi.description }),
    },
    servers: serversOf(api),
    ...(schemes === undefined ? {} : { security: securityOf(spec.auth) }),
    paths,
    components: {
      schemas: {
        Problem: PROBLEM_SCHEMA,
        ...(spec.routes.some(route => takesJobs(route) && !beginsFanOuts(route)) ? { Job: JOB_SCHEMA } : {}),
        ...(spec.routes.some(beginsFanOuts) ? { FanOutJob: FAN_OUT_JOB_SCHEMA } : {}),
      },
      responses: PROBLEM_RESPONSES,
      ...(schemes === undefined ? {} : { securitySchemes: schemes }),
    },
  };
}

/** `/orders/:id/*` as `/orders/{id}/{rest}`. */
function toTemplate(path: string): string {
  return (path || '/').replace(/:([A-Za-z_][A-Za-z0-9_]*)/g, '{$1}').replace(/\*$/, '{rest}');
}

function serversOf({ spec }: Resource<'Api'>): object[] {
  const version = spec.version?.by === 'path' ? `/${spec.version.name}` : '';
  const path = version + (spec.basePath === '/' ? '' : spec.basePath);
  if (!spec.hosts) return [{ url: path === '' ? '/' : path }];
  return spec.hosts.map(host =>
    host.startsWith('*.')
      ? { url: `https://{host}${host.slice(1)}${path}`, variables: { host: { default: 'www' } } }
      : { url: `https://${host}${path}` },
  );
}

/** By path and method in lower case. */
function operationsOf(api: Resource<'Api'>): Record<string, Record<string, Operation>> {
  const ids = new Set<string>();
  const paths: Record<string, Record<string, Operation>> = {};
  const routes = api.spec.routes.flatMap(route => [route, ...jobRoutesOf(api, route)]);
  for (const route of routes) {
    const path = toTemplate(route.match.path);
    const item = paths[path] ?? {};
    paths[path] = item;
    const methods = route.match.method === undefined ? ANY : [route.match.method].flat();
    for (const method of methods.filter(each => METHODS.includes(each))) {
      const operation = answersOf(route)(toOperation(api, route, method), route, method);
      const before = item[method.toLowerCase()];
      item[method.toLowerCase()] = before ? merged(before, operation) : withUniqueId(operation, ids);
    }
  }
  return paths;
}

function answersOf(route: ApiRoute): typeof withJobAnswers {
  if (beginsFanOuts(route)) return withFanOutAnswers;
  return asksViews(route) ? withViewAnswers : withJobAnswers;
}

function withUniqueId(operation: Operation, ids: Set<string>): Operation {
  let id = operation.operationId;
  for (let copy = 2; ids.has(id); copy++) id = `${operation.operationId}${copy}`;
  ids.add(id);
  return { ...operation, operationId: id };
}

/**
 * Several routes share method and path when headers, query or cookies tell them apart. An operation
 * is one place, so the first route describes it, and the conditions of each route are optional.
 */
function merged(first: Operation, further: Operation): Operation {
  const optional = [...first.parameters, ...further.parameters].map(each =>
    each.in === 'path' ? each : { ...each, required: false, schema: { type: 'string' } },
  );
  const unique = new Map(optional.map(each => [`${each.in} ${each.name}`, each]));
  return {
    ...first,
    parameters: [...unique.values()],
    responses: { ...further.responses, ...first.responses },
  };
}
