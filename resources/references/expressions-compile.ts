// Every expression must compile, with the variables of its place and the type that is needed there.

import type { Expected } from '../../core/cel/expression.ts';
import { faultOf } from '../../core/cel/fault.ts';
import type { Scope } from '../../core/cel/scope.ts';
import { compileTemplate } from '../../core/cel/template.ts';
import type { ExpressionMark } from '../kinds/fields/marks.ts';
import { valueAt } from '../load/path.ts';
import type { Path, ResourceProblem } from '../resource.ts';
import { isTaken } from './aggregates/certain-parts.ts';
import { type Check, problemAt } from './check.ts';
import type { Declared } from './declared.ts';
import { aggregateScope, scopeOf, valuesScope } from './scopes.ts';
import { hasSoundNames } from './sound.ts';
import { argumentOf, numberFaultOf } from './window-aggregate.ts';

export const expressionsCompile: Check = ({ declared, marked }) => {
  const aggregates = new Map<Declared, Parts>();
  const problems: ResourceProblem[] = [];
  for (const aggregate of declared) {
    const parts = aggregate.kind === 'Aggregate' ? partsOf(aggregate) : undefined;
    if (parts === undefined) continue;
    aggregates.set(aggregate, parts);
    problems.push(...parts.taken.map(part => takenName(aggregate, part)));
  }
  for (const { resource, path, value, marks } of marked) {
    if (!marks.expression) continue;
    const { scope: name } = marks.expression;
    const parts = name === 'aggregate' ? aggregates.get(resource) : undefined;
    const scope =
      name === 'aggregate' ? parts?.scope : name === 'values' ? valuesScopeAt(resource, path) : scopeOf(name);
    if (!scope || (parts && mayMean(value, parts.taken))) continue;
    problems.push(...compileAll(resource, path, value, marks.expression, scope));
  }
  return problems;
};

interface Parts {
  readonly scope: Scope;
  /** Parts whose names mean something else in expressions. */
  readonly taken: readonly string[];
}

/** Undefined when not all of their names are certain. */
function partsOf(aggregate: Declared): Parts | undefined {
  const path = ['spec', 'parts'];
  const parts = valueAt(aggregate.manifest, path);
  if (typeof parts !== 'object' || parts === null || Array.isArray(parts) || !hasSoundNames(aggregate, path))
    return undefined;
  const names = Object.keys(parts);
  return { scope: aggregateScope(names.filter(name => !isTaken(name))), taken: names.filter(isTaken) };
}

/** Undefined when not all names of the values beside the expression are certain. */
function valuesScopeAt(view: Declared, path: Path): Scope | undefined {
  const beside = [...path.slice(0, -1), 'values'];
  const values = valueAt(view.manifest, beside);
  const isSound = typeof values === 'object' && values !== null && hasSoundNames(view, beside);
  return isSound ? valuesScope(Object.keys(values)) : undefined;
}

function takenName(resource: Declared, part: string): ResourceProblem {
  const message = `A part cannot be called "${part}": in expressions this name means something else. Rename the part.`;
  return problemAt(resource, ['spec', 'parts', part], { part: 'key', message });
}

/**
 * Whether a text may mean a part that has to be renamed: its references are certain only after
 * that.
 */
function mayMean(value: unknown, taken: readonly string[]): boolean {
  const text = taken.length === 0 ? '' : JSON.stringify(value);
  return taken.some(name => text.includes(name));
}

function compileAll(
  resource: Declared,
  path: Path,
  value: unknown,
  mark: ExpressionMark,
  scope: Scope,
): ResourceProblem[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, inner]) =>
      compileAll(resource, [...path, Array.isArray(value) ? Number(name) : name], inner, mark, scope),
    );
  }
  if (typeof value !== 'string') return [];
  const wrong = mark.form === 'aggregates' ? numberFaultOf(value) : undefined;
  if (wrong !== undefined) return [problemAt(resource, path, { message: wrong })];
  const written = toTemplate(value, mark);
  if (!written) return [];
  try {
    compileTemplate(written.text, scope, { expected: written.expected, whole: written.whole });
    return [];
  } catch (error) {
    const fault = faultOf(error);
    if (!fault) throw error;
    const offset = Math.max(0, fault.offset - written.shift);
    return [
      problemAt(resource, path, {
        offset,
        message: fault.reason,
        expected: fault.expected,
        suggestion: fault.suggestion,
      }),
    ];
  }
}

interface Written {
  readonly text: string;
  readonly expected: Expected;
  readonly whole: boolean;
  /** How many characters `text` has before those that were written. */
  readonly shift: number;
}

function toTemplate(value: string, { form, result }: ExpressionMark): Written | undefined {
  switch (form) {
    case 'whole':
      return { text: value, expected: result, whole: true, shift: 0 };
    case 'template':
      return { text: value, expected: 'string', whole: false, shift: 0 };
    case 'value':
      return { text: value, expected: 'any', whole: false, shift: 0 };
    case 'words':
      return value.startsWith('${') ? { text: value, expected: result, whole: true, shift: 0 } : undefined;
    case 'aggregates': {
      const argument = argumentOf(value);
      return (
        argument && {
          text: `\${${argument.source}}`,
          expected: argument.expected,
          whole: true,
          shift: 2 - argument.offset,
        }
      );
    }
  }
}
