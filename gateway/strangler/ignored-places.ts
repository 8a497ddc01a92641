// Places in a JSON document that may differ: JSON Pointers (RFC 6901) in which `*` stands for every member, compiled to a tree.

export interface Places {
  readonly members: ReadonlyMap<string, Places>;
  readonly every: Places | undefined;
  /** Whether this very place, with all below it, is meant. */
  readonly whole: boolean;
}

interface Growing {
  readonly members: Map<string, Growing>;
  every: Growing | undefined;
  whole: boolean;
}

export function compilePlaces(pointers: readonly string[]): Places {
  const root = grow();
  for (const pointer of pointers) {
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
    place.whole = true;
  }
  return root;
}

/** What `places` say about the member `name`; empty when they say nothing. */
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
  return { members: new Map(), every: undefined, whole: false };
}
