// A system with orders of its own, old or new: of two changes of the same order the later one
// wins, whichever comes first.

export interface Change {
  readonly key: string;
  /** Larger is later. */
  readonly stamp: number;
  /**
   * The systems that it has been written in, in turn: what the marks
   * should say, known without them.
   */
  readonly path: readonly string[];
}

export class System {
  readonly name: string;
  readonly rows = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  /** The change as it has been here. `news`: it is later than what was known. */
  write({ key, stamp, path }: Change): { readonly change: Change; readonly news: boolean } {
    const news = stamp > (this.rows.get(key) ?? 0);
    if (news) this.rows.set(key, stamp);
    return { change: { key, stamp, path: [...path, this.name] }, news };
  }
}

/** What `one` has and `other` has not, or has otherwise. */
export function difference(one: System, other: System): string | undefined {
  for (const key of new Set([...one.rows.keys(), ...other.rows.keys()])) {
    const [mine, theirs] = [one.rows.get(key), other.rows.get(key)];
    if (mine !== theirs) return `${key} is ${mine} in ${one.name} and ${theirs} in ${other.name}`;
  }
  return undefined;
}
