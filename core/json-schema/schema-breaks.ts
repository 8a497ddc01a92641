// Finds changes of a JSON Schema that break readers: those with the new schema who meet data from
// before (backward), or those with the old one who meet new data (forward).

import { Comparer } from './internal/breaks/compare.ts';
import type { Certainty, Mismatch } from './internal/breaks/comparison.ts';
import { rootPlace } from './internal/breaks/place.ts';
import { canonical } from './internal/unique-items.ts';

export type Compatibility = 'none' | 'backward' | 'forward' | 'full';
type Direction = 'backward' | 'forward';

export interface SchemaBreak {
  /** The place in the data, such as `lines[].price`; empty for the data itself. */
  readonly field: string;
  /** RFC 6901 pointer into the new schema: the nearest place. */
  readonly pointer: string;
  readonly direction: Direction;
  /**
   * `broken`: data that the one accepts may be refused by the other. `unknown`: it cannot be told.
   * `possible`: only data with fields that their schema leaves open.
   */
  readonly certainty: Certainty;
  /** The two schemas at that place, as a sentence. */
  readonly message: string;
}

type Schema = Readonly<Record<string, unknown>>;

const DIRECTIONS: Readonly<Record<Compatibility, readonly Direction[]>> = {
  none: [],
  backward: ['backward'],
  forward: ['forward'],
  full: ['backward', 'forward'],
};

/**
 * The breaks of a change. Both schemas are valid; undefined stands for none, which accepts all
 * data. An empty answer promises that each schema that has to accepts all that the other accepts.
 */
export function schemaBreaks(
  before: Schema | undefined,
  after: Schema | undefined,
  mode: Compatibility,
): readonly SchemaBreak[] {
  if (canonical(before ?? {}) === canonical(after ?? {})) return [];
  const [from, to] = [rootPlace(before ?? {}), rootPlace(after ?? {})];
  return DIRECTIONS[mode].flatMap(direction => {
    const [narrow, wide] = direction === 'backward' ? [from, to] : [to, from];
    return distinct(new Comparer().compare([narrow], wide, '')).map(found => toBreak(found, direction));
  });
}

/** A schema that several fields refer to is wrong once: at the field that is nearest. */
function distinct(found: readonly Mismatch[]): Mismatch[] {
  const nearest = new Map<string, Mismatch>();
  for (const one of found) {
    const key = [one.wide, one.narrow, one.demands, one.lacks].join('\n');
    const other = nearest.get(key);
    if (!other || one.field.length < other.field.length) nearest.set(key, one);
  }
  return [...nearest.values()];
}

function toBreak({ field, certainty, narrow, wide, demands, lacks }: Mismatch, direction: Direction): SchemaBreak {
  const [schema, data] = direction === 'backward' ? ['new', 'events from before'] : ['old', 'new events'];
  return {
    field,
    pointer: direction === 'backward' ? wide : narrow,
    direction,
    certainty,
    message: `The ${schema} schema ${demands}, and ${data} ${lacks}.`,
  };
}
