// Compiles valid resources aside for all planes of this process, and puts them in force as a whole.
import type { FunctionHost } from '../drivers/function-host/function-host.ts';
import { compilePlan } from '../gateway/compile/compile.ts';
import type { PlanEnvironment } from '../gateway/compile/plan-environment.ts';
import type { PlanStateStore } from '../gateway/plan/plan-state.ts';
import type { Acceptor } from '../resources/catalog/catalog.ts';
import type { ResourceSet } from '../resources/resource-set.ts';
import type { EventPlan } from '../worker/plan/event-plan.ts';
import type { Definitions } from './functions/function-definitions.ts';
import type { PlanInForce } from './plan-in-force.ts';
import { toResourceProblems } from './resource-problems.ts';

export interface AcceptorOptions {
  readonly inForce: PlanInForce;
  readonly environment: PlanEnvironment;
  readonly functions: FunctionHost;
  /** The functions that the host is to run. */
  define(candidate: ResourceSet): Definitions;
  readonly planState: PlanStateStore;
  readonly events: {
    compile(candidate: ResourceSet): EventPlan;
    apply(plan: EventPlan): void;
  };
}

export function createAcceptor(options: AcceptorOptions): Acceptor {
  const { inForce, environment, functions, define, planState, events } = options;
  return candidate => {
    const next = planState.begin();
    const gateway = compilePlan(candidate, environment, next);
    const { definitions, problems } = define(candidate);
    const plane = events.compile(candidate);
    return {
      problems: toResourceProblems([...gateway.problems, ...problems, ...plane.findings]),
      commit() {
        functions.apply(definitions);
        inForce.replace(gateway, candidate);
        next.commit();
        for (const facade of gateway.facades) facade.begin();
        events.apply(plane);
      },
    };
  };
}
