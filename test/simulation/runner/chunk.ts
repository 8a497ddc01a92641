// A range of seeds, run in a child process; every hundredth twice, and each that fails, to see
// that a seed says all there is to say.
import { addCompared, type Compared, NONE_COMPARED } from '../stories/compared.ts';
import type { Focus, Simulate } from './simulations.ts';

export interface Chunk {
  readonly from: number;
  readonly to: number;
  /** Fixed for each seed, in place of what the seed draws. */
  readonly focus?: Focus;
  /** Stops after so many. */
  readonly failures: number;
  /** Runs none twice: for whoever does not ask whether seeds say all. */
  readonly once?: boolean;
}

export interface ChunkReport {
  readonly runs: number;
  readonly steps: number;
  /** How many runs visited each rare state. */
  readonly sights: Readonly<Record<string, number>>;
  readonly stories: Compared;
  /** The first ones. */
  readonly failures: readonly Failure[];
  /** What the process has used of the processor since it was started, in milliseconds. */
  readonly cpuMs: number;
}

export interface Failure {
  readonly seed: number;
  readonly message: string;
}

const TWICE_EVERY = 100;

export async function runChunk(chunk: Chunk, simulate: Simulate): Promise<ChunkReport> {
  const { from, to, focus, failures: most, once = false } = chunk;
  const sights: Record<string, number> = {};
  const failures: Failure[] = [];
  let steps = 0;
  let runs = 0;
  let stories = NONE_COMPARED;
  for (let seed = from; seed < to && failures.length < most; seed++) {
    const result = await simulate(seed, focus);
    runs++;
    steps += result.steps;
    stories = addCompared(stories, result.stories ?? NONE_COMPARED);
    for (const sight of result.sights) sights[sight] = (sights[sight] ?? 0) + 1;
    if (result.wrong !== undefined) failures.push({ seed, message: result.wrong });
    if (once || (seed % TWICE_EVERY !== 0 && result.wrong === undefined)) continue;
    const again = await simulate(seed, focus);
    if (again.trace !== result.trace) {
      failures.push({
        seed,
        message: `not deterministic: ${result.trace} and ${again.trace} after ${result.steps} and ${again.steps} steps`,
      });
    }
  }
  const { user, system } = process.cpuUsage();
  return { runs, steps, sights, stories, failures, cpuMs: (user + system) / 1_000 };
}
