// Which plan a seed runs: one that is asked for, or the one that it draws.
import { drawPlan } from '../scenario/draw-plan.ts';
import { makePlan, type PartialPlan } from '../scenario/make-plan.ts';
import type { Plan } from '../scenario/plan.ts';

export function planOf(seed: number, focus: PartialPlan | undefined): Plan {
  return focus ? makePlan({ ...focus, seed }) : drawPlan(seed);
}

/** How the command line is asked for it. */
export function optionOf(plan: Plan): string {
  const text = JSON.stringify(plan);
  return text === JSON.stringify(drawPlan(plan.seed)) ? `--seed ${plan.seed}` : `--plan '${text}'`;
}
