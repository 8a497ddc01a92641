// Tries a simulation with one seed after the other, for tests.
import assert from 'node:assert/strict';
import { outsideMicrotasks } from '../kernel/drain.ts';
import type { SimulatedRun } from './simulated-run.ts';

export interface Seeds {
  readonly from?: number;
  readonly count: number;
  /** Sights that further seeds are tried for, where the first do not show them all. */
  readonly wanted?: readonly string[];
  /** Seeds with these further ones. By default no more than `count`. */
  readonly most?: number;
}

type Run<Result> = (seed: number) => Result;

/** Demands that nothing is wrong with any seed and that all wanted is seen; returns what was. */
export async function tryAll<Result extends SimulatedRun>(
  run: Run<Result>,
  { from = 0, count, wanted = [], most = count }: Seeds,
  look?: (result: Result, seed: number) => void,
): Promise<Set<string>> {
  const sights = new Set<string>();
  const isEnough = (tried: number) => tried >= count && (tried >= most || wanted.every(sight => sights.has(sight)));
  for (let seed = from; !isEnough(seed - from); seed++) {
    const result = await outsideMicrotasks(() => run(seed));
    assert.equal(result.wrong, undefined, `seed ${seed}`);
    look?.(result, seed);
    for (const sight of result.sights) sights.add(sight);
  }
  for (const sight of wanted) assert.ok(sights.has(sight), `never seen: ${sight}`);
  return sights;
}

/** Demands that one of the seeds shows that something is wrong. */
export async function assertFound(run: Run<SimulatedRun>, { from = 0, count }: Seeds): Promise<void> {
  for (let seed = from; seed < from + count; seed++) {
    if ((await outsideMicrotasks(() => run(seed))).wrong !== undefined) return;
  }
  assert.fail(`none of ${count} seeds shows it`);
}

/** Demands that a seed says all that there is to say of a run. */
export async function assertRepeats(run: Run<SimulatedRun>, seed: number): Promise<void> {
  const one = await outsideMicrotasks(() => run(seed));
  const other = await outsideMicrotasks(() => run(seed));
  assert.equal(one.trace, other.trace);
}
