// Which Functions a resource leads to, directly or through others; and which
// resources lead to a Function.

import { namedKeys } from '../../resources/references/named-keys.ts';
import type { AnyResource } from '../../resources/resource.ts';

export interface Needs {
  /** Keys of the Functions that a resource leads to, without itself. */
  functionsOf(key: string): readonly string[];
  /** Keys of the resources that lead to a Function, without itself. */
  dependentsOf(functionKey: string): readonly string[];
}

export function createNeeds(resources: ReadonlyMap<string, AnyResource>): Needs {
  const named = new Map([...resources].map(([key, resource]) => [key, namedKeys(resource)]));
  const functions = new Map<string, readonly string[]>();
  const dependents = new Map<string, string[]>();
  for (const key of named.keys()) {
    const reached = reach(key, named).filter(one => resources.get(one)?.kind === 'Function');
    functions.set(key, reached);
    for (const one of reached) dependents.set(one, [...(dependents.get(one) ?? []), key]);
  }
  return {
    functionsOf: key => functions.get(key) ?? [],
    dependentsOf: key => dependents.get(key) ?? [],
  };
}

function reach(start: string, named: ReadonlyMap<string, readonly string[]>): string[] {
  const seen = new Set([start]);
  for (const key of seen) for (const next of named.get(key) ?? []) seen.add(next);
  seen.delete(start);
  return [...seen];
}
