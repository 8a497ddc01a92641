// Which items of two lists belong together: by their index, or, where the order means nothing, by a
// key or by their whole value.

/** How a list without order is compared. */
export interface Unordered {
  /** Names from an item to its key; empty: the whole item. */
  readonly by: readonly string[];
}

export interface PairedItems {
  readonly pairs: readonly (readonly [legacy: unknown, fresh: unknown])[];
  /** Items that one side alone has. */
  readonly missing: number;
  readonly added: number;
}

export function pairItems(
  legacy: readonly unknown[],
  fresh: readonly unknown[],
  unordered: Unordered | undefined,
): PairedItems {
  if (!unordered) return pairInOrder(legacy, fresh);
  const waiting = new Map<string, unknown[]>();
  for (const item of fresh) {
    const key = keyOf(item, unordered.by);
    const same = waiting.get(key);
    if (same) same.push(item);
    else waiting.set(key, [item]);
  }
  const pairs: [unknown, unknown][] = [];
  const alone: unknown[] = [];
  for (const item of legacy) {
    const same = waiting.get(keyOf(item, unordered.by));
    if (same && same.length > 0) pairs.push([item, same.shift()]);
    else alone.push(item);
  }
  const left = [...waiting.values()].flat();
  if (unordered.by.length > 0) return { pairs, missing: alone.length, added: left.length };
  // Without a key those that have no equal are taken for changed ones.
  const rest = pairInOrder(alone, left);
  return { ...rest, pairs: [...pairs, ...rest.pairs] };
}

function pairInOrder(legacy: readonly unknown[], fresh: readonly unknown[]): PairedItems {
  const common = Math.min(legacy.length, fresh.length);
  return {
    pairs: legacy.slice(0, common).map((item, index) => [item, fresh[index]] as const),
    missing: legacy.length - common,
    added: fresh.length - common,
  };
}

function keyOf(item: unknown, by: readonly string[]): string {
  let key = item;
  for (const name of by) {
    if (typeof key !== 'object' || key === null || !Object.hasOwn(key, name)) return 'nothing';
    key = Object.getOwnPropertyDescriptor(key, name)?.value;
  }
  return JSON.stringify(key, (_name, value: unknown) => sorted(value)) ?? 'nothing';
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
