// Throws to a test the error that its function did not throw on purpose, in place of the answer
// that tells a caller nothing.
import { laterProblem } from '../kernel/later.ts';
import type { Answer } from '../kernel/to-answer.ts';
import { isHttpProblem } from '../problem.ts';

/** `answer`: a test gets what a caller gets, a 500 that says nothing of the error. */
export type TestErrors = 'throw' | 'answer';

/** Throws the error with which the whole call failed. */
export function throwOwnError({ thrown = [] }: Pick<Answer, 'thrown'>, errors: TestErrors): void {
  if (errors === 'answer') return;
  for (const { of, error } of thrown) if (of === undefined && isUnexpected(error)) throw error;
}

/** A problem is thrown on purpose, and a refusal for now has an answer of its own. */
function isUnexpected(error: unknown): boolean {
  return !isHttpProblem(error) && laterProblem(error) === undefined;
}
