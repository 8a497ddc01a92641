// Gives problems found while compiling the place in the file where they were written.
import type { PlanProblem } from '../gateway/plan/plan.ts';
import { formatPath } from '../resources/load/path.ts';
import type { ResourceProblem } from '../resources/resource.ts';

export function toResourceProblems(problems: readonly PlanProblem[]): ResourceProblem[] {
  return problems.map(({ severity, resource, path, message }) => ({
    ...resource.locate(path, 'key'),
    severity,
    path: formatPath(path),
    message,
  }));
}
