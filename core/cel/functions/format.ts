// `'…%s…'.format([…])`, with the verbs of CEL's extension for strings.
import { types } from 'node:util';
import { Optional } from '@marcbachmann/cel-js';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { toExactText, UnreadNumber } from '../../units/whole-numbers.ts';
import { MAX_UNITS } from '../limits.ts';
import { exactDouble, failed, tooLong } from './definition.ts';
import { timestampText } from './times.ts';

const VERB = /%(?:\.(\d{1,2}))?(.?)/gs;
const MAX_PRECISION = 20;
const DEFAULT_PRECISION = 6;

export function formatText(pattern: string, values: readonly unknown[]): string {
  let next = 0;
  let length = 0;
  const bounded = (text: string) => {
    length += text.length;
    if (length > MAX_UNITS) throw tooLong();
    return text;
  };
  const written = pattern.replace(VERB, (verb, precision: string | undefined, letter: string) => {
    if (verb === '%%') return '%';
    if (next >= values.length) throw failed('invalid_format');
    return bounded(write(values[next++], letter, precision));
  });
  // A value that is shown nowhere is a mistake of whoever wrote the text.
  if (next < values.length) throw failed('invalid_format');
  return bounded(written);
}

function write(value: unknown, letter: string, given: string | undefined): string {
  const precision = given === undefined ? DEFAULT_PRECISION : Number(given);
  if (precision > MAX_PRECISION || (given !== undefined && letter !== 'f' && letter !== 'e'))
    throw failed('invalid_format');
  switch (letter) {
    case 's':
      return plain(value);
    case 'd':
      return String(wholeOf(value));
    case 'f':
      return fixed(numberOf(value), precision);
    case 'e':
      return exponential(numberOf(value), precision);
    case 'x':
      return typeof value === 'string' || value instanceof Uint8Array ? hex(value) : wholeOf(value).toString(16);
    case 'X':
      return write(value, 'x', undefined).toUpperCase();
    case 'o':
      return wholeOf(value).toString(8);
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : wholeOf(value).toString(2);
    default:
      throw failed('invalid_format');
  }
}

function wholeOf(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof UnsignedInt) return value.value;
  // A whole number of JSON arrives as a double.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  throw failed('invalid_format');
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : exactDouble(wholeOf(value));
}

function fixed(value: number, precision: number): string {
  // From there on `toFixed` writes exponents.
  if (!Number.isFinite(value) || Math.abs(value) >= 1e21) throw failed('invalid_format');
  return value.toFixed(precision);
}

/** Two digits of the exponent at least, as printf writes them. */
function exponential(value: number, precision: number): string {
  if (!Number.isFinite(value)) throw failed('invalid_format');
  return value.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');
}

const hex = (value: string | Uint8Array) => Buffer.from(value as string).toString('hex');

/** As text within a text: a list or an object in JSON. A value without a form in JSON fails. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  const json = jsonOf(value);
  return typeof json === 'string' ? json : toExactText(json);
}

function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : refused();
  if (typeof value === 'function') return refused();
  if (typeof value !== 'object' || value === null || value instanceof UnreadNumber) return value;
  if (value instanceof Optional) return value.hasValue() ? jsonOf(value.value()) : refused();
  if (value instanceof UnsignedInt) return value.value;
  if (types.isDate(value)) return timestampText(value);
  if (value instanceof Duration) return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(jsonOf);
  // Types and namespaces are objects, too, with nothing in them to show.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return refused();
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item)]));
}

function refused(): never {
  throw failed('invalid_format');
}
