// From JSON to the values that avsc writes: what does not fit its type is refused with its
// place, nothing is made to fit.

import type { Type, types } from 'avsc';
import { counted } from '../../../../../core/units/counted.ts';
import { decimalBytes, isDecimal } from './decimal.ts';

/** The fault, and its place in the data (RFC 6901). */
class Mismatch extends Error {
  constructor(pointer: string, what: string) {
    super(`${pointer === '' ? 'as a whole' : `at ${pointer}`} it ${what}`);
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const LONG = { least: -(2n ** 63n), most: 2n ** 63n - 1n };
const INT = { least: -(2n ** 31n), most: 2n ** 31n - 1n };
const NOT_FINITE = new Set<unknown>(['NaN', 'Infinity', '-Infinity']);

export function toAvro(type: Type, value: unknown, at = ''): unknown {
  switch (type.typeName) {
    case 'null':
      if (value === null) return null;
      throw new Mismatch(at, 'must be null');
    case 'boolean':
      if (typeof value === 'boolean') return value;
      throw new Mismatch(at, 'must be true or false');
    case 'int':
      return Number(integer(value, INT, at));
    case 'long':
    case 'abstract:long':
      return integer(value, LONG, at);
    case 'float':
    case 'double':
      if (typeof value === 'number' || NOT_FINITE.has(value)) return Number(value);
      throw new Mismatch(at, 'must be a number');
    case 'string':
      if (typeof value === 'string') return value;
      throw new Mismatch(at, 'must be a text');
    case 'bytes':
      return bytes(value, at);
    case 'fixed': {
      const { size } = type as types.FixedType;
      const given = bytes(value, at);
      if (given.length !== size) throw new Mismatch(at, `must have ${counted(size, 'byte')}`);
      return given;
    }
    case 'enum': {
      const { symbols } = type as types.EnumType;
      if (typeof value === 'string' && symbols.includes(value)) return value;
      throw new Mismatch(at, `must be one of ${symbols.slice(0, 10).join(', ')}`);
    }
    case 'array':
      if (!Array.isArray(value)) throw new Mismatch(at, 'must be a list');
      return value.map((item, index) => toAvro((type as types.ArrayType).itemsType, item, `${at}/${index}`));
    case 'map': {
      const { valuesType } = type as types.MapType;
      return Object.fromEntries(
        entriesOf(value, at).map(([name, item]) => [name, toAvro(valuesType, item, place(at, name))]),
      );
    }
    case 'union:wrapped':
      return toUnion((type as types.WrappedUnionType).types, value, at);
    case 'record':
    case 'error':
      return toFields((type as types.RecordType).fields, value, at);
    default: {
      const given = isDecimal(type) ? decimalBytes(type, value) : undefined;
      if (given === undefined)
        throw new Mismatch(at, `must be a ${type.typeName.replace('logical:', '')} of its precision`);
      return given;
    }
  }
}

/** The first of its types that the value is of. */
function toUnion(branches: readonly Type[], value: unknown, at: string): unknown {
  let problem: unknown;
  for (const branch of branches) {
    if (branch.typeName === 'null') {
      if (value === null) return null;
      continue;
    }
    try {
      return { [branch.branchName ?? '']: toAvro(branch, value, at) };
    } catch (error) {
      problem = error;
    }
  }
  const named = branches.filter(({ typeName }) => typeName !== 'null');
  throw named.length === 1
    ? problem
    : new Mismatch(at, `must be one of ${branches.map(each => each.branchName).join(', ')}`);
}

function toFields(fields: readonly types.Field[], value: unknown, at: string): Record<string, unknown> {
  const given = new Map(entriesOf(value, at));
  const made: Record<string, unknown> = {};
  for (const field of fields) {
    const item = given.get(field.name);
    given.delete(field.name);
    if (item !== undefined) made[field.name] = toAvro(field.type, item, place(at, field.name));
    // avsc writes the default of what is left out.
    else if (field.defaultValue() === undefined) throw new Mismatch(place(at, field.name), 'is required');
    else made[field.name] = field.defaultValue();
  }
  const [unknown] = given.keys();
  if (unknown !== undefined) throw new Mismatch(place(at, unknown), 'is not a field of the schema');
  return made;
}

function entriesOf(value: unknown, at: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Mismatch(at, 'must be an object');
  return Object.entries(value);
}

function integer(value: unknown, { least, most }: typeof LONG, at: string): bigint {
  const isText = typeof value === 'string' && /^-?\d{1,19}$/.test(value);
  if (!isText && !Number.isSafeInteger(value)) throw new Mismatch(at, 'must be an integer');
  const number = BigInt(value as string | number);
  if (number < least || number > most) throw new Mismatch(at, `must be between ${least} and ${most}`);
  return number;
}

function bytes(value: unknown, at: string): Buffer {
  if (typeof value === 'string' && BASE64.test(value)) return Buffer.from(value, 'base64');
  throw new Mismatch(at, 'must be Base64');
}

const place = (at: string, name: string) => `${at}/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`;
