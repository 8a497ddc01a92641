// What is published twice comes out once, unless the store has forgotten in between that it came;
// and nothing is left out that had not come before.
import type { Appended } from './readings.ts';

/** By what makes two of them the same. */
export interface DedupeEvidence {
  readonly keyOf: (data: { readonly sensor: string; readonly number: number }) => string;
  readonly published: readonly Appended<{ readonly sensor: string; readonly number: number }>[];
  /** One that is made again has the same id. */
  readonly passed: readonly Appended<{ readonly sensor: string; readonly number: number }>[];
  mayHaveForgotten(from: number, until: number): boolean;
}

export function dedupeDifferences({ keyOf, published, passed, mayHaveForgotten }: DedupeEvidence): string[] {
  const copies = byKey(published, keyOf);
  const found = byKey(passed, keyOf);
  const missing = [...copies.keys()].filter(key => !found.has(key)).map(key => `${key} was left out altogether`);
  const foreign = [...found.keys()].filter(key => !copies.has(key)).map(key => `${key} was never published`);
  const twice = [...found].flatMap(([key, those]) => {
    const ids = new Set(those.map(({ id }) => id));
    if (ids.size === 1) return [];
    const all = [...(copies.get(key) ?? []), ...those].map(({ timestamp }) => timestamp);
    return mayHaveForgotten(Math.min(...all), Math.max(...all)) ? [] : [`${key} came through ${ids.size} times`];
  });
  return [...missing, ...foreign, ...twice];
}

function byKey<Data>(
  all: readonly Appended<Data>[],
  keyOf: (data: Data) => string,
): ReadonlyMap<string, readonly Appended<Data>[]> {
  const found = new Map<string, Appended<Data>[]>();
  for (const each of all) found.set(keyOf(each.data), [...(found.get(keyOf(each.data)) ?? []), each]);
  return found;
}
