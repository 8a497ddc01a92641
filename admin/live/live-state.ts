// The newest state of all things, each with the number of its newest change. A reader that has a
// number needs what has a larger one, so nothing has to be kept for any reader.
import type { Gathered } from '../gathered.ts';
import type { ChangeName, ChangeSubject } from './change.ts';

export interface LiveEntry extends ChangeName {
  /** The number of its newest change. */
  readonly number: number;
  /** The JSON of it, or of its name alone when it is gone. */
  readonly text: string;
  readonly isGone: boolean;
  readonly restricted: Restricted | undefined;
}

/** For a caller who may not view all of these namespaces, another text. */
export interface Restricted {
  readonly namespaces: ReadonlySet<string>;
  readonly text: string;
}

/** A thing in its state of now. */
export interface Found extends ChangeName {
  /** The JSON of it. */
  readonly text: string;
  readonly restricted?: Restricted | undefined;
}

/** One look at a platform. */
export interface Look {
  /** The list of the look before says that nothing has changed. */
  readonly found: readonly Found[];
  /** Could not be asked: their entries stay as they are. */
  readonly unknown: ReadonlySet<ChangeSubject>;
  /** The source of all of it. */
  readonly gathered?: Gathered;
  /** Differs when something changes that no reader is told, and answers of the API show. */
  readonly rest?: string;
}

/** Names of what is gone are kept for readers that were away; so many, or as many as things. */
const MOST_GONE = 1_000;

export class LiveState {
  /** In the order of their numbers. */
  readonly #entries = new Map<string, LiveEntry>();
  #newest = 0;
  #gone = 0;
  #forgotten = 0;
  #unknown: Look['unknown'] = new Set();
  #taken: Look['found'] | undefined;
  #rest: string | undefined;
  /** Changes of the rest. */
  #rests = 0;

  /** Stays the same while nothing changes, neither what readers are told nor the rest. */
  get version(): string {
    return `${this.#newest}.${this.#rests}`;
  }

  /** The number of the newest change. */
  get newest(): number {
    return this.#newest;
  }

  /**
   * The names of things that are gone were forgotten up to this number; readers before it lack
   * them.
   */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The newest look could not ask for these. */
  get unknown(): Look['unknown'] {
    return this.#unknown;
  }

  /** The entries that changed after a number, in the order of the changes. */
  *after(number: number): Generator<LiveEntry> {
    if (number >= this.#newest) return;
    for (const entry of this.#entries.values()) if (entry.number > number) yield entry;
  }

  take({ found, unknown, rest }: Look): void {
    this.#unknown = unknown;
    if (rest !== this.#rest) this.#rests++;
    this.#rest = rest;
    if (found === this.#taken) return;
    this.#taken = found;
    const seen = new Set<string>();
    for (const one of found) {
      const key = keyOf(one);
      seen.add(key);
      const known = this.#entries.get(key);
      const isSame = known?.text === one.text && isSameFor(known.restricted, one.restricted);
      if (!isSame) this.#put(key, one, one.text, false, one.restricted);
    }
    const missing = [...this.#entries].filter(
      ([key, { what, isGone }]) => !isGone && !unknown.has(what) && !seen.has(key),
    );
    for (const [key, { what, kind, namespace, name }] of missing) {
      const left = { what, kind, ...(namespace === undefined ? {} : { namespace }), name };
      this.#put(key, left, JSON.stringify(left), true);
    }
    this.#forget();
  }

  #put(
    key: string,
    { what, kind, namespace, name }: ChangeName,
    text: string,
    isGone: boolean,
    restricted?: Restricted,
  ): void {
    if (this.#entries.get(key)?.isGone) this.#gone--;
    if (isGone) this.#gone++;
    // It goes to the end, where the newest are.
    this.#entries.delete(key);
    this.#entries.set(key, { what, kind, namespace, name, number: ++this.#newest, text, isGone, restricted });
  }

  /** Half of the names of what is gone, the oldest first. */
  #forget(): void {
    const most = Math.max(MOST_GONE, this.#entries.size - this.#gone);
    if (this.#gone <= most) return;
    for (const [key, { isGone, number }] of this.#entries) {
      if (!isGone) continue;
      this.#entries.delete(key);
      this.#forgotten = number;
      if (--this.#gone <= most / 2) return;
    }
  }
}

export function isSameFor(one: Restricted | undefined, other: Restricted | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const { text, namespaces } = one;
  if (text !== other.text || namespaces.size !== other.namespaces.size) return false;
  return [...namespaces].every(name => other.namespaces.has(name));
}

export function keyOf({ what, kind, namespace = '', name }: ChangeName): string {
  return `${what} ${kind} ${namespace}/${name}`;
}
