// Compiles the resources that open the public door to one plan, aside, so that a bad change never touches the one in force.
import { MAX_PUBLIC_TIMEOUT_MS } from '../../core/wire.ts';
import type { FunctionHost } from '../../drivers/function-host/function-host.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { forward } from '../steps/forward.ts';
import { limitBody } from '../steps/limit-body.ts';
import { createFunctionTarget } from '../target/function-target.ts';
import type { Target } from '../target/target.ts';
import { createUrlTarget } from '../target/url-target.ts';
import type { Transport } from '../transport/transport.ts';
import type { Plan, PlanProblem, Route } from './plan.ts';
import { createPlan } from './router.ts';
import { findUnsupported } from './unsupported.ts';

export interface PlanContext {
  readonly host: FunctionHost;
  readonly transport: Transport;
}

type ApiRoute = Resource<'Api'>['spec']['routes'][number];
type TargetSpec = Exclude<ApiRoute['to'], readonly unknown[]>;

export interface CompiledPlan {
  readonly plan: Plan;
  /** With any error among them the plan must not be put in force. */
  readonly problems: readonly PlanProblem[];
}

export function compilePlan(resources: ResourceSet, context: PlanContext): CompiledPlan {
  const problems: PlanProblem[] = [];
  const routes: Route[] = [];
  for (const resource of resources.all) problems.push(...findUnsupported(resource));
  if (problems.some(problem => problem.severity === 'error')) return { plan: createPlan([]), problems };
  for (const api of resources.ofKind('Api')) {
    for (const route of api.spec.routes) routes.push(...compileRoute(api, route, resources, context));
  }
  return { plan: createPlan(routes), problems };
}

function compileRoute(api: Resource<'Api'>, route: ApiRoute, resources: ResourceSet, context: PlanContext): Route[] {
  const { namespace, name } = api.metadata;
  const basePath = api.spec.basePath === '/' ? '' : api.spec.basePath;
  const [to] = Array.isArray(route.to) ? route.to : [route.to];
  if (to === undefined) return [];
  const target = compileTarget(namespace, to, context);
  const { method } = route.match;
  const compiled = {
    kind: 'Api',
    namespace,
    name,
    methods: method === undefined ? [] : typeof method === 'string' ? [method] : method,
    path: basePath + route.match.path,
    basePath,
    target: target.label,
    timeoutMs: Math.min(route.timeout, MAX_PUBLIC_TIMEOUT_MS, functionTimeout(namespace, to, resources)),
    steps: [limitBody(route.request.maxBody), forward(target, basePath)],
  } as const;
  const hosts = route.match.hosts ?? api.spec.hosts ?? [undefined];
  return hosts.map(host => ({ ...compiled, host }));
}

function compileTarget(namespace: string, target: TargetSpec, { host, transport }: PlanContext): Target {
  if (target.function !== undefined) return createFunctionTarget(host, transport, namespace, target.function);
  return createUrlTarget(transport, target.url ?? '');
}

function functionTimeout(namespace: string, target: TargetSpec, resources: ResourceSet): number {
  if (target.function === undefined) return MAX_PUBLIC_TIMEOUT_MS;
  return resources.get('Function', namespace, target.function)?.spec.timeout ?? MAX_PUBLIC_TIMEOUT_MS;
}
