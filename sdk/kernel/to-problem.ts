// The answer that the caller sees of an error. A deliberate problem stays as it is, a refusal of
// the platform for now becomes 503, and anything else a 500 that says nothing but the trace id.
import { isHttpProblem } from '../problem.ts';
import { knownProblem } from './known-problems.ts';
import { laterProblem } from './later.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export interface ProblemView {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly document: Readonly<Record<string, unknown>>;
  /** True when the error was not thrown on purpose and belongs in the log with its stack. */
  readonly unexpected: boolean;
}

export function toProblem(error: unknown, trace: string): ProblemView {
  const known = isHttpProblem(error) ? error : laterProblem(error);
  const { status, headers, document } = known ?? knownProblem('internal');
  return { status, headers, document: { ...document, trace }, unexpected: known === undefined };
}
