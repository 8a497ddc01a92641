// Finds resources that are declared twice.
import { type AnyResource, type Origin, type ResourceProblem, resourceKey } from '../resource.ts';

/** One problem for each declaration, each naming the other place. The first declaration stays in `resources`. */
export function withoutDuplicates(all: readonly AnyResource[]): {
  resources: AnyResource[];
  problems: ResourceProblem[];
} {
  const first = new Map<string, AnyResource>();
  const problems: ResourceProblem[] = [];
  for (const resource of all) {
    const key = resourceKey(resource.kind, resource.metadata.namespace, resource.metadata.name);
    const before = first.get(key);
    if (!before) first.set(key, resource);
    else problems.push(twice(before, resource), twice(resource, before));
  }
  return { resources: [...first.values()], problems };
}

function twice(here: AnyResource, there: AnyResource): ResourceProblem {
  const path = ['metadata', 'name'];
  const other = place(there.locate(path));
  const message = `The ${here.kind} "${here.metadata.name}" is declared in ${other} as well. Rename or remove one of the two.`;
  return { severity: 'error', ...here.locate(path), path: 'metadata.name', message };
}

function place({ file, line, column }: Origin): string {
  return `${file}:${line}:${column}`;
}
