// Places in a document that may differ, and lists without order: JSON Pointers (RFC 6901) in which
// `*` stands for every member, compiled to a tree.
import type { Unordered } from './pair-items.ts';

export interface Places {
  readonly members: ReadonlyMap<string, Places>;
  readonly every: Places | undefined;
  /** Whether this very place, with all below it, may differ. */
  readonly whole: boolean;
  /** The list at this place has no order. */
  readonly unordered: Unordered | undefined;
}

export interface UnorderedList {
  /** Place of the list; empty for the whole document. */
  readonly list: string;
  /** Place of the key in an item. Without it the whole item is. */
  readonly by?: string | undefined;
}

interface Growing {
  readonly members: Map<string, Growing>;
  every: Growing | undefined;
  whole: boolean;
  unordered: Unordered | undefined;
}

export function compilePlaces(ignored: readonly string[], lists: readonly UnorderedList[] = []): Places {
  const root = grow();
  for (const pointer of ignored) placeAt(root, pointer).whole = true;
  for (const { list, by = '' } of lists)
    placeAt(root, list).unordered = { by: by.split('/').slice(1).map(unescapeToken) };
  return root;
}

function placeAt(root: Growing, pointer: string): Growing {
  let place = root;
  for (const token of pointer.split('/').slice(1)) {
    if (token === '*') {
      place.every ??= grow();
      place = place.every;
    } else {
      const name = unescapeToken(token);
      const next = place.members.get(name) ?? grow();
      place.members.set(name, next);
      place = next;
    }
  }
  return place;
}

/** The part of `places` that applies to the member `name`; empty when none does. */
export function enter(places: readonly Places[], name: string): readonly Places[] {
  if (places.length === 0) return places;
  return places.flatMap(({ members, every }) => [members.get(name) ?? [], every ?? []].flat());
}

export function escapeToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

function grow(): Growing {
  return { members: new Map(), every: undefined, whole: false, unordered: undefined };
}
