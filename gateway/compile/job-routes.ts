// Gives each route that leads to a Queue or a FanOut the targets of the jobs below it.

import { shapeOf } from '../../core/paths/path-shape.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Target } from '../exchange/target.ts';
import { createFanOutJobTarget } from '../fan-outs/fan-out-job-target.ts';
import { routeJobEndpoint } from '../jobs/job-links.ts';
import { jobRoutesOf, placesOf } from '../jobs/job-places.ts';
import { createJobTarget } from '../jobs/job-target.ts';
import type { ApiRoute } from '../plan/route-site.ts';
import type { CompileContext } from './plan-environment.ts';

export interface JobRoute {
  readonly route: ApiRoute;
  readonly path: readonly (string | number)[];
  /** The base path differs where an Api is there under several versions. */
  targetAt(basePath: string): Target;
}

export function jobRoutes(api: Resource<'Api'>, route: ApiRoute, index: number, context: CompileContext): JobRoute[] {
  const { namespace, name } = api.metadata;
  const { endpoints } = context;
  const path = ['spec', 'routes', index];
  const queues = [route.to].flat().flatMap(({ queue }) => {
    const found = queue === undefined ? undefined : context.resources.get('Queue', namespace, queue);
    return found ? [found] : [];
  });
  const fanOuts = [route.to].flat().flatMap(({ fanOut }) => {
    const found = fanOut === undefined ? undefined : context.resources.get('FanOut', namespace, fanOut);
    return found ? [found] : [];
  });
  if ((queues.length === 0 && fanOuts.length === 0) || endpoints === undefined) return [];
  if (queues.length > 0 && fanOuts.length > 0) {
    const message =
      'The jobs of a route that leads to queues and to fan-outs are not found below it. Give each a route of its own.';
    context.report('warning', api, [...path, 'to'], message);
    return [];
  }
  if (shapeOf(route.match.path).open) {
    const message =
      'A route with "*" at its end takes jobs, but has no place for asking after them. Name the path in full, and each job is found below it.';
    context.report('warning', api, [...path, 'match', 'path'], message);
    return [];
  }
  const targetAt = (basePath: string) => {
    const endpoint = routeJobEndpoint(namespace, name, basePath);
    return fanOuts.length > 0
      ? createFanOutJobTarget({ world: context.world, endpoints, fanOuts, endpoint })
      : createJobTarget({ world: context.world, endpoints, queues, endpoint });
  };
  const routes = jobRoutesOf(api, route);
  if (routes.length < placesOf(route).length) {
    const message =
      'The jobs of this route are found below it, but another route of this Api is there, and nobody can ask after them. Choose another path for one of the two.';
    context.report('warning', api, [...path, 'match', 'path'], message);
  }
  return routes.map(job => ({ route: job, path, targetAt }));
}
