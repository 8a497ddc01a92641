// Compiles an Api: each of its routes becomes a list of steps that holds
// only what the route declares.
import { foldsOf } from '../../resources/kinds/routes/path-options.ts';
import { placesBelow, withOtherEnds } from '../../resources/kinds/routes/places-below.ts';
import type { Resource } from '../../resources/resource.ts';
import { consumersOnly } from '../auth/consumers-only.ts';
import type { Step } from '../exchange/step.ts';
import type { Target } from '../exchange/target.ts';
import { compileCors } from '../http/cors.ts';
import type { Route } from '../plan/plan.ts';
import type { TargetSpec } from '../plan/plan-context.ts';
import type { RouteSite } from '../plan/route-site.ts';
import { compileCondition } from '../routing/condition.ts';
import { compileVersion } from '../routing/version.ts';
import { splitOf } from '../split/split-of.ts';
import { forward, mount, tunnelOr } from '../steps/forward.ts';
import { rewrite } from '../steps/rewrite.ts';
import { stick } from '../steps/stick.ts';
import { aspects } from './aspects.ts';
import { checkAuth } from './check-auth.ts';
import { checkHeaders } from './check-headers.ts';
import { checkWebhooks } from './check-webhooks.ts';
import { jobRoutes } from './job-routes.ts';
import { ownEndpoints } from './own-endpoints.ts';
import type { CompileContext, CompiledSite } from './plan-environment.ts';
import { guardedTarget, splitSite } from './route-policies.ts';
import { acceptingTarget } from './route-target.ts';
import { targetOfWebhook } from './webhook-aspect.ts';

export function compileApi(api: Resource<'Api'>, context: CompileContext): Route[] {
  const { namespace, name } = api.metadata;
  checkAuth(api, context);
  checkWebhooks(api, context);
  checkHeaders(api, context);
  const version = compileVersion(api.spec.version, api.spec.basePath === '/' ? '' : api.spec.basePath);
  const endpoints = ownEndpoints(api, context);
  const declared = api.spec.routes.flatMap((route, index) => [
    { route, path: ['spec', 'routes', index], targetAt: undefined },
    ...jobRoutes(api, route, index, context),
  ]);
  return [...declared, ...endpoints].flatMap(({ route, path, targetAt }) => {
    const methods = methodsOf(route.match.method);
    const condition = compileCondition(route.match, version.condition ? [version.condition] : []);
    const corsSpec = route.cors ?? api.spec.cors;
    const cors = corsSpec && compileCors(corsSpec);
    return version.basePaths.flatMap((basePath, index) => {
      const shape = [methods.join(',') || '*', route.match.path, ...(condition?.says ?? [])].join(' ');
      // The default version is also there without its name in the path, with
      // counts and caches of its own.
      const key = `Api/${namespace}/${name}/${shape}${index === 0 ? '' : ' unnamed'}`;
      const site = { context, api, route, path, key, basePath, methods, condition, versionHeader: version.vary, cors };
      return compileRoute(site, targetAt?.(basePath));
    });
  });
}

/**
 * `own`: the target of an endpoint that the Api itself opens, in place of what the route leads to.
 */
function compileRoute(site: CompiledSite, own: Target | undefined): Route[] {
  const { api, route, basePath, methods, condition, context } = site;
  const { namespace, name } = api.metadata;
  const targets = targetsOf(route).map(({ weight, ...spec }) => ({
    weight,
    spec,
    target: own ?? acceptingTarget(site, spec, context.endpoints) ?? context.target(namespace, spec),
  }));
  const upgrades = route.upgrade && new Set<string>(route.upgrade);
  if (targets.length === 0) return [];
  const guarded = forward(targetOfWebhook(site, guardedTarget(site, targets)));
  const last = upgrades ? tunnelOr(upgrades, splitOf(splitSite(site), targets), guarded) : guarded;
  const declared = aspects.map(aspect => aspect(site));
  const behindAuth = aspects.indexOf(consumersOnly) + 1;
  const before = [mount(basePath), ...declared.slice(0, behindAuth)].filter(isStep);
  const behind = [
    ...declared.slice(behindAuth),
    rewrite(route.request),
    targets.length > 1 ? stick(route.sticky?.by, site.key) : undefined,
    last,
  ].filter(isStep);
  const compiled: Omit<Route, 'host' | 'path'> = {
    kind: 'Api',
    namespace,
    name,
    label: route.name,
    methods,
    family: familyOf(site),
    owns: api.spec.fallThrough ? undefined : ownedBy(route.match),
    folds: foldsOf(api.spec.path),
    condition,
    target: targets.map(({ target }) => target.label).join(' or '),
    timeoutMs: Math.min(route.timeout, ...targets.map(({ spec }) => functionTimeout(namespace, spec, context))),
    logSample: api.spec.accessLog.sample,
    cors: site.cors,
    version: api.spec.version,
    upgrades,
    consumers: route.match.consumers && new Set(route.match.consumers),
    steps: [...before, ...behind],
    afterAuth: before.length,
  };
  const hosts = route.match.hosts ?? api.spec.hosts ?? [undefined];
  const named = placesBelow(basePath, route.match.path);
  const places = api.spec.path.trailingSlash === 'ignore' ? withOtherEnds(named) : named;
  return hosts.flatMap(host => places.map(place => ({ ...compiled, ...place, host })));
}

/** An Api by itself, or with its other versions on the same base path. */
function familyOf({ api, basePath }: RouteSite): string {
  const { namespace, name } = api.metadata;
  const { version } = api.spec;
  return version && version.by !== 'path' ? `versions of ${basePath}` : `Api/${namespace}/${name}`;
}

/**
 * Matches any request that has the headers, query parameters and cookies that the route asks for.
 */
function ownedBy(match: RouteSite['route']['match']): NonNullable<Route['owns']> {
  const condition = compileCondition(match);
  return condition ? condition.holds : () => true;
}

function isStep(step: Step | undefined): step is Step {
  return step !== undefined;
}

function methodsOf(method: string | readonly string[] | undefined): readonly string[] {
  if (method === undefined) return [];
  return typeof method === 'string' ? [method] : method;
}

function targetsOf({
  to,
  failover,
  healthCheck,
  connections: { reuse },
}: RouteSite['route']): readonly (TargetSpec & { readonly weight: number })[] {
  const all = Array.isArray(to) ? to : [{ ...to, weight: 1 }];
  const further = failover === undefined ? [] : [{ ...failover, weight: 1, failover: true }];
  return [...all, ...further].map(each => ({ ...each, healthCheck, reuse }));
}

function functionTimeout(namespace: string, target: TargetSpec, { resources }: CompileContext): number {
  if (target.function === undefined) return Number.POSITIVE_INFINITY;
  return resources.get('Function', namespace, target.function)?.spec.timeout ?? Number.POSITIVE_INFINITY;
}
