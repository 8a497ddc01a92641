// An expression over an event. A plain member of its data, which most are, is read without CEL: a
// fifth of the time, 0.05 µs instead of 0.25.
import { compileExpression, type Expected } from '../../core/cel/expression.ts';
import type { Scope } from '../../core/cel/scope.ts';
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';

const MEMBER = /^\s*event\.data((?:\.[A-Za-z_][A-Za-z0-9_]*){1,8})\s*$/;

/** `source`: without `${}`. Throws `expression-failed` when evaluated. */
export function compileValue(source: string, scope: Scope, expected: Expected): (event: CloudEvent) => unknown {
  const expression = compileExpression(source, scope, expected);
  const path = MEMBER.exec(source)?.[1]?.slice(1).split('.');
  const evaluate = (event: CloudEvent) => expression.evaluate({ event });
  if (path === undefined || (expected !== 'number' && expected !== 'string' && expected !== 'any')) return evaluate;
  const [first = '', ...rest] = path;
  return event => {
    let value: unknown = event.data;
    value = memberOf(value, first);
    for (const name of rest) value = memberOf(value, name);
    const type = typeof value;
    const plain = expected === 'any' ? type === 'string' || type === 'number' || type === 'boolean' : type === expected;
    // CEL evaluates anything unusual, and reports all failures.
    return plain ? value : evaluate(event);
  };
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const members: Partial<Record<string, unknown>> = value;
  return members[name];
}
