// Spreads seeds over child processes, one per core, and adds up their reports.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChunkReport } from './chunk.ts';

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
  readonly failures: readonly { readonly seed: number; readonly message: string }[];
}

const CHUNK = 250;
const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

export async function sweep({ consumer, from, count, jobs, goOn, progress }: SweepOptions): Promise<SweepReport> {
  const sights = new Map<string, number>();
  const failures: { seed: number; message: string }[] = [];
  let next = from;
  let runs = 0;
  let steps = 0;
  const work = async (child: ChildProcess) => {
    while (next < from + count && (goOn || failures.length === 0)) {
      const chunk = { from: next, to: Math.min(next + CHUNK, from + count) };
      next = chunk.to;
      const report = await ask(child, chunk);
      runs += report.runs;
      steps += report.steps;
      failures.push(...report.failures);
      for (const [sight, times] of Object.entries(report.sights)) sights.set(sight, (sights.get(sight) ?? 0) + times);
      progress(runs);
    }
  };
  const children = Array.from({ length: jobs }, () =>
    fork(CHILD, [consumer], { execArgv: ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'] }),
  );
  try {
    await Promise.all(children.map(work));
  } finally {
    for (const child of children) child.kill();
  }
  failures.sort((one, other) => one.seed - other.seed);
  return { runs, steps, sights, failures };
}

function ask(child: ChildProcess, chunk: { from: number; to: number }): Promise<ChunkReport> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) =>
      reject(new Error(`seeds ${chunk.from} to ${chunk.to}: the process ended (${code})`));
    child.once('exit', onExit);
    child.once('message', (report: ChunkReport) => {
      child.off('exit', onExit);
      resolve(report);
    });
    child.send(chunk);
  });
}
