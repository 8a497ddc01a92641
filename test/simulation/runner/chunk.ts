// A range of seeds, run in a child process; every hundredth twice, to see that a seed says all there is to say.
import type { Consumer } from '../consumers/consumer.ts';
import type { PartialPlan } from '../scenario/make-plan.ts';
import { planOf } from './plan-of.ts';
import { collectRejections, runOnce } from './run-once.ts';

export interface Chunk {
  readonly from: number;
  readonly to: number;
  /** Runs this plan with each seed, in place of the plan that the seed draws. */
  readonly focus?: PartialPlan;
}

export interface ChunkReport {
  readonly runs: number;
  readonly steps: number;
  /** How many runs visited each rare state. */
  readonly sights: Readonly<Record<string, number>>;
  /** The first ones. */
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly seed: number;
  readonly message: string;
}

const TWICE_EVERY = 100;
const MOST_FAILURES = 20;

const rejections = collectRejections();

export async function runChunk({ from, to, focus }: Chunk, consumer: Consumer): Promise<ChunkReport> {
  const sights: Record<string, number> = {};
  const failures: Failure[] = [];
  let steps = 0;
  let runs = 0;
  for (let seed = from; seed < to && failures.length < MOST_FAILURES; seed++) {
    const plan = planOf(seed, focus);
    const result = await runOnce(plan, consumer, rejections);
    runs++;
    steps += result.steps;
    for (const sight of result.sights) sights[sight] = (sights[sight] ?? 0) + 1;
    if (result.error) failures.push({ seed, message: result.error.message });
    if (seed % TWICE_EVERY !== 0 && !result.error) continue;
    const again = await runOnce(plan, consumer, rejections);
    if (again.trace !== result.trace) {
      failures.push({
        seed,
        message: `not deterministic: ${result.trace} and ${again.trace} after ${result.steps} and ${again.steps} steps`,
      });
    }
  }
  return { runs, steps, sights, failures };
}
