// Rules over several members of an object, declared once for zod, JSON Schema, the API
// server and the reference pages.
import type * as z from 'zod';
import { marksOf, withMarks } from './marks.ts';

/** Demands exactly one of `keys`. */
export function exactlyOneOf<S extends z.ZodObject>(schema: S, keys: readonly (keyof S['shape'] & string)[]): S {
  const list = keys.map(key => `"${key}"`).join(', ');
  const checked = schema.superRefine((value, context) => {
    const present = keys.filter(key => (value as Record<string, unknown>)[key] !== undefined);
    if (present.length === 1) return;
    context.addIssue({
      code: 'custom',
      params: { rule: 'exactlyOneOf' },
      input: value,
      path: present.length > 1 ? [present[1] as string] : [],
      message:
        present.length === 0
          ? `One of ${list} is missing.`
          : `Only one of ${list} may be given, here are ${present.map(key => `"${key}"`).join(' and ')}. Remove all but one.`,
    });
  });
  return withMarks(checked, { ...marksOf(schema), exactlyOneOf: keys });
}

export interface RuleDeclaration<T> {
  readonly message: string;
  readonly cel: string;
  /** Whether the value, parsed and with defaults, keeps the rule. */
  readonly holds: (value: T) => boolean;
  /** The member that the message points at. */
  readonly at?: string;
}

/** Adds a rule in its two spellings: a function for zod and CEL for the API server. */
export function withRule<S extends z.ZodObject>(schema: S, rule: RuleDeclaration<z.output<S>>): S {
  const checked = schema.superRefine((value, context) => {
    if (rule.holds(value as z.output<S>)) return;
    context.addIssue({
      code: 'custom',
      input: value,
      path: rule.at === undefined ? [] : [rule.at],
      message: rule.message,
    });
  });
  const before = marksOf(schema);
  return withMarks(checked, { ...before, rules: [...(before.rules ?? []), { message: rule.message, cel: rule.cel }] });
}
