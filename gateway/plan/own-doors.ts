// Doors that an Api opens besides its routes: GraphQL, and the document that describes it all. Each is a route with a target of its own.
import { route as routeSchema } from '../../resources/kinds/shared/route.ts';
import type { Resource } from '../../resources/resource.ts';
import { createGraphqlTarget, MAX_QUERY_BYTES } from '../graphql/graphql-target.ts';
import { createOpenApiTarget } from '../openapi/openapi-target.ts';
import type { Target } from '../target/target.ts';
import type { PlanProblem } from './plan.ts';
import type { PlanContext } from './plan-context.ts';
import type { ApiRoute } from './route-site.ts';

export interface OwnDoor {
  readonly route: ApiRoute;
  readonly target: Target;
  readonly path: PlanProblem['path'];
}

export function ownDoors(api: Resource<'Api'>, context: PlanContext): OwnDoor[] {
  const { graphql, openapi } = api.spec;
  const doors: OwnDoor[] = [];
  const target = graphql && createGraphqlTarget(api, graphql, context);
  if (graphql && target) {
    const route = toRoute('graphql', graphql.path, ['GET', 'POST'], { request: { maxBody: MAX_QUERY_BYTES } });
    doors.push({ route, target, path: ['spec', 'graphql'] });
  }
  if (openapi) {
    const route = toRoute('openapi', openapi.path, ['GET'], openapi.public ? { auth: { required: false } } : {});
    doors.push({ route, target: createOpenApiTarget(api), path: ['spec', 'openapi'] });
  }
  return doors;
}

/** With the defaults of every route; what it leads to is not asked for, as the door has its target. */
function toRoute(name: string, path: string, method: readonly string[], more: object): ApiRoute {
  return routeSchema().parse({ name, match: { path, method }, to: { url: 'http://own.invalid' }, ...more });
}
