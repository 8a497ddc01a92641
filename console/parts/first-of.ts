// The first of many in an order. Sorting ten thousand to show some hundred would hold up the page.

const collator = new Intl.Collator();

/** As `localeCompare`, which is slow for many. */
export const compareTexts = collator.compare;

/** As the beginning of `items.toSorted(compare)`. */
export function firstOf<T>(items: readonly T[], most: number, compare: (one: T, other: T) => number): readonly T[] {
  const kept: T[] = [];
  let last: T | undefined;
  for (const item of items) {
    if (last !== undefined && compare(item, last) >= 0) continue;
    kept.push(item);
    if (kept.length < 2 * most) continue;
    kept.sort(compare);
    kept.length = most;
    last = kept.at(-1);
  }
  return kept.sort(compare).slice(0, most);
}
