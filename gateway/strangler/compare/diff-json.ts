// Finds where two JSON values differ. Our own, since no diff library leaves places out while it
// walks, or knows lists without order.
import { diffLeaf } from './diff-leaf.ts';
import type { Findings } from './findings.ts';
import { enter, escapeToken, type Places } from './ignored-places.ts';
import { pairItems } from './pair-items.ts';
import type { Tolerance } from './tolerance.ts';

export interface DiffOptions {
  /** Places that are left out, and lists that have no order. */
  readonly places: Places;
  readonly tolerance: Tolerance;
}

interface Pair {
  readonly at: string;
  readonly legacy: unknown;
  readonly fresh: unknown;
  readonly places: readonly Places[];
}

/**
 * Members are compared whatever their order, items of lists by their index or their key. Extra
 * items of one list are at `-` below it (RFC 6901: the item after the last). The walk uses no
 * recursion: the compared documents come from outside and may be nested to any depth.
 */
export function diffJson(
  legacy: unknown,
  fresh: unknown,
  { places, tolerance }: DiffOptions,
  findings: Findings,
): void {
  const open: Pair[] = [{ at: '', legacy, fresh, places: [places] }];
  for (let pair = open.pop(); pair; pair = open.pop()) {
    if (pair.places.some(({ whole }) => whole) || Object.is(pair.legacy, pair.fresh)) continue;
    const inside = pairsIn(pair, findings);
    if (inside) for (let index = inside.length - 1; index >= 0; index--) open.push(inside[index] ?? pair);
    else diffLeaf(pair.legacy, pair.fresh, pair.at === '' ? 'body' : pair.at, tolerance, findings);
  }
}

/**
 * The members of both that must be compared, or undefined when they are not two objects or two
 * lists.
 */
function pairsIn(pair: Pair, findings: Findings): Pair[] | undefined {
  const { legacy, fresh } = pair;
  if (typeof legacy !== 'object' || typeof fresh !== 'object' || legacy === null || fresh === null) return undefined;
  if (Array.isArray(legacy) && Array.isArray(fresh)) return pairsInLists(pair, legacy, fresh, findings);
  if (Array.isArray(legacy) || Array.isArray(fresh)) return undefined;
  const inside: Pair[] = [];
  for (const [name, one] of Object.entries(legacy)) push(inside, pair, name, one, member(fresh, name));
  for (const [name, other] of Object.entries(fresh)) {
    if (!Object.hasOwn(legacy, name)) push(inside, pair, name, undefined, other);
  }
  return inside;
}

function pairsInLists(
  pair: Pair,
  legacy: readonly unknown[],
  fresh: readonly unknown[],
  findings: Findings,
): Pair[] | undefined {
  const unordered = pair.places.find(({ unordered: list }) => list)?.unordered;
  const { pairs, missing, added } = pairItems(legacy, fresh, unordered);
  const isLeftOut = missing + added === 0 || enter(pair.places, '-').some(({ whole }) => whole);
  if (!isLeftOut) findings.add(`${pair.at}/-`, `${missing} items less`, `${added} items more`, missing + added);
  const inside: Pair[] = [];
  for (const [index, [one, other]] of pairs.entries()) push(inside, pair, String(index), one, other);
  return inside;
}

function push(inside: Pair[], { at, places }: Pair, name: string, legacy: unknown, fresh: unknown): void {
  // Most members are equal texts and numbers: no place is made for those.
  if (Object.is(legacy, fresh)) return;
  inside.push({ at: `${at}/${escapeToken(name)}`, legacy, fresh, places: enter(places, name) });
}

function member(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}
