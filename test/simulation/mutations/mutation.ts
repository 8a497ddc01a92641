// A change to the product that breaks a promise: which text in which file becomes which.

import type { OtherSimulation } from '../runner/simulations.ts';
import type { PartialPlan } from '../scenario/make-plan.ts';

export interface Edit {
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutation {
  readonly name: string;
  readonly why: string;
  readonly edits: readonly Edit[];
  /** Where the drawn plans come upon it too seldom: a plan in which it matters. */
  readonly focus?: PartialPlan;
  /** What runs the seeds, where that is not the simulation of dispatchers. */
  readonly simulation?: OtherSimulation;
}

export function one(
  name: string,
  why: string,
  file: string,
  find: string,
  replace: string,
  focus?: PartialPlan,
): Mutation {
  return { name, why, edits: [{ file, find, replace }], ...(focus && { focus }) };
}
