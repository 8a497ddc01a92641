// A change to the product that breaks a promise: which text in which file becomes which.

import type { Focus, OtherSimulation } from '../runner/simulations.ts';

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
  /** Where what is drawn comes upon it too seldom: what to fix so that it matters. */
  readonly focus?: Focus;
  /** What runs the seeds, where that is not the simulation of dispatchers. */
  readonly simulation?: OtherSimulation;
}

export function one(name: string, why: string, file: string, find: string, replace: string, focus?: Focus): Mutation {
  return { name, why, edits: [{ file, find, replace }], ...(focus && { focus }) };
}
