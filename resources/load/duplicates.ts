// Finds resources that are declared twice.
import { type AnyResource, type Draft, type Origin, type ResourceProblem, resourceKey } from '../resource.ts';

/**
 * One problem for each declaration, each naming the other place. The first declaration stays in
 * `resources`. `drafts` are declared, too, whatever else is wrong with them.
 */
export function withoutDuplicates(
  all: readonly AnyResource[],
  drafts: readonly Draft[] = [],
): {
  resources: AnyResource[];
  problems: ResourceProblem[];
} {
  const first = new Map<string, AnyResource | Draft>();
  const resources: AnyResource[] = [];
  const problems: ResourceProblem[] = [];
  for (const one of [...all, ...drafts]) {
    const { kind, metadata } = one;
    if (metadata.name === undefined) continue;
    const key = resourceKey(kind, metadata.namespace, metadata.name);
    const before = first.get(key);
    if (before) {
      problems.push(twice(before, one), twice(one, before));
      continue;
    }
    first.set(key, one);
    if ('spec' in one) resources.push(one);
  }
  return { resources, problems };
}

function twice(here: AnyResource | Draft, there: AnyResource | Draft): ResourceProblem {
  const path = ['metadata', 'name'];
  const other = place(there.locate(path));
  const message = `The ${here.kind} "${here.metadata.name}" is declared in ${other} as well. Rename or remove one of the two.`;
  return { severity: 'error', ...here.locate(path), path: 'metadata.name', message };
}

function place({ file, line, column }: Origin): string {
  return `${file}:${line}:${column}`;
}
