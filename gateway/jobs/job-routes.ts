// A route that leads to a Queue or a FanOut has its jobs below it: `…/:job`, `…/:job/result` and so on, under the same conditions and authentication.

import { shapeKey, shapeOf } from '../../core/paths/path-shape.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Target } from '../exchange/target.ts';
import { createFanOutJobTarget } from '../fan-outs/fan-out-job-target.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import type { ApiRoute } from '../plan/route-site.ts';
import { routeJobEndpoint } from './job-links.ts';
import { createJobTarget } from './job-target.ts';

export interface JobRoute {
  readonly route: ApiRoute;
  readonly path: readonly (string | number)[];
  /** The base path differs where an Api is there under several versions. */
  targetAt(basePath: string): Target;
}

export function jobRoutes(api: Resource<'Api'>, route: ApiRoute, index: number, context: PlanContext): JobRoute[] {
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

type Method = 'GET' | 'DELETE' | 'POST';

/** Below a route that takes jobs: the job, its result, … */
const QUEUE_PLACES: readonly (readonly [suffix: string, methods: readonly Method[]])[] = [
  ['', ['GET', 'DELETE']],
  ['/result', ['GET']],
];
const FAN_OUT_PLACES: typeof QUEUE_PLACES = [
  ...QUEUE_PLACES,
  ['/results', ['GET']],
  ['/results/:item', ['GET']],
  ['/failed', ['GET']],
  ['/redrive', ['POST']],
];

function placesOf({ to }: ApiRoute): typeof QUEUE_PLACES {
  return [to].flat().some(({ fanOut }) => fanOut !== undefined) ? FAN_OUT_PLACES : QUEUE_PLACES;
}

/** A job and what there is of it, below a route that takes jobs. */
export function jobRoutesOf(api: Resource<'Api'>, route: ApiRoute): ApiRoute[] {
  const { path } = route.match;
  if (!takesJobs(route) || shapeOf(path).open) return [];
  // Settings for taking jobs in do not apply to questions about them.
  const { cache: _cache, retry: _retry, event: _event, circuitBreaker: _breaker, name: _name, ...kept } = route;
  const { schema: _schema, path: _path, ...request } = route.request;
  const base = (path === '/' ? '' : path) + (/:job(\/|$)/.test(path) ? '/:queuedJob' : '/:job');
  return placesOf(route)
    .map(
      ([suffix, method]): ApiRoute => ({
        ...kept,
        request,
        match: { ...route.match, path: base + suffix, method: [...method] },
      }),
    )
    .filter(job => isFree(api, job));
}

export function takesJobs({ to }: ApiRoute): boolean {
  return [to].flat().some(({ queue, fanOut }) => queue !== undefined || fanOut !== undefined);
}

/** A route that the Api declares itself in the same place comes first. */
function isFree(api: Resource<'Api'>, job: ApiRoute): boolean {
  const shape = shapeKey(shapeOf(job.match.path));
  return !api.spec.routes.some(({ match }) => {
    const methods = match.method === undefined ? undefined : [match.method].flat();
    const meets = methods === undefined || methods.some(method => [job.match.method].flat().includes(method));
    return meets && shapeKey(shapeOf(match.path)) === shape;
  });
}
