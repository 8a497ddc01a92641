// What was promised, kept beside the platform: one part for each promise.
import { performance } from 'node:perf_hooks';
import type { Chance } from '../../simulation/kernel/chance.ts';
import type { Handler } from '../functions/work.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import { type Budget, createBudget } from './budget.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';
import { createDisturbances, type Disturbances } from './disturbances.ts';
import { createFanOuts, type FanOuts } from './fan-outs.ts';
import { createJobs, type Jobs } from './jobs.ts';

export interface Model {
  readonly deliveries: Deliveries;
  readonly attempts: Attempts;
  /** What excuses an attempt too many. */
  readonly disturbances: Disturbances;
  readonly budget: Budget;
  readonly jobs: Jobs;
  readonly fanOuts: FanOuts;
  /** What the application calls. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Seconds count from here, as those of the faults do. */
  starts(): void;
  wrong(): readonly string[];
}

export function createModel(chance: Chance): Model {
  let began = performance.now();
  const now = () => performance.now() - began;
  const disturbances = createDisturbances(now);
  const deliveries = createDeliveries({ now, disturbances, workMs: () => chance.int('work', 0, 10) });
  const attempts = createAttempts(now, disturbances);
  const budget = createBudget(() => (performance.now() - began) / 1000);
  const jobs = createJobs(budget);
  const fanOuts = createFanOuts();
  return {
    deliveries,
    attempts,
    disturbances,
    budget,
    jobs,
    fanOuts,
    handlers: {
      deliver: deliveries.handler,
      bounded: attempts.handler,
      limited: jobs.handler,
      part: fanOuts.part,
      gather: fanOuts.gather,
    },
    starts() {
      began = performance.now();
    },
    wrong: () => [...budget.wrong, ...jobs.wrong, ...fanOuts.wrong],
  };
}
