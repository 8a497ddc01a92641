// Functions that look at all values of a list together.
import { types } from 'node:util';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { type FunctionDefinition, failed, overflow } from './definition.ts';

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
  for (const item of items) {
    const value = numberOf(item);
    if (value === undefined) throw failed('mixed_list');
    if (typeof value === 'bigint') ints += value;
    else {
      isWhole = false;
      fractions += value;
    }
  }
  if (!isWhole) return fractions + Number(ints);
  if (ints > MAX_INT || ints < -MAX_INT - 1n) throw overflow();
  return ints;
}

function average(items: readonly unknown[]): number {
  if (items.length === 0) throw failed('empty_list');
  let total = 0;
  for (const item of items) {
    const value = numberOf(item);
    if (value === undefined) throw failed('mixed_list');
    total += Number(value);
  }
  return total / items.length;
}

function extreme(direction: 1 | -1) {
  return (items: readonly unknown[]): unknown => {
    if (items.length === 0) throw failed('empty_list');
    if (!sameKind(items)) throw failed('mixed_list');
    return items.reduce((best, item) => (compareValues(item, best) * direction > 0 ? item : best));
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
export function sameKind(values: readonly unknown[]): boolean {
  const [first] = values;
  const kind = kindOf(first);
  return kind !== undefined && values.every(value => kindOf(value) === kind);
}

/** Compares two values of one kind: below, at or above 0, as when sorting. */
export function compareValues(left: unknown, right: unknown): number {
  const [a, b] = [comparable(left), comparable(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparable(value: unknown): number | bigint | string {
  if (typeof value === 'string') return value;
  if (value instanceof Duration) return value.seconds * 1_000_000_000n + BigInt(value.nanos);
  if (types.isDate(value)) return value.getTime();
  return numberOf(value) ?? 0;
}

const list = { receiver: 'list<dyn>', params: [], isDeep: true } as const;

export const listFunctions: readonly FunctionDefinition[] = [
  {
    ...list,
    name: 'sum',
    returns: 'dyn',
    says: 'adds numbers, or durations. The sum of an empty list is 0',
    examples: [
      ['[1, 2.5].sum()', 3.5],
      ["[duration('40s'), duration('80s')].sum()", '120s'],
    ],
    run: sum,
  },
  {
    ...list,
    name: 'avg',
    returns: 'double',
    says: 'gives the mean of numbers. An empty list has none',
    examples: [['[1, 2, 6].avg()', 3]],
    run: average,
  },
  {
    ...list,
    name: 'min',
    returns: 'dyn',
    says: 'gives the least of numbers, texts, timestamps or durations. An empty list has none',
    examples: [['[3, 1.5, 2].min()', 1.5]],
    run: extreme(-1),
  },
  {
    ...list,
    name: 'max',
    returns: 'dyn',
    says: 'gives the greatest of numbers, texts, timestamps or durations. An empty list has none',
    examples: [["['b', 'c', 'a'].max()", 'c']],
    run: extreme(1),
  },
];
