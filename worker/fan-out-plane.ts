// Runs the state of the FanOuts of the plan in force: unchanged ones go on, changed ones start
// anew.
import type { World } from '../core/world.ts';
import { type RunFanOutOptions, type RunningFanOut, runFanOut } from './fan-outs/run-fan-out.ts';
import type { FanOutPlan } from './plan/compile-fan-outs.ts';
import { type RunningPlan, RunningPlans } from './plan/run-plans.ts';

export interface FanOutPlaneOptions {
  readonly world: World;
  optionsFor(plan: FanOutPlan): RunFanOutOptions;
  problem(message: string, error: unknown): void;
}

export type FanOutState = RunningPlan<FanOutPlan, RunningFanOut>;

export interface FanOutPlane {
  apply(plans: readonly FanOutPlan[]): void;
  /** Resolves when the state of every FanOut is followed, or one attempt at it has failed. */
  settled(): Promise<void>;
  readonly fanOuts: readonly FanOutState[];
  close(graceMs: number): Promise<void>;
}

export function createFanOutPlane({ world, optionsFor, problem }: FanOutPlaneOptions): FanOutPlane {
  const fanOuts = new RunningPlans<FanOutPlan, RunningFanOut>({
    world,
    keyOf: ({ settings }) => `${settings.namespace}/${settings.name}`,
    nameOf: ({ settings }) => `FanOut ${settings.name}`,
    start: plan => runFanOut(optionsFor(plan)),
    problem,
  });
  return {
    apply(plans) {
      fanOuts.apply(plans);
    },
    settled: () => fanOuts.tried(),
    get fanOuts() {
      return fanOuts.running;
    },
    close: graceMs => fanOuts.close(graceMs),
  };
}
