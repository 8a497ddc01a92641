// Compiles the resources that open the public listener to one plan, aside, so that a bad change
// never touches the one in force.
import { type Assignment, createLimits, type LimitOf } from '../../resources/ownership/assignments.ts';
import { claimsOf } from '../../resources/ownership/claims.ts';
import { PUBLIC, publicAlone } from '../../resources/ownership/listeners.ts';
import type { AnyResource, Finding } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { Target } from '../exchange/target.ts';
import { createInstruments, type Instruments } from '../plan/instruments.ts';
import type { Plan, Route } from '../plan/plan.ts';
import type { TargetSpec } from '../plan/plan-context.ts';
import type { PlanState } from '../plan/plan-state.ts';
import { onHostsOf } from '../routing/hosts-of-listener.ts';
import { createPlan } from '../routing/router.ts';
import type { Facade } from '../strangler/facade.ts';
import { compileApi } from './compile-api.ts';
import { compileStrangler } from './compile-strangler.ts';
import { createTarget } from './create-target.ts';
import { createEventTargets, type EventTargetOf } from './event-targets.ts';
import type { CompileContext, PlanEnvironment } from './plan-environment.ts';
import { findUnsupported } from './unsupported.ts';

export interface CompiledPlan {
  /** The plan of the public listener. */
  readonly plan: Plan;
  /**
   * The plan of each listener, by its name: it has the routes of the namespaces that the
   * listener serves, and no others.
   */
  readonly plans: ReadonlyMap<string, Plan>;
  /** The routes of all listeners, and the routes that no listener serves. */
  readonly routes: readonly Route[];
  /** With any error among them the plan must not be put in force. */
  readonly problems: readonly Finding[];
  /**
   * The target of a function, with the limits and the breaker that all callers share; undefined
   * when there is no such function.
   */
  functionTarget(namespace: string, name: string): Target | undefined;
  /**
   * The target of a Subscription's or Queue's events, with the policies that all callers share;
   * undefined when no such resource leads there.
   */
  deliveryTarget(namespace: string, spec: TargetSpec): Target | undefined;
  /**
   * The target behind the internal endpoint of a topic or a queue, or `below` it; undefined when
   * there is none.
   */
  eventTarget: EventTargetOf;
  readonly instruments: Instruments;
  /** The Stranglers as they run; to be begun when the plan comes into force. */
  readonly facades: readonly Facade[];
}

export function compilePlan(resources: ResourceSet, environment: PlanEnvironment, state: PlanState): CompiledPlan {
  const problems: Finding[] = resources.all.flatMap(findUnsupported);
  const instruments = createInstruments();
  if (problems.some(({ severity }) => severity === 'error')) {
    return {
      plan: createPlan([]),
      plans: new Map(),
      routes: [],
      problems,
      instruments,
      facades: [],
      functionTarget: none,
      deliveryTarget: none,
      eventTarget: none,
    };
  }
  const functions = new Map<string, Target>();
  const context: CompileContext = {
    ...environment,
    resources,
    state,
    instruments,
    target(namespace, spec) {
      // One target for all routes to a function, so its faults are reported once.
      const known = spec.function === undefined ? undefined : functions.get(`${namespace}/${spec.function}`);
      return known ?? createTarget(context, namespace, spec);
    },
    report: (severity, resource, path, message) => problems.push({ severity, resource, path, message }),
  };
  for (const { metadata } of resources.ofKind('Function')) {
    const { namespace, name } = metadata;
    functions.set(`${namespace}/${name}`, createTarget(context, namespace, { function: name }));
  }
  const deliveries = new Map<string, Target>();
  const led: { readonly metadata: { readonly namespace: string }; readonly to: TargetSpec | readonly TargetSpec[] }[] =
    [...resources.ofKind('Subscription'), ...resources.ofKind('Queue')].map(({ metadata, spec }) => ({
      metadata,
      to: spec.to,
    }));
  for (const { metadata, spec } of resources.ofKind('FanOut')) led.push({ metadata, to: spec.worker });
  for (const { metadata, spec } of resources.ofKind('Pipeline')) {
    led.push({ metadata, to: spec.to });
    for (const { branch } of spec.steps) for (const { to } of branch ?? []) led.push({ metadata, to });
  }
  for (const { metadata, spec } of resources.ofKind('Strangler')) {
    for (const { sync } of spec.features) if (sync) led.push({ metadata, to: sync.to });
  }
  for (const { metadata, to: targets } of led) {
    for (const to of [targets].flat()) {
      if (to.function === undefined && to.url === undefined && to.aggregate === undefined) continue;
      const key = deliveryKey(metadata.namespace, to);
      if (!deliveries.has(key)) deliveries.set(key, context.target(metadata.namespace, to));
    }
  }
  const stranglers = resources.ofKind('Strangler').map(strangler => compileStrangler(strangler, context));
  const routes: Route[] = [
    ...resources.ofKind('Api').flatMap(api => compileApi(api, context)),
    ...stranglers.flatMap(strangler => strangler.routes),
  ];
  const plans = compilePlans(routes, resources, environment);
  return {
    plan: plans.get(PUBLIC) ?? createPlan([]),
    plans,
    routes,
    problems,
    instruments,
    facades: stranglers.map(({ facade }) => facade),
    functionTarget: (namespace, name) => functions.get(`${namespace}/${name}`),
    deliveryTarget: (namespace, spec) => deliveries.get(deliveryKey(namespace, spec)),
    eventTarget: createEventTargets(context),
  };
}

function compilePlans(
  routes: readonly Route[],
  resources: ResourceSet,
  { listeners = publicAlone, assignments = [] }: PlanEnvironment,
): Map<string, Plan> {
  return new Map(
    listeners.all.map(listener => {
      const serves = ({ namespace }: { readonly namespace: string }) => listeners.of(namespace).includes(listener);
      const limits = limitsIn(
        resources.all.filter(({ metadata }) => serves(metadata)),
        assignments.filter(serves),
      );
      return [listener.name, onHostsOf(listener, createPlan(routes.filter(serves), limits))];
    }),
  );
}

function limitsIn(resources: readonly AnyResource[], assignments: readonly Assignment[]): LimitOf | undefined {
  if (assignments.length === 0) return undefined;
  const claims = resources.flatMap(resource => claimsOf({ resource, createdAt: 0 }));
  return createLimits(assignments, claims);
}

function deliveryKey(namespace: string, { function: name, url, aggregate }: TargetSpec): string {
  return JSON.stringify([namespace, name, url, aggregate]);
}

function none(): undefined {
  return undefined;
}
