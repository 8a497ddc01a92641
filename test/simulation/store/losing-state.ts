// A simulated store whose newest step is lost now and then, soon after it was made: whoever read
// what it held in between must not write by that.
import type { Change, Fence, FoldOutcome } from '../../../drivers/store/changes.ts';
import type { Simulation } from '../kernel/simulation.ts';
import { SimulatedState } from './simulated-state.ts';

/** Long enough for another process to read, and short enough for it to write only afterwards. */
const MOST_MS = 60;

export class LosingState extends SimulatedState {
  readonly #simulation: Simulation;
  /** Of fenced steps. */
  rate: number;

  constructor(simulation: Simulation, rate: number) {
    super();
    this.#simulation = simulation;
    this.rate = rate;
  }

  override apply(scope: string, changes: readonly Change[], fence: Fence | undefined): FoldOutcome {
    const { chance } = this.#simulation;
    if (fence === undefined || !chance.happens('a step is lost', this.rate)) return super.apply(scope, changes, fence);
    this.replicate();
    const outcome = super.apply(scope, changes, fence);
    this.#simulation.after(chance.int('lost after', 1, MOST_MS), 'a step is lost', () => this.failOver());
    return outcome;
  }
}
