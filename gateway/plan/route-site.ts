// One route of an Api while it is compiled, and the aspects that each may add a step to it.
import type { Finding, Resource } from '../../resources/resource.ts';
import type { Condition } from '../exchange/route-facts.ts';
import type { Step } from '../exchange/step.ts';
import type { Cors } from '../http/cors.ts';
import type { PlanContext } from './plan-context.ts';

export type ApiRoute = Resource<'Api'>['spec']['routes'][number];

export interface RouteSite {
  readonly context: PlanContext;
  readonly api: Resource<'Api'>;
  readonly route: ApiRoute;
  /** Position of the route in its document: `['spec', 'routes', 2]`. */
  readonly path: Finding['path'];
  /**
   * Unique over all plans and stable from one to the next, for what must survive a change:
   * `Api/default/shop/GET /orders`.
   */
  readonly key: string;
  /** Without a trailing slash; empty for the root. */
  readonly basePath: string;
  /** Upper case; empty means any. */
  readonly methods: readonly string[];
  readonly condition: Condition | undefined;
  /** Header that says which version of the Api is meant. */
  readonly versionHeader: string | undefined;
  readonly cors: Cors | undefined;
}

/** Adds a step to routes that declare something, nothing to all others. */
export type Aspect = (site: RouteSite) => Step | undefined;
