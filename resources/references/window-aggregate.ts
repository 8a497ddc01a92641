// Takes apart the aggregates of windows and Views, such as `sum(event.data.total)` and
// `percentile(event.data.ms, 99)`.
import type { Expected } from '../../core/cel/expression.ts';

const NUMERIC = new Set(['sum', 'avg', 'percentile']);
const WITH_NUMBER = new Set(['top', 'percentile']);
/** Values that a top can name. */
const MAX_TOP = 100;

/** The expression that is the argument, and where it begins; undefined for `count()`. */
export function argumentOf(call: string): { source: string; offset: number; expected: Expected } | undefined {
  const open = call.indexOf('(');
  const name = call.slice(0, open);
  const end = WITH_NUMBER.has(name) ? call.lastIndexOf(',') : call.lastIndexOf(')');
  const source = call.slice(open + 1, end);
  if (name === 'count' || source.trim() === '') return undefined;
  return { source, offset: open + 1, expected: NUMERIC.has(name) ? 'number' : 'any' };
}

/** The fault of the number in the call; undefined where it is right, or where there is none. */
export function numberFaultOf(call: string): string | undefined {
  const number = Number(call.slice(call.lastIndexOf(',') + 1, -1));
  if (call.startsWith('top(') && !(Number.isInteger(number) && number >= 1 && number <= MAX_TOP)) {
    return `A top has 1 to ${MAX_TOP} values.`;
  }
  return call.startsWith('percentile(') && number > 100 ? 'A percentile is from 0 to 100.' : undefined;
}
