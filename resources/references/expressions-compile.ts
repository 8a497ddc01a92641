// Every expression must compile, with the variables of its place and the type that is needed there.

import type { Expected } from '../../core/cel/expression.ts';
import { faultOf } from '../../core/cel/fault.ts';
import { isReserved, type Scope } from '../../core/cel/scope.ts';
import { compileTemplate } from '../../core/cel/template.ts';
import type { ExpressionMark } from '../kinds/shared/marks.ts';
import { valueAt } from '../load/path.ts';
import type { Path, ResourceProblem } from '../resource.ts';
import { type Check, type Declared, problemAt } from './check.ts';
import { aggregateScope, requestVariableNames, scopeOf } from './scopes.ts';
import { hasSoundNames } from './sound.ts';
import { argumentOf } from './window-aggregate.ts';

export const expressionsCompile: Check = ({ declared, marked }) => {
  const aggregates = new Map<Declared, Scope | undefined>();
  const problems: ResourceProblem[] = [];
  for (const aggregate of declared) {
    const parts = aggregate.kind === 'Aggregate' ? partsOf(aggregate) : undefined;
    if (parts === undefined) continue;
    const { scope, wrong } = scopeOfParts(aggregate, parts);
    aggregates.set(aggregate, scope);
    problems.push(...wrong);
  }
  for (const { resource, path, value, marks } of marked) {
    if (!marks.expression) continue;
    const { scope: name } = marks.expression;
    const scope = name === 'aggregate' ? aggregates.get(resource) : scopeOf(name);
    if (scope) problems.push(...compileAll(resource, path, value, marks.expression, scope));
  }
  return problems;
};

/** Their names; undefined when not all of them are certain. */
function partsOf(aggregate: Declared): string[] | undefined {
  const path = ['spec', 'parts'];
  const parts = valueAt(aggregate.manifest, path);
  if (typeof parts !== 'object' || parts === null || Array.isArray(parts) || !hasSoundNames(aggregate, path))
    return undefined;
  return Object.keys(parts);
}

function scopeOfParts(resource: Declared, parts: string[]): { scope: Scope | undefined; wrong: ResourceProblem[] } {
  const taken = parts.filter(part => requestVariableNames.includes(part) || isReserved(part));
  const wrong = taken.map(part => {
    const message = `A part cannot be called "${part}": in expressions this name means something else. Rename the part.`;
    return problemAt(resource, ['spec', 'parts', part], { part: 'key', message });
  });
  return { scope: taken.length === 0 ? aggregateScope(parts) : undefined, wrong };
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
