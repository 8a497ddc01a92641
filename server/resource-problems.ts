// Gives problems found while compiling the place in the file where they were written.
import { formatPath } from '../resources/load/path.ts';
import type { Finding, ResourceProblem } from '../resources/resource.ts';

export function toResourceProblems(problems: readonly Finding[]): ResourceProblem[] {
  return problems.map(({ severity, resource, path, message }) => ({
    ...resource.locate(path, 'key'),
    severity,
    path: formatPath(path),
    message,
  }));
}
