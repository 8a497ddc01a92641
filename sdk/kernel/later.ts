// The answer of a function that lets a refusal of the platform through to its own caller: try again
// later.
import { InvokeError } from '../client/invoke-error.ts';
import { REFUSED_HEADER } from '../client/wire.ts';
import type { HttpProblem } from '../problem.ts';
import { knownProblem } from './known-problems.ts';

const LATER = new Set([429, 503]);
const SOON_SECONDS = 1;

/** Undefined for every other error. */
export function laterProblem(error: unknown): HttpProblem | undefined {
  if (!(error instanceof InvokeError) || error.status === undefined || !LATER.has(error.status)) return undefined;
  return knownProblem('overloaded', 'Something that the function needs cannot take more work now.', {
    // It is about one call, and not what the function asks of all of its callers.
    headers: { [REFUSED_HEADER]: 'dependency' },
    retryAfterSeconds: error.retryAfterSeconds ?? SOON_SECONDS,
    cause: error,
  });
}
