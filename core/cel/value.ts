// A JSON value with templates inside, e.g. the body that an Aggregate answers
// with, or a row of a View.
import type { Variables } from './expression.ts';
import { evaluateIfSet } from './optional.ts';
import type { Scope } from './scope.ts';
import { compileTemplate } from './template.ts';

export interface ValueTemplate {
  readonly references: readonly string[];
  readonly constant: boolean;
  evaluate(variables: Variables): unknown;
}

/**
 * Every text inside `value` is a template; keys are not. Throws `invalid-expression` for the
 * first that does not compile.
 */
export function compileValue(value: unknown, scope: Scope): ValueTemplate {
  if (typeof value === 'string') return nullable(compileTemplate(value, scope));
  if (typeof value !== 'object' || value === null) return fixed(value);
  const entries = Object.entries(value).map(([key, item]) => [key, compileValue(item, scope)] as const);
  const references = [...new Set(entries.flatMap(([, item]) => item.references))];
  if (entries.every(([, item]) => item.constant)) return fixed(unescaped(value, entries));
  const evaluate = Array.isArray(value)
    ? (variables: Variables) => entries.map(([, item]) => item.evaluate(variables))
    : (variables: Variables) => Object.fromEntries(entries.map(([key, item]) => [key, item.evaluate(variables)]));
  return { references, constant: false, evaluate };
}

/** A value that the request does not have is null. */
function nullable(template: ValueTemplate): ValueTemplate {
  const { references, constant } = template;
  if (constant) return template;
  return { references, constant, evaluate: variables => evaluateIfSet(template, variables) ?? null };
}

function fixed(value: unknown): ValueTemplate {
  return { references: [], constant: true, evaluate: () => value };
}

/** A constant part still has `$${` to be read as `${`. */
function unescaped(value: object, entries: readonly (readonly [string, ValueTemplate])[]): unknown {
  const plain = entries.map(([key, item]) => [key, item.evaluate({})] as const);
  return Array.isArray(value) ? plain.map(([, item]) => item) : Object.fromEntries(plain);
}
