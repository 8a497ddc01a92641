// Whole numbers beyond ±2^53 as values of a GraphQL answer: an ID or a String has every digit, and
// so has a scalar of the schema's own. Int and Float refuse them.
import type { GraphQLOutputType } from 'graphql';
import { toWritable } from '../../core/units/whole-numbers.ts';
import type { Library } from './library.ts';

const TEXTS: ReadonlySet<string> = new Set(['ID', 'String']);
const NUMBERS: ReadonlySet<string> = new Set(['Int', 'Float']);

/** Values that no leaf is made of come back as they are. */
export function exactLeaf(library: Library, type: GraphQLOutputType, value: unknown): unknown {
  if (typeof value !== 'bigint' && (typeof value !== 'object' || value === null)) return value;
  const named = library.getNamedType(type);
  if (!library.isLeafType(named)) return value;
  if (NUMBERS.has(named.name)) return toNumbers(value);
  return TEXTS.has(named.name) ? toTexts(value) : toWritable(value);
}

/** The library refuses BigInts. */
function toNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toNumbers);
  return typeof value === 'bigint' && BigInt(Number(value)) === value ? Number(value) : value;
}

function toTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toTexts);
  return typeof value === 'bigint' ? String(value) : value;
}
