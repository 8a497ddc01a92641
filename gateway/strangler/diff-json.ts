// Finds where two JSON values differ. Our own, since no diff library leaves places out while it walks, or stops after enough findings.
import { enter, escapeToken, type Places } from './ignored-places.ts';

export interface JsonDifference {
  /** JSON Pointer of the place; empty for the whole document. */
  readonly at: string;
  /** undefined where that side has nothing. */
  readonly legacy: unknown;
  readonly fresh: unknown;
}

export interface DiffOptions {
  readonly ignore: Places;
  /** Stops after this many. */
  readonly limit: number;
}

interface Pair {
  readonly at: string;
  readonly legacy: unknown;
  readonly fresh: unknown;
  readonly places: readonly Places[];
}

/**
 * Members are compared whatever their order, items of lists by their index. Walks without recursion: what is compared comes from
 * outside and may be nested as deeply as it likes.
 */
export function diffJson(legacy: unknown, fresh: unknown, { ignore, limit }: DiffOptions): JsonDifference[] {
  const found: JsonDifference[] = [];
  const open: Pair[] = [{ at: '', legacy, fresh, places: [ignore] }];
  for (let pair = open.pop(); pair && found.length < limit; pair = open.pop()) {
    if (pair.places.some(({ whole }) => whole) || Object.is(pair.legacy, pair.fresh)) continue;
    const members = commonMembers(pair.legacy, pair.fresh);
    if (members) {
      const { at, places } = pair;
      // Backwards, as the last pushed is looked at first.
      for (let index = members.length - 1; index >= 0; index--) {
        const name = members[index] ?? '';
        const one = member(pair.legacy, name);
        const other = member(pair.fresh, name);
        // Most members are equal texts and numbers: no place is made for those.
        if (Object.is(one, other)) continue;
        open.push({ at: `${at}/${escapeToken(name)}`, legacy: one, fresh: other, places: enter(places, name) });
      }
    } else if (pair.legacy !== pair.fresh) {
      found.push({ at: pair.at, legacy: pair.legacy, fresh: pair.fresh });
    }
  }
  return found;
}

/** The names of all members of both, or undefined when they are not two objects or two lists. */
function commonMembers(legacy: unknown, fresh: unknown): string[] | undefined {
  if (typeof legacy !== 'object' || typeof fresh !== 'object' || legacy === null || fresh === null) return undefined;
  if (Array.isArray(legacy) !== Array.isArray(fresh)) return undefined;
  const names = Object.keys(legacy);
  for (const name of Object.keys(fresh)) if (!Object.hasOwn(legacy, name)) names.push(name);
  return names;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
