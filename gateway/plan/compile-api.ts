// Compiles an Api: each of its routes becomes a list of steps that holds only what the route declares.
import { MAX_PUBLIC_TIMEOUT_MS } from '../../core/wire.ts';
import type { Resource } from '../../resources/resource.ts';
import { forward } from '../steps/forward.ts';
import { aspects, targetPolicies } from './aspects.ts';
import type { Route, Step } from './plan.ts';
import type { PlanContext, TargetSpec } from './plan-context.ts';
import type { RouteSite } from './route-site.ts';

export function compileApi(api: Resource<'Api'>, context: PlanContext): Route[] {
  const { namespace, name } = api.metadata;
  const basePath = api.spec.basePath === '/' ? '' : api.spec.basePath;
  return api.spec.routes.flatMap((route, index) => {
    const methods = methodsOf(route.match.method);
    const key = `Api/${namespace}/${name}/${methods.join(',')} ${route.match.path}`;
    return compileRoute({ context, api, route, path: ['spec', 'routes', index], key, basePath }, methods);
  });
}

function compileRoute(site: RouteSite, methods: readonly string[]): Route[] {
  const { api, route, basePath, context } = site;
  const { namespace, name } = api.metadata;
  const [to] = Array.isArray(route.to) ? route.to : [route.to];
  if (to === undefined) return [];
  let target = context.target(namespace, to);
  for (const policy of targetPolicies) target = policy(site, target);
  const steps: Step[] = aspects.flatMap(aspect => aspect(site) ?? []);
  const compiled = {
    kind: 'Api',
    namespace,
    name,
    methods,
    path: basePath + route.match.path,
    basePath,
    target: target.label,
    timeoutMs: Math.min(route.timeout, MAX_PUBLIC_TIMEOUT_MS, functionTimeout(namespace, to, context)),
    steps: [...steps, forward(target, basePath)],
  } as const;
  const hosts = route.match.hosts ?? api.spec.hosts ?? [undefined];
  return hosts.map(host => ({ ...compiled, host }));
}

function methodsOf(method: string | readonly string[] | undefined): readonly string[] {
  if (method === undefined) return [];
  return typeof method === 'string' ? [method] : method;
}

function functionTimeout(namespace: string, target: TargetSpec, { resources }: PlanContext): number {
  if (target.function === undefined) return MAX_PUBLIC_TIMEOUT_MS;
  return resources.get('Function', namespace, target.function)?.spec.timeout ?? MAX_PUBLIC_TIMEOUT_MS;
}
