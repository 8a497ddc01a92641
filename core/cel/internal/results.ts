// Turns what an expression gave into plain JSON values, as the place of the expression needs them.
import { types } from 'node:util';
import { Optional } from '@marcbachmann/cel-js';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { UnreadNumber } from '../../units/whole-numbers.ts';
import { parseTimestamp } from '../../world.ts';
import { wrongResult } from './diagnose.ts';

/**
 * The type that the place of an expression needs. `string` takes numbers and booleans too, as text;
 * `timestamp` takes timestamps and text in RFC 3339, and gives milliseconds since 1970.
 */
export type Expected = 'bool' | 'string' | 'number' | 'timestamp' | 'list' | 'map' | 'any';

export const EXPECTED_IN_WORDS: Readonly<Record<Expected, string>> = {
  bool: 'true or false',
  string: 'text',
  number: 'a number',
  timestamp: 'a timestamp',
  list: 'a list',
  map: 'an object',
  any: 'a value',
};

const ACCEPTED: Readonly<Record<Expected, readonly string[]>> = {
  bool: ['bool'],
  string: ['string', 'int', 'uint', 'double', 'bool', 'google.protobuf.Timestamp'],
  number: ['int', 'uint', 'double'],
  timestamp: ['string', 'google.protobuf.Timestamp'],
  list: ['list'],
  map: ['map'],
  any: [],
};

/**
 * Whether an expression of the CEL type `type` can give what is `expected`. A type that is known at
 * evaluation only may.
 */
export function canGive(type: string, expected: Expected, isObject: boolean): boolean {
  if (type === 'type' || type.startsWith('optional')) return false;
  if (type.startsWith('dyn') || expected === 'any') return true;
  return ACCEPTED[expected].includes(type.split('<', 1).join('')) || (expected === 'map' && isObject);
}

/**
 * The function that converts results for one place. Chosen once, so that the
 * common cases cost a `typeof`.
 */
export function converter(source: string, expected: Expected): (value: unknown) => unknown {
  const fail = (value: unknown) => wrongResult(source, EXPECTED_IN_WORDS[expected], kindOf(value));
  switch (expected) {
    case 'bool':
      return value => {
        if (typeof value === 'boolean') return value;
        throw fail(value);
      };
    case 'string':
      return value => {
        if (typeof value === 'string') return value;
        const json = toJson(value, source);
        if (json instanceof UnreadNumber) throw wrongResult(source, KEPT_WHOLE, 'double');
        if (typeof json === 'object' || typeof json === 'undefined') throw fail(value);
        if (typeof json === 'number' && mayHaveLostDigits(json)) throw wrongResult(source, KEPT_WHOLE, 'double');
        return String(json);
      };
    case 'number':
      return value => {
        const json = toJson(value, source);
        if (typeof json === 'number') return json;
        const isTooLong = typeof json === 'bigint' || json instanceof UnreadNumber;
        throw isTooLong ? wrongResult(source, 'a number within ±2^53', 'int') : fail(value);
      };
    case 'timestamp':
      return value => {
        const ms = toMilliseconds(value);
        if (ms === undefined) throw fail(value);
        return ms;
      };
    case 'list':
      return value => {
        if (Array.isArray(value)) return toJson(value, source);
        throw fail(value);
      };
    case 'map':
      return value => {
        if (kindOf(value) === 'map') return toJson(value, source);
        throw fail(value);
      };
    case 'any':
      return value => toJson(value, source);
  }
}

const KEPT_WHOLE = 'text, or a whole number of at most 39 digits';

/**
 * A double beyond 2^53, such as 9e15 of data, may be another number than was meant. As a text it
 * would be taken for exact, such as in a key. Larger ones are written with an exponent.
 */
function mayHaveLostDigits(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21;
}

function toMilliseconds(value: unknown): number | undefined {
  if (types.isDate(value)) return value.getTime();
  return typeof value === 'string' ? parseTimestamp(value) : undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof UnreadNumber) return 'double';
  if (typeof value === 'object') return Array.isArray(value) ? 'list' : value instanceof Optional ? 'optional' : 'map';
  return { string: 'string', number: 'double', bigint: 'int', boolean: 'bool' }[String(typeof value)] ?? 'dyn';
}

/**
 * CEL's ints become numbers, or stay BigInts beyond ±2^53. Timestamps become ISO text, durations
 * `90s`, bytes base64. Values that are JSON already are not copied.
 */
function toJson(value: unknown, source: string): unknown {
  switch (typeof value) {
    case 'bigint':
      return toNumber(value);
    case 'number':
      // JSON would hold null instead.
      if (!Number.isFinite(value)) throw wrongResult(source, 'a number that JSON can hold', 'double');
      return value;
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null || value instanceof UnreadNumber) return value;
  if (Array.isArray(value)) return convertAll(value, source) ?? value;
  if (value instanceof Optional) return value.hasValue() ? toJson(value.value(), source) : missing(source);
  if (value instanceof UnsignedInt) return toNumber(value.value);
  if (value instanceof Duration) return value.toString();
  if (types.isDate(value)) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  const converted = convertAll(Object.values(value), source);
  if (!converted) return value;
  return Object.fromEntries(Object.keys(value).map((key, index) => [key, converted[index]]));
}

/** The items as JSON, or undefined when all of them are already. */
function convertAll(items: readonly unknown[], source: string): unknown[] | undefined {
  let converted: unknown[] | undefined;
  for (const [index, item] of items.entries()) {
    const json = toJson(item, source);
    if (json !== item) converted ??= [...items];
    if (converted) converted[index] = json;
  }
  return converted;
}

function toNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function missing(source: string): never {
  throw wrongResult(source, 'a value', 'optional');
}
