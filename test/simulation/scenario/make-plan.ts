// A plan by hand: everything at rest but what is said.
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import { NO_FUNCTION_FAULTS, NO_NUDGES, type Plan, WIDE } from './plan.ts';

export type PartialPlan = { readonly [K in keyof Plan]?: K extends 'seed' | 'happenings' ? Plan[K] : Partial<Plan[K]> };

export function makePlan({ seed = 1, limits, log, functions, nudges, happenings = [] }: PartialPlan): Plan {
  return {
    seed,
    limits: { ...WIDE, ...limits },
    log: { ...NO_LOG_FAULTS, ...log },
    functions: { ...NO_FUNCTION_FAULTS, ...functions },
    nudges: { ...NO_NUDGES, ...nudges },
    happenings,
  };
}
