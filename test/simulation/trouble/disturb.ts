// The course of a run: something happens again and again for a while; then all heals, and
// everything must come to its end.
import type { Simulation } from '../kernel/simulation.ts';

export interface Disturbing {
  readonly simulation: Simulation;
  /** Nothing is disturbed after this time, in milliseconds. */
  readonly until: number;
  readonly firstAfter: number;
  /** Between one and the next: drawn between these two. */
  readonly every: readonly [number, number];
  /** `again` goes on as if the time had come; after false it is the only thing that does. */
  once(again: () => void): false | undefined;
}

export function disturb({ simulation, until, firstAfter, every: [least, most], once }: Disturbing): void {
  const again = () => {
    if (simulation.now > until) return;
    if (once(again) === false) return;
    simulation.after(simulation.chance.int('disturbing', least, most), 'disturb', again);
  };
  simulation.after(firstAfter, 'disturb', again);
}

export interface Settling {
  readonly deadline: number;
  /** Looked at after so many steps. */
  readonly every: number;
  isRight(): boolean;
}

/** Calls of the time of trouble that are still under way end within this. */
const LATE_CALLS_MS = 30_000;

/**
 * Whether all was right before the deadline. What comes late comes after that: it must
 * not change what is right.
 */
export function settle(simulation: Simulation, { deadline, every, isRight }: Settling): boolean {
  const right = simulation.run(deadline, () => simulation.steps % every === 0 && isRight());
  simulation.run(simulation.now + LATE_CALLS_MS);
  return right;
}
