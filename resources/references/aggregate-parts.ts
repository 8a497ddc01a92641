// Which parts of an Aggregate wait for which: found from the expressions of their calls.
import type { Scope } from '../../core/cel/scope.ts';
import { compileValue } from '../../core/cel/value.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { Resource } from '../resource.ts';
import { aggregateScope } from './scopes.ts';

/** For each part the parts whose answers its path, headers, body or condition read. Expressions that do not compile count as none. */
export function partDependencies(aggregate: Resource<'Aggregate'>): ReadonlyMap<string, ReadonlySet<string>> {
  const { parts } = aggregate.spec;
  const scope = scopeOrNone(Object.keys(parts));
  if (!scope) return new Map();
  return new Map(
    Object.entries(parts).map(([name, { path, headers, body, when }]) => {
      const read = [path, headers, body, when].flatMap(value => rootsOf(value, scope));
      return [name, new Set(read.filter(root => Object.hasOwn(parts, root)))];
    }),
  );
}

function rootsOf(value: unknown, scope: Scope): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(inner => rootsOf(inner, scope));
  if (typeof value !== 'string') return [];
  const references = quietly(() => compileValue(value, scope).references) ?? [];
  return references.map(reference => reference.split('.', 1).join(''));
}

function scopeOrNone(parts: readonly string[]): Scope | undefined {
  return quietly(() => aggregateScope(parts));
}

/** What does not compile is reported by the check of expressions. */
function quietly<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof TenfoldError) return undefined;
    throw error;
  }
}
