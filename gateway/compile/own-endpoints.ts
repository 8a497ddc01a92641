// Endpoints that an Api opens besides its routes: GraphQL, and the document that describes it all.
// Each is a route with a target of its own.
import { route as routeSchema } from '../../resources/kinds/routes/route.ts';
import type { Finding, Resource } from '../../resources/resource.ts';
import type { Target } from '../exchange/target.ts';
import { createGraphqlTarget, MAX_QUERY_BYTES } from '../graphql/graphql-target.ts';
import { createOpenApiTarget } from '../openapi/openapi-target.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import type { ApiRoute } from '../plan/route-site.ts';

export interface OwnEndpoint {
  readonly route: ApiRoute;
  targetAt(): Target;
  readonly path: Finding['path'];
}

export function ownEndpoints(api: Resource<'Api'>, context: PlanContext): OwnEndpoint[] {
  const { graphql, openapi } = api.spec;
  const endpoints: OwnEndpoint[] = [];
  const target =
    graphql && isFree(api, ['spec', 'graphql'], graphql.path, ['GET', 'POST'], context)
      ? createGraphqlTarget(api, graphql, context)
      : undefined;
  if (graphql && target) {
    const route = toRoute('graphql', graphql.path, ['GET', 'POST'], { request: { maxBody: MAX_QUERY_BYTES } });
    endpoints.push({ route, targetAt: () => target, path: ['spec', 'graphql'] });
  }
  if (openapi && isFree(api, ['spec', 'openapi'], openapi.path, ['GET'], context)) {
    const route = toRoute('openapi', openapi.path, ['GET'], openapi.public ? { auth: { required: false } } : {});
    const document = createOpenApiTarget(api);
    endpoints.push({ route, targetAt: () => document, path: ['spec', 'openapi'] });
  }
  return endpoints;
}

/** Whether no declared route takes the place; one that does is reported. */
function isFree(
  api: Resource<'Api'>,
  path: readonly string[],
  place: string,
  methods: readonly string[],
  context: PlanContext,
): boolean {
  const taken = [
    ...api.spec.routes.map(({ match }) => ({
      path: match.path || '/',
      methods: match.method && [match.method].flat(),
    })),
    // The document is compiled after the GraphQL endpoint, so that the endpoint has the place.
    ...(path.includes('openapi') && api.spec.graphql ? [{ path: api.spec.graphql.path, methods: ['GET'] }] : []),
  ].some(other => other.path === place && (other.methods?.some(method => methods.includes(method)) ?? true));
  if (taken)
    context.report(
      'error',
      api,
      [...path, 'path'],
      `There is something else at ${place} already. Choose another path.`,
    );
  return !taken;
}

/**
 * With the defaults of every route; what it leads to is not asked for, as
 * the endpoint has its target.
 */
function toRoute(name: string, path: string, method: readonly string[], more: object): ApiRoute {
  return routeSchema().parse({ name, match: { path, method }, to: { url: 'http://own.invalid' }, ...more });
}
