// Spreads seeds, and the plans for rare states, over child processes, one per core,
// and adds up their reports.
import type { PartialPlan } from '../scenario/make-plan.ts';
import { RARE_PLANS } from '../scenario/rare-plans.ts';
import { addCompared, type Compared, NONE_COMPARED } from '../stories/compared.ts';
import type { Chunk, Failure } from './chunk.ts';
import { SimulationProcess } from './simulation-process.ts';

export interface SweepOptions {
  readonly consumer: string;
  readonly from: number;
  readonly count: number;
  readonly jobs: number;
  /** Goes on after a failure, to see how many kinds there are. */
  readonly goOn: boolean;
  progress(done: number): void;
}

export interface SweepReport {
  readonly runs: number;
  readonly steps: number;
  readonly sights: ReadonlyMap<string, number>;
  readonly stories: Compared;
  readonly failures: readonly SweepFailure[];
}

export interface SweepFailure extends Failure {
  /** The plan that the seed ran; the one that it draws where it is undefined. */
  readonly focus: PartialPlan | undefined;
}

const CHUNK = 250;
/** Of each plan for a rare state. */
const RARE_SEEDS = 5;
/** Of one chunk. */
const MOST_FAILURES = 20;

export async function sweep({ consumer, from, count, jobs, goOn, progress }: SweepOptions): Promise<SweepReport> {
  const sights = new Map<string, number>();
  const failures: SweepFailure[] = [];
  const chunks = chunksOf(from, count);
  let runs = 0;
  let steps = 0;
  let stories = NONE_COMPARED;
  const work = async (child: SimulationProcess) => {
    for (let chunk = chunks.shift(); chunk && (goOn || failures.length === 0); chunk = chunks.shift()) {
      const { focus } = chunk;
      const report = await child.run(chunk);
      runs += report.runs;
      steps += report.steps;
      stories = addCompared(stories, report.stories);
      failures.push(...report.failures.map(failure => ({ ...failure, focus })));
      for (const [sight, times] of Object.entries(report.sights)) sights.set(sight, (sights.get(sight) ?? 0) + times);
      progress(runs);
    }
  };
  const children = Array.from({ length: jobs }, () => new SimulationProcess({ simulation: consumer }));
  try {
    await Promise.all(children.map(work));
  } finally {
    for (const child of children) child.kill();
  }
  failures.sort((one, other) => one.seed - other.seed);
  return { runs, steps, sights, stories, failures };
}

function chunksOf(from: number, count: number): Chunk[] {
  const to = from + count;
  const rare = RARE_PLANS.map(({ plan }) => ({ from, to: from + RARE_SEEDS, focus: plan, failures: MOST_FAILURES }));
  const drawn = Array.from({ length: Math.ceil(count / CHUNK) }, (_, index) => {
    const first = from + index * CHUNK;
    return { from: first, to: Math.min(first + CHUNK, to), failures: MOST_FAILURES };
  });
  return [...rare, ...drawn];
}
