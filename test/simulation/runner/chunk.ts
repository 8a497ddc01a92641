// A range of seeds, run in a child process; every hundredth twice, to see that a seed
// says all there is to say.
import type { PartialPlan } from '../scenario/make-plan.ts';
import type { Simulate } from './simulations.ts';

export interface Chunk {
  readonly from: number;
  readonly to: number;
  /** Runs this plan with each seed, in place of the plan that the seed draws. */
  readonly focus?: PartialPlan;
  /** Stops after so many. */
  readonly failures: number;
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

export async function runChunk({ from, to, focus, failures: most }: Chunk, simulate: Simulate): Promise<ChunkReport> {
  const sights: Record<string, number> = {};
  const failures: Failure[] = [];
  let steps = 0;
  let runs = 0;
  for (let seed = from; seed < to && failures.length < most; seed++) {
    const result = await simulate(seed, focus);
    runs++;
    steps += result.steps;
    for (const sight of result.sights) sights[sight] = (sights[sight] ?? 0) + 1;
    if (result.wrong !== undefined) failures.push({ seed, message: result.wrong });
    if (seed % TWICE_EVERY !== 0 && result.wrong === undefined) continue;
    const again = await simulate(seed, focus);
    if (again.trace !== result.trace) {
      failures.push({
        seed,
        message: `not deterministic: ${result.trace} and ${again.trace} after ${result.steps} and ${again.steps} steps`,
      });
    }
  }
  return { runs, steps, sights, failures };
}
