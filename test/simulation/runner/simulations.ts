// The simulations by name, as child processes are asked for them: a consumer among
// dispatchers, or one of the others.
import { createConsumer } from '../consumers/all.ts';
import type { FanOutFocus } from '../fan-outs/run-fan-outs.ts';
import { outsideMicrotasks } from '../kernel/drain.ts';
import type { PipelineFocus } from '../pipelines/run-pipelines.ts';
import type { PartialPlan } from '../scenario/make-plan.ts';
import type { ViewFocus } from '../views/run-views.ts';
import { planOf } from './plan-of.ts';
import { collectRejections, runOnce } from './run-once.ts';
import type { SimulatedRun } from './simulated-run.ts';

/** What is fixed in place of what a seed draws. Each simulation takes its own parts of it. */
export interface Focus extends PartialPlan, FanOutFocus, PipelineFocus, ViewFocus {}

export type Simulate = (seed: number, focus: Focus | undefined) => Promise<SimulatedRun>;

type Run = (seed: number, focus: Focus | undefined) => SimulatedRun;

/** Loaded when one is asked for: no simulation needs what another one runs. */
const others = {
  'fan-outs': async () => (await import('../fan-outs/run-fan-outs.ts')).runFanOuts,
  folds: async () => {
    const { runFolds } = await import('../folds/run-folds.ts');
    return seed => runFolds(seed);
  },
  pipelines: async () => (await import('../pipelines/run-pipelines.ts')).runPipelines,
  views: async () => (await import('../views/run-views.ts')).runViews,
} as const satisfies Record<string, () => Promise<Run>>;

export type OtherSimulation = keyof typeof others;

export async function findSimulation(name: string): Promise<Simulate> {
  const rejections = collectRejections();
  if (isOther(name)) {
    const run: Run = await others[name]();
    return async (seed, focus) => {
      const result = await outsideMicrotasks(() => run(seed, focus));
      const unhandled = await rejections.next();
      return unhandled && result.wrong === undefined ? { ...result, wrong: unhandled.message } : result;
    };
  }
  const consumer = createConsumer(name);
  return async (seed, focus) => {
    const { error, ...run } = await runOnce(planOf(seed, focus), consumer, rejections);
    return { ...run, wrong: error?.message };
  };
}

function isOther(name: string): name is OtherSimulation {
  return Object.hasOwn(others, name);
}
