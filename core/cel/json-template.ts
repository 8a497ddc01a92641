// JSON whose texts hold `${…}`, as written in resources: compiled once, filled in often.
import type { Variables } from './expression.ts';
import type { Scope } from './scope.ts';
import { compileTemplate } from './template.ts';

export interface JsonTemplate {
  readonly references: readonly string[];
  /** A new value of plain JSON. Throws `expression-failed`. */
  evaluate(variables: Variables): unknown;
}

/** Throws `invalid-expression`. */
export function compileJsonTemplate(value: unknown, scope: Scope): JsonTemplate {
  if (typeof value === 'string') return compileTemplate(value, scope);
  if (typeof value !== 'object' || value === null) return { references: [], evaluate: () => value };
  const members = Object.entries(value).map(([key, member]) => ({ key, template: compileJsonTemplate(member, scope) }));
  const references = [...new Set(members.flatMap(({ template }) => template.references))];
  if (Array.isArray(value)) {
    return { references, evaluate: variables => members.map(({ template }) => template.evaluate(variables)) };
  }
  return {
    references,
    evaluate: variables => Object.fromEntries(members.map(({ key, template }) => [key, template.evaluate(variables)])),
  };
}
