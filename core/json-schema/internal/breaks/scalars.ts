// Compares what schemas say of single values: type, values, bounds, patterns and formats.
import { canonical } from '../unique-items.ts';
import { cannotTell, type Mismatch, mismatch, type Question } from './comparison.ts';
import { type DataType, fits, isOneOf, type Known, sayTypes, typesIn, valuesIn } from './known.ts';

const MAX_SHOWN = 3;
const MAX_SHOWN_LENGTH = 40;

export function compareTypes(question: Question): Mismatch[] {
  const { narrow, wide } = question;
  const taken = typesIn(wide);
  const refused = new Set([...narrow.types].filter(type => !taken.has(type)));
  if (refused.size === 0) return [];
  return [mismatch(question, 'type', `takes ${sayTypes(taken)} here`, `may hold ${sayTypes(refused)}`)];
}

export function compareValues(question: Question, keyword: 'enum' | 'const'): Mismatch[] {
  const { narrow, wide } = question;
  return valuesIn(wide).flatMap(listed => {
    if (listed.length === 0) return [mismatch(question, keyword, 'takes nothing here', 'may hold a value')];
    const taken = new Set(listed.map(canonical));
    const refused = narrow.values && [...narrow.values].filter(([text]) => !taken.has(text)).map(([, value]) => value);
    if (refused?.length === 0) return [];
    const what = `takes only ${sayValues(listed)} here`;
    return [mismatch(question, keyword, what, `may hold ${refused ? sayValues(refused) : 'other values'}`)];
  });
}

function sayValues(values: readonly unknown[]): string {
  const shown = values.slice(0, MAX_SHOWN).map(value => {
    const text = canonical(value);
    return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
  });
  const left = values.length - shown.length;
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ');
}

interface Bound {
  /** Beyond it is refused: above a maximum, or below a minimum. */
  readonly side: 'max' | 'min';
  readonly on: readonly DataType[];
  /** The figure of a value; undefined where values are compared as a whole. */
  readonly of?: (value: unknown) => number | undefined;
}

const length = (value: unknown) => (typeof value === 'string' ? [...value].length : undefined);
const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
const NUMBERS: readonly DataType[] = ['integer', 'fraction'];

const BOUNDS: Readonly<Record<string, Bound>> = {
  minimum: { side: 'min', on: NUMBERS, of: number },
  exclusiveMinimum: { side: 'min', on: NUMBERS, of: number },
  maximum: { side: 'max', on: NUMBERS, of: number },
  exclusiveMaximum: { side: 'max', on: NUMBERS, of: number },
  minLength: { side: 'min', on: ['string'], of: length },
  maxLength: { side: 'max', on: ['string'], of: length },
  minItems: { side: 'min', on: ['array'] },
  maxItems: { side: 'max', on: ['array'] },
  minProperties: { side: 'min', on: ['object'] },
  maxProperties: { side: 'max', on: ['object'] },
};

export function isBound(keyword: string): boolean {
  return Object.hasOwn(BOUNDS, keyword);
}

export function compareBound(question: Question, keyword: string): Mismatch[] {
  const { narrow, wide } = question;
  const bound = BOUNDS[keyword];
  const limit = wide.schema[keyword];
  if (!bound || typeof limit !== 'number' || !isOneOf(narrow, bound.on)) return [];
  const { side } = bound;
  const excludes = keyword.startsWith('exclusive');
  const own = tightest(narrow, keyword, bound);
  if (own !== undefined) {
    const room = side === 'min' ? own.limit - limit : limit - own.limit;
    if (room > 0 || (room === 0 && (!excludes || own.excludes))) return [];
  }
  const has = own === undefined ? 'have no such bound' : `may reach ${own.limit}`;
  return [mismatch(question, keyword, `has ${keyword}: ${limit} here`, has)];
}

interface Limit {
  readonly limit: number;
  readonly excludes: boolean;
}

/** The tightest bound of the data on that side; undefined where it has none. */
function tightest(
  { places, types, values, required }: Known,
  keyword: string,
  { side, on, of }: Bound,
): Limit | undefined {
  const isTighter = (a: Limit, b: Limit) =>
    a.limit === b.limit ? a.excludes && !b.excludes : side === 'min' ? a.limit > b.limit : a.limit < b.limit;
  const excluding = on === NUMBERS ? [side === 'min' ? 'exclusiveMinimum' : 'exclusiveMaximum'] : [];
  const plain = keyword.replace(/^exclusive(.)/, (_, first: string) => first.toLowerCase());
  const found: Limit[] = [...new Set([plain, ...excluding])].flatMap(name =>
    places.flatMap(({ schema }) => {
      const limit = schema[name];
      return typeof limit === 'number' ? [inWhole({ limit, excludes: name !== plain }, types, side)] : [];
    }),
  );
  const known = of === undefined ? [] : [...(values?.values() ?? [])].flatMap(value => of(value) ?? []);
  if (known.length > 0)
    found.push({ limit: side === 'min' ? Math.min(...known) : Math.max(...known), excludes: false });
  if (keyword === 'minProperties') found.push({ limit: required.size, excludes: false });
  // A length or a number of members is never below 0.
  if (side === 'min' && on !== NUMBERS) found.push({ limit: 0, excludes: false });
  return found.reduce<Limit | undefined>((best, one) => (best && !isTighter(one, best) ? best : one), undefined);
}

/** Integers above 0 begin with 1, and so do those above 0.5. */
function inWhole({ limit, excludes }: Limit, types: ReadonlySet<DataType>, side: Bound['side']): Limit {
  if (types.has('fraction') || !Number.isSafeInteger(Math.trunc(limit))) return { limit, excludes };
  const step = side === 'min' ? 1 : -1;
  const whole = side === 'min' ? Math.ceil(limit) : Math.floor(limit);
  return { limit: excludes && whole === limit ? whole + step : whole, excludes: false };
}

export function comparePattern(question: Question): Mismatch[] {
  const { narrow, wide } = question;
  const { pattern } = wide.schema;
  if (typeof pattern !== 'string' || !narrow.types.has('string')) return [];
  const own = narrow.places.flatMap(({ schema }) => schema['pattern'] ?? []);
  if (own.includes(pattern)) return [];
  if (narrow.values) {
    const refused = [...narrow.values.values()].filter(value => typeof value === 'string' && !fits(pattern, value));
    return refused.length === 0
      ? []
      : [mismatch(question, 'pattern', `has the pattern ${pattern} here`, `may hold ${sayValues(refused)}`)];
  }
  if (own.length > 0) return [cannotTell(question, 'pattern')];
  return [mismatch(question, 'pattern', `has the pattern ${pattern} here`, 'need not match it')];
}

/** Formats hold for texts, and some for numbers. */
export function compareFormat(question: Question): Mismatch[] {
  const { narrow, wide } = question;
  const { format } = wide.schema;
  if (!isOneOf(narrow, ['string', ...NUMBERS])) return [];
  const own = narrow.places.flatMap(({ schema }) => schema['format'] ?? []);
  if (own.some(one => one === format)) return [];
  if (own.length > 0 || narrow.values) return [cannotTell(question, 'format')];
  return [mismatch(question, 'format', `has the format ${String(format)} here`, 'need not match it')];
}

export function compareMultiple(question: Question): Mismatch[] {
  const { narrow, wide } = question;
  const { multipleOf } = wide.schema;
  if (typeof multipleOf !== 'number' || !isOneOf(narrow, NUMBERS)) return [];
  // Whole numbers alone: a fraction of a fraction is not exact.
  const isCovered = narrow.places.some(({ schema: { multipleOf: own } }) => {
    if (own === multipleOf) return true;
    return Number.isSafeInteger(own) && Number.isSafeInteger(multipleOf) && Number(own) % multipleOf === 0;
  });
  if (isCovered) return [];
  return [mismatch(question, 'multipleOf', `has multipleOf: ${multipleOf} here`, 'need not keep to it')];
}
