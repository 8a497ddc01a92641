// The plan that the newest valid resources compiled to, in all planes: built aside, swapped in as a
// whole.
import { TenfoldError } from '../core/errors.ts';
import type { FunctionHost } from '../drivers/function-host/function-host.ts';
import { type CompiledPlan, compilePlan } from '../gateway/compile/compile.ts';
import type { PlanEnvironment } from '../gateway/compile/plan-environment.ts';
import { createInstruments, type PurgeSelector } from '../gateway/plan/instruments.ts';
import type { Plan } from '../gateway/plan/plan.ts';
import type { PlanStateStore } from '../gateway/plan/plan-state.ts';
import type { Acceptor } from '../resources/catalog/catalog.ts';
import { PUBLIC } from '../resources/ownership/listeners.ts';
import type { ResourceSet } from '../resources/resource-set.ts';
import type { EventPlan } from '../worker/plan/event-plan.ts';
import type { Definitions } from './functions/function-definitions.ts';
import { toResourceProblems } from './resource-problems.ts';

export interface PlanInForce extends Omit<CompiledPlan, 'plan' | 'plans' | 'problems'> {
  readonly accept: Acceptor;
  /** Undefined as long as no resources were ever valid. */
  readonly resources: ResourceSet | undefined;
  readonly plan: Plan | undefined;
  /** The plan of a listener; without a name, of the public one. Throws `not-ready` as long as there is none. */
  need(listener?: string): Plan;
  /** Purges answers that are kept; says how many. */
  forget(query: PurgeSelector): number;
}

export interface PlanInForceOptions {
  readonly environment: PlanEnvironment;
  readonly functions: FunctionHost;
  /** The functions that the host is to run. */
  define(candidate: ResourceSet): Definitions;
  readonly state: PlanStateStore;
  readonly events: {
    compile(candidate: ResourceSet): EventPlan;
    apply(plan: EventPlan): void;
  };
}

export function createPlanInForce(options: PlanInForceOptions): PlanInForce {
  const { environment, functions, define, state, events } = options;
  let compiled: Omit<CompiledPlan, 'plan' | 'problems'> = {
    plans: new Map(),
    routes: [],
    instruments: createInstruments(),
    facades: [],
    functionTarget: () => undefined,
    deliveryTarget: () => undefined,
    eventTarget: () => undefined,
  };
  let plan: Plan | undefined;
  let resources: ResourceSet | undefined;
  return {
    accept(candidate) {
      const next = state.begin();
      const gateway = compilePlan(candidate, environment, next);
      const { definitions, problems } = define(candidate);
      const plane = events.compile(candidate);
      return {
        problems: toResourceProblems([...gateway.problems, ...problems, ...plane.findings]),
        commit() {
          functions.apply(definitions);
          compiled = gateway;
          plan = gateway.plan;
          next.commit();
          for (const facade of gateway.facades) facade.begin();
          resources = candidate;
          events.apply(plane);
        },
      };
    },
    get resources() {
      return resources;
    },
    get plan() {
      return plan;
    },
    need(listener = PUBLIC) {
      const found = compiled.plans.get(listener);
      if (found) return found;
      throw new TenfoldError('not-ready', 'No valid resources have been loaded yet.', { retryAfterSeconds: 1 });
    },
    forget: query => compiled.instruments.cacheStore?.purge(query) ?? 0,
    get routes() {
      return compiled.routes;
    },
    get instruments() {
      return compiled.instruments;
    },
    get facades() {
      return compiled.facades;
    },
    functionTarget: (namespace, name) => compiled.functionTarget(namespace, name),
    deliveryTarget: (namespace, spec) => compiled.deliveryTarget(namespace, spec),
    eventTarget: (...place) => compiled.eventTarget(...place),
  };
}
