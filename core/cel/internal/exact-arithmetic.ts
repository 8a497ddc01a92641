// Arithmetic that rounds no whole number in silence: beyond ±2^53 it goes on with BigInts. It fails
// where it cannot.
import { EvaluationError } from '@marcbachmann/cel-js';
import { isSafe } from '../../units/whole-numbers.ts';
import { exactDouble, failed } from '../functions/definition.ts';
import { callOf, type Handle, type Node } from './ast.ts';

const OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%']);
/** From there on JSON writes an exponent: nobody takes such a number for exact. */
const MAX_WRITTEN = 1e21;
const WHOLE = /^[+-]?[0-9]{1,400}$/;

/** Undefined for an operation that is exact by itself. */
export function exactly(node: Node, inner: Handle): Handle | undefined {
  if (callOf(node)?.name === 'double') return exactConversion(inner);
  const types = operandTypes(node);
  if (!OPERATORS.has(node.op) || types.length !== 2) return undefined;
  if (types.some(type => type !== 'dyn' && type !== 'int' && type !== 'double')) return undefined;
  if (types.every(type => type === 'int')) return undefined;
  const isDouble = node.checkedType?.name === 'double';
  return (left, right, c, d) => {
    const result = inner(left, right, c, d);
    // Nearly all: no digits can be lost.
    if (typeof result === 'number' && result <= Number.MAX_SAFE_INTEGER && result >= Number.MIN_SAFE_INTEGER)
      return result;
    const exact = exactResult(node.op, left, right, result);
    return isDouble && typeof exact === 'bigint' ? exactDouble(exact) : exact;
  };
}

/** `double(…)` of an int, or of a text. */
function exactConversion(inner: Handle): Handle {
  return (values, b, c, d) => {
    const result = inner(values, b, c, d);
    if (typeof result !== 'number' || Math.abs(result) <= Number.MAX_SAFE_INTEGER || !Array.isArray(values))
      return result;
    const [value]: readonly unknown[] = values;
    if (typeof value === 'bigint') return exactDouble(value);
    return typeof value === 'string' && WHOLE.test(value) ? exactDouble(BigInt(value)) : result;
  };
}

function operandTypes(node: Node): string[] {
  const operands: unknown = node.args;
  if (!Array.isArray(operands)) return [];
  return operands.map((one: Partial<Node>) => one.checkedType?.name ?? 'dyn');
}

function exactResult(operator: string, left: unknown, right: unknown, result: unknown): unknown {
  if (typeof result === 'bigint') {
    // Ints are what they were. A number of data divides to a fraction, as small ones do.
    if (typeof left !== 'bigint' || typeof right !== 'bigint' || (isSafe(left) && isSafe(right))) return result;
    if (operator === '/' && left % right !== 0n) throw failed('lost_digits');
    return plain(result);
  }
  if (typeof result !== 'number' || !isWhole(left) || !isWhole(right)) return result;
  if (operator === '/' || operator === '%') return result;
  if (Math.abs(result) < MAX_WRITTEN) return plain(run(operator, BigInt(left), BigInt(right)));
  const isOfData = Number.isSafeInteger(left) && Number.isSafeInteger(right);
  if (isOfData && run(operator, BigInt(left), BigInt(right)) !== BigInt(result)) throw failed('lost_digits');
  return result;
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value);
}

/** Whether `double`, made of `value`, may be another number. */
export function mayLoseDigits(value: unknown, double: number): boolean {
  return (double > Number.MAX_SAFE_INTEGER || double < Number.MIN_SAFE_INTEGER) && typeof value === 'bigint';
}

/** An int with a double, where one of them `mayLoseDigits`. */
export function exactMixed(operator: string, left: number | bigint, right: number | bigint): number | bigint {
  const [a, b] = [toInt(left), toInt(right)];
  if (operator === '/' || operator === '%') {
    if (b === 0n) throw new EvaluationError({ code: 'division_by_zero', message: 'division by zero' });
    if (operator === '/' && a % b !== 0n) throw failed('lost_digits');
  }
  return plain(run(operator, a, b));
}

function toInt(value: number | bigint): bigint {
  if (typeof value === 'bigint') return value;
  if (!Number.isInteger(value)) throw failed('lost_digits');
  return BigInt(value);
}

function run(operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      return left % right;
  }
}

/** A number of data that a double can hold is one. */
function plain(value: bigint): number | bigint {
  return isSafe(value) ? Number(value) : value;
}
