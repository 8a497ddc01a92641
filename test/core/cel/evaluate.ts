// Evaluates expressions over four variables, also as a server in another time zone would.
import { compileExpression, type Variables } from '../../../core/cel/expression.ts';
import { createScope } from '../../../core/cel/scope.ts';

export const scope = createScope({ v: 'dyn', w: 'dyn', n: 'dyn', text: 'string' });
export const evaluate = (source: string, variables: Variables = {}) =>
  compileExpression(source, scope).evaluate(variables);

/** Runs `run` as a server in that time zone would. */
export function inZone(zone: string, run: () => void): void {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    run();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}
