// Takes apart the aggregate functions of windows, such as `sum(event.data.total)` and
// `percentile(event.data.ms, 99)`.
import type { Expected } from '../../core/cel/expression.ts';

const NUMERIC = new Set(['sum', 'avg', 'percentile']);
const WITH_NUMBER = new Set(['top', 'percentile']);

/** The expression that is the argument, and where it begins; undefined for `count()`. */
export function argumentOf(call: string): { source: string; offset: number; expected: Expected } | undefined {
  const open = call.indexOf('(');
  const name = call.slice(0, open);
  const end = WITH_NUMBER.has(name) ? call.lastIndexOf(',') : call.lastIndexOf(')');
  const source = call.slice(open + 1, end);
  if (name === 'count' || source.trim() === '') return undefined;
  return { source, offset: open + 1, expected: NUMERIC.has(name) ? 'number' : 'any' };
}
