// Compiles the resources that open the public door to one plan, aside, so that a bad change never touches the one in force.
import { MAX_PUBLIC_TIMEOUT_MS } from '../../core/wire.ts';
import type { FunctionHost } from '../../drivers/function-host/function-host.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { forwardedFields, sendTo, sendToFunction } from '../proxy/forward.ts';
import { limitBody } from '../proxy/limit-body.ts';
import type { Transport } from '../transport/transport.ts';
import type { Plan, PlanProblem, Route, Step } from './plan.ts';
import { createPlan } from './router.ts';
import { findUnsupported } from './unsupported.ts';

export interface PlanContext {
  readonly host: FunctionHost;
  readonly transport: Transport;
}

type ApiRoute = Resource<'Api'>['spec']['routes'][number];
type Target = Exclude<ApiRoute['to'], readonly unknown[]>;

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
  const [target] = Array.isArray(route.to) ? route.to : [route.to];
  if (target === undefined) return [];
  const { method } = route.match;
  const compiled = {
    kind: 'Api',
    namespace,
    name,
    methods: method === undefined ? [] : typeof method === 'string' ? [method] : method,
    path: basePath + route.match.path,
    basePath,
    target: describeTarget(target),
    timeoutMs: Math.min(route.timeout, MAX_PUBLIC_TIMEOUT_MS, functionTimeout(namespace, target, resources)),
    steps: [limitBody(route.request.maxBody), forwardTo(namespace, target, basePath, context)],
  } as const;
  const hosts = route.match.hosts ?? api.spec.hosts ?? [undefined];
  return hosts.map(host => ({ ...compiled, host }));
}

function forwardTo(namespace: string, target: Target, basePath: string, { host, transport }: PlanContext): Step {
  if (target.function !== undefined) {
    const callee = { namespace, name: target.function };
    return exchange => sendToFunction(exchange, host, transport, callee, basePath, forwardedFields(exchange, basePath));
  }
  const { origin, pathname } = new URL(target.url ?? '');
  const place = { origin, basePath: pathname.replace(/\/+$/, '') };
  return exchange => sendTo(exchange, transport, place, basePath, forwardedFields(exchange, basePath));
}

function functionTimeout(namespace: string, target: Target, resources: ResourceSet): number {
  if (target.function === undefined) return MAX_PUBLIC_TIMEOUT_MS;
  return resources.get('Function', namespace, target.function)?.spec.timeout ?? MAX_PUBLIC_TIMEOUT_MS;
}

function describeTarget(target: Target): string {
  return target.function === undefined ? `url ${new URL(target.url ?? '').host}` : `function ${target.function}`;
}
