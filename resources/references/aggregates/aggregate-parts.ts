// Which parts of an Aggregate wait for which: found from the expressions of their calls.
import type { Scope } from '../../../core/cel/scope.ts';
import { compileValue } from '../../../core/cel/value.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { Declared } from '../declared.ts';
import { aggregateScope } from '../scopes.ts';
import { soundAt } from '../sound.ts';
import { certainParts } from './certain-parts.ts';

/** The members of a part that make up its call. */
const READ = ['path', 'headers', 'body', 'when'] as const;

/**
 * For each part the parts whose answers its path, headers, body or condition read. Expressions that
 * do not compile, or are not certain, count as none.
 */
export function partDependencies(aggregate: Declared): ReadonlyMap<string, ReadonlySet<string>> {
  const parts = certainParts(aggregate);
  const scope = scopeOrNone(parts);
  if (!scope) return new Map();
  return new Map(
    parts.map(name => {
      const read = READ.flatMap(member => rootsOf(soundAt(aggregate, ['spec', 'parts', name, member]), scope));
      return [name, new Set(read.filter(root => parts.includes(root)))];
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

/** The check of expressions reports templates that do not compile. */
function quietly<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof TenfoldError) return undefined;
    throw error;
  }
}
