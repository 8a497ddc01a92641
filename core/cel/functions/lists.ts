// Functions that look at all values of a list together.
import { types } from 'node:util';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { isSafe } from '../../units/whole-numbers.ts';
import {
  DURATION,
  exactDouble,
  type FunctionDefinition,
  failed,
  type ItemRule,
  overflow,
  TIMESTAMP,
} from './definition.ts';

const MAX_INT = 2n ** 63n - 1n;

/**
 * Ints give an int as long as no fraction is among them, as everywhere in CEL. Durations give a
 * duration. Nothing gives 0.
 */
function sum(items: readonly unknown[]): unknown {
  if (items.length > 0 && items.every(item => item instanceof Duration)) {
    return items.reduce((total: Duration, item) => total.addDuration(item), new Duration(0));
  }
  let ints = 0n;
  let fractions = 0;
  let isWhole = true;
  let isExact = true;
  for (const item of items) {
    const value = numberOf(item);
    if (value === undefined) throw failed('mixed_list');
    if (typeof value === 'bigint') ints += value;
    else {
      isWhole = false;
      fractions += value;
      isExact &&= isWithin(fractions);
    }
  }
  if (!isWhole) {
    const whole = Number(ints);
    const total = fractions + whole;
    return isExact && isWithin(whole) && isWithin(total) ? total : exactSum(items, total);
  }
  if (ints > MAX_INT || ints < -MAX_INT - 1n) throw overflow();
  return ints;
}

/** Each whole number within it is one double, and each double one whole number. */
function isWithin(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
}

/** The sum of numbers that may not fit doubles; `rounded`: the sum of doubles. */
function exactSum(items: readonly unknown[], rounded: number): number | bigint {
  const whole = wholeNumbers(items);
  if (whole === undefined) return rounded;
  const total = whole.reduce((sum, value) => sum + value, 0n);
  return isSafe(total) ? Number(total) : total;
}

/**
 * The numbers as ints; undefined where doubles are no loss. Fails where an int that no double can
 * hold stands beside a fraction.
 */
function wholeNumbers(items: readonly unknown[]): readonly bigint[] | undefined {
  const values = items.map(numberOf);
  const whole = values.flatMap(value =>
    typeof value === 'bigint' ? [value] : value !== undefined && isWritten(value) ? [BigInt(value)] : [],
  );
  if (whole.length === values.length) return whole;
  if (values.some(value => typeof value === 'bigint' && !isSafe(value))) throw failed('lost_digits');
  return undefined;
}

/** A larger whole number has an exponent in JSON: nobody takes it for exact. */
function isWritten(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 1e21;
}

function average(items: readonly unknown[]): number {
  if (items.length === 0) throw failed('empty_list');
  let total = 0;
  let isExact = true;
  for (const item of items) {
    const value = numberOf(item);
    if (value === undefined) throw failed('mixed_list');
    const double = Number(value);
    total += double;
    isExact &&= isWithin(double) && isWithin(total);
  }
  return isExact ? total / items.length : exactAverage(items, total / items.length);
}

function exactAverage(items: readonly unknown[], rounded: number): number {
  const whole = wholeNumbers(items);
  if (whole === undefined) return rounded;
  const total = whole.reduce((sum, value) => sum + value, 0n);
  const count = BigInt(whole.length);
  const [mean, rest] = [total / count, total % count];
  if (isSafe(mean)) return Number(mean) + Number(rest) / whole.length;
  if (!items.some(item => typeof item === 'bigint')) return rounded;
  if (rest !== 0n) throw failed('lost_digits');
  return exactDouble(mean);
}

function extreme(direction: 1 | -1) {
  return (items: readonly unknown[]): unknown => {
    if (items.length === 0) throw failed('empty_list');
    return extremeOf(items, direction);
  };
}

function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return value instanceof UnsignedInt ? value.value : undefined;
}

function kindOf(value: unknown): string | undefined {
  if (numberOf(value) !== undefined) return 'number';
  if (typeof value === 'string') return 'text';
  if (types.isDate(value)) return 'timestamp';
  return value instanceof Duration ? 'duration' : undefined;
}

/** Whether all of them can be compared with each other. */
function sameKind(values: readonly unknown[]): boolean {
  const [first] = values;
  const kind = kindOf(first);
  return kind !== undefined && values.every(value => kindOf(value) === kind);
}

/** Refuses a number that is none: nothing is above or below it, so that its place would decide. */
export function extremeOf(values: readonly unknown[], direction: 1 | -1): unknown {
  if (!sameKind(values)) throw failed('mixed_list');
  if (values.some(value => Number.isNaN(value))) throw failed('not_a_number');
  return values.reduce((best, value) => (compareValues(value, best) * direction > 0 ? value : best));
}

/** Compares two values of one kind: below, at or above 0, as when sorting. */
function compareValues(left: unknown, right: unknown): number {
  const [a, b] = [comparable(left), comparable(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparable(value: unknown): number | bigint | string {
  if (typeof value === 'string') return value;
  if (value instanceof Duration) return value.seconds * 1_000_000_000n + BigInt(value.nanos);
  if (types.isDate(value)) return value.getTime();
  return numberOf(value) ?? 0;
}

const NEVER_COMPARED = ['bool', 'bytes', 'null', 'list', 'map', 'type'];
const NEVER_ADDED = [...NEVER_COMPARED, 'string', TIMESTAMP];
const added: ItemRule = { refused: new Set(NEVER_ADDED), says: 'sum() adds numbers or durations.' };
const averaged: ItemRule = { refused: new Set([...NEVER_ADDED, DURATION]), says: 'avg() takes numbers.' };
const compared: ItemRule = {
  refused: new Set(NEVER_COMPARED),
  says: 'min() and max() compare numbers, texts, timestamps or durations.',
};

const list = { receiver: 'list<dyn>', params: [], isDeep: true } as const;

export const listFunctions: readonly FunctionDefinition[] = [
  {
    ...list,
    name: 'sum',
    items: added,
    returns: 'dyn',
    says: 'adds numbers, or durations. The sum of an empty list is 0',
    examples: [
      ['[1, 2.5].sum()', 3.5],
      ["[duration('40s'), duration('80s')].sum()", '120s'],
    ],
    also: { name: 'sum', examples: [['sum([1, 2.5])', 3.5]] },
    run: sum,
  },
  {
    ...list,
    name: 'avg',
    items: averaged,
    returns: 'double',
    says: 'gives the mean of numbers. An empty list has none',
    examples: [['[1, 2, 6].avg()', 3]],
    also: { name: 'avg', examples: [['avg([1, 2, 6])', 3]] },
    run: average,
  },
  {
    ...list,
    name: 'min',
    items: compared,
    returns: 'dyn',
    says: 'gives the least of numbers, texts, timestamps or durations. An empty list has none',
    examples: [['[3, 1.5, 2].min()', 1.5]],
    also: { name: 'min', examples: [['min([3, 1.5, 2])', 1.5]] },
    run: extreme(-1),
  },
  {
    ...list,
    name: 'max',
    items: compared,
    returns: 'dyn',
    says: 'gives the greatest of numbers, texts, timestamps or durations. An empty list has none',
    examples: [["['b', 'c', 'a'].max()", 'c']],
    also: { name: 'max', examples: [["max(['b', 'c', 'a'])", 'c']] },
    run: extreme(1),
  },
];
