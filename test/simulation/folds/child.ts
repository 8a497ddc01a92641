// Entry of a child process that simulates folds: gets chunks of seeds, answers with reports, as the one of the dispatchers does.
import { outsideMicrotasks } from '../kernel/drain.ts';
import type { Chunk, ChunkReport } from '../runner/chunk.ts';
import { runFolds } from './run-folds.ts';

process.on('message', (chunk: Chunk) => {
  run(chunk).then(
    report => process.send?.(report),
    error => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run({ from, to }: Chunk): Promise<ChunkReport> {
  const sights: Record<string, number> = {};
  const failures: { seed: number; message: string }[] = [];
  let steps = 0;
  let runs = 0;
  for (let seed = from; seed < to && failures.length === 0; seed++) {
    const result = await outsideMicrotasks(() => runFolds(seed));
    runs++;
    steps += result.steps;
    for (const sight of result.sights) sights[sight] = (sights[sight] ?? 0) + 1;
    if (result.wrong !== undefined) failures.push({ seed, message: result.wrong });
  }
  return { runs, steps, sights, failures };
}
