// The routes of jobs below a route that leads to a Queue or a FanOut: `…/:job`, `…/:job/result` and
// so on, under the same conditions and authentication.

import { shapeKey, shapeOf } from '../../core/paths/path-shape.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ApiRoute } from '../plan/route-site.ts';

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

export function placesOf({ to }: ApiRoute): typeof QUEUE_PLACES {
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
