// Puts problems in order, so that the same state gives the same list.
import type { ResourceProblem } from '../resource.ts';

/** Sorts by file, line, column and path. */
export function sortProblems(problems: readonly ResourceProblem[]): ResourceProblem[] {
  return problems.toSorted(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.path, b.path),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
