// Runs the state of the FanOuts of the plan in force: unchanged ones go on, changed ones start
// anew.
import type { World } from '../core/world.ts';
import { type RunFanOutOptions, type RunningFanOut, runFanOut } from './fan-outs/run-fan-out.ts';
import type { FanOutPlan } from './plan/compile-fan-outs.ts';
import { type Runner, runConsumer } from './plan/consumer-runner.ts';

export interface FanOutPlaneOptions {
  readonly world: World;
  optionsFor(plan: FanOutPlan): RunFanOutOptions;
  problem(message: string, error: unknown): void;
}

export interface FanOutState {
  readonly plan: FanOutPlan;
  readonly runner: Runner<RunningFanOut>;
}

export interface FanOutPlane {
  apply(plans: readonly FanOutPlan[]): void;
  /** Resolves when the state of every FanOut is followed, or one attempt at it has failed. */
  settled(): Promise<void>;
  readonly fanOuts: readonly FanOutState[];
  close(graceMs: number): Promise<void>;
}

const RESTART_GRACE_MS = 5_000;

export function createFanOutPlane({ world, optionsFor, problem }: FanOutPlaneOptions): FanOutPlane {
  const fanOuts = new Map<string, FanOutState>();
  const ending = new Map<string, Promise<void>>();
  let closed = false;

  const run = (key: string, plan: FanOutPlan): FanOutState => {
    const start = async () => {
      await ending.get(key);
      return runFanOut(optionsFor(plan));
    };
    const failed = (error: unknown) => problem(`FanOut ${plan.settings.name} does not start`, error);
    return { plan, runner: runConsumer(world, start, failed) };
  };

  const stop = (key: string, { runner, plan }: FanOutState, graceMs: number) => {
    fanOuts.delete(key);
    const end = Promise.all([ending.get(key), runner.close(graceMs)])
      .then(() => undefined)
      .catch(error => problem(`FanOut ${plan.settings.name} did not end well`, error))
      .finally(() => {
        if (ending.get(key) === end) ending.delete(key);
      });
    ending.set(key, end);
  };

  return {
    apply(plans) {
      if (closed) return;
      const wanted = new Map(plans.map(plan => [keyOf(plan), plan]));
      for (const [key, state] of fanOuts) {
        if (wanted.get(key)?.fingerprint !== state.plan.fingerprint) stop(key, state, RESTART_GRACE_MS);
      }
      for (const [key, plan] of wanted) if (!fanOuts.has(key)) fanOuts.set(key, run(key, plan));
    },
    async settled() {
      await Promise.all([...fanOuts.values()].map(({ runner }) => runner.tried));
    },
    get fanOuts() {
      return [...fanOuts.values()];
    },
    async close(graceMs) {
      closed = true;
      for (const [key, state] of fanOuts) stop(key, state, graceMs);
      await Promise.all(ending.values());
    },
  };
}

function keyOf({ settings }: FanOutPlan): string {
  return `${settings.namespace}/${settings.name}`;
}
