// Runs a target on its corpus and on mutations of it, as many as it is told, and answers with the
// first input for which something did not hold.
// Our own, as Jazzer.js needs a newer C library than the systems that we build on have; what a run
// takes is bounded by runs, never by time.
import { Script } from 'node:vm';
import type { FuzzTarget } from './fuzz-target.ts';
import { createDraw, mutate } from './mutate.ts';

export interface Finding {
  readonly input: Buffer;
  readonly error: unknown;
}

export interface FuzzOptions {
  readonly corpus: readonly Buffer[];
  readonly seed: number;
  readonly runs: number;
  /** Whether code was run since it was asked last that never was before. */
  readonly reachedNewCode?: () => boolean;
  /** An input that takes longer than this hangs. */
  readonly hangsAfterMs?: number;
}

/** Inputs of which one has to be that hangs, when all of them take too long. */
const AT_A_TIME = 500;
const HANGS_AFTER_MS = 300_000;
/** Of what was kept for its new outcome: enough, as many outcomes tell of the same. */
const MAX_POOL = 2_000;

export function fuzz(target: FuzzTarget, options: FuzzOptions): Finding | undefined {
  const { corpus, seed, runs, reachedNewCode, hangsAfterMs = HANGS_AFTER_MS } = options;
  const draw = createDraw(seed);
  const words = target.words.map(word => Buffer.from(word, 'latin1'));
  const pool = [...corpus];
  const outcomes = new Set<string>();
  let current: Buffer = Buffer.alloc(0);
  const tryOne = (input: Buffer): void => {
    current = input;
    const outcome = target.run(Buffer.from(input));
    const isNew = !outcomes.has(outcome) || reachedNewCode?.() === true;
    outcomes.add(outcome);
    if (isNew && pool.length < MAX_POOL) pool.push(input);
  };
  try {
    endsInTime(() => corpus.forEach(tryOne), hangsAfterMs);
    for (let left = runs; left > 0; left -= AT_A_TIME)
      endsInTime(() => {
        for (let each = Math.min(left, AT_A_TIME); each > 0; each--) tryOne(mutate(pool, words, draw));
      }, hangsAfterMs);
  } catch (error) {
    return { input: current, error };
  }
  return undefined;
}

const SCRIPT = new Script('globalThis.__fuzzed()');

/** Ends `run` from outside, whatever it is in the middle of. */
function endsInTime(run: () => void, timeout: number): void {
  Object.assign(globalThis, { __fuzzed: run });
  SCRIPT.runInThisContext({ timeout });
}
