// Takes the wrong places out of a document, so that what they hide can be looked at; knows where
// each place of the rest was written.

import { marksOf } from '../../resources/kinds/fields/marks.ts';
import { kinds } from '../../resources/kinds/index.ts';
import { loadDocument } from '../../resources/load/load-text.ts';
import { formatPath, valueAt } from '../../resources/load/path.ts';
import { schemasAt } from '../../resources/load/schema-path.ts';
import type { Declared } from '../../resources/references/declared.ts';
import type { AnyResource, Locate, Path } from '../../resources/resource.ts';

/** A place that is taken out. */
interface Removal {
  readonly path: Path;
  /** The right name of a mistyped member, if it is known. */
  readonly renamed?: string | undefined;
  /** Whether the schema has no such place: nothing depends on it. */
  readonly unknown: boolean;
}

export interface Hidden {
  /** In the document as it was written. */
  readonly path: Path;
  readonly message: string;
}

const MAX_ROUNDS = 8;

/** One document without its wrong places. */
export class Mended {
  readonly of: Declared;
  readonly #locate: Locate;
  readonly #removals = new Map<string, Removal>();
  /** Its other faults, which the mistakes hid. */
  readonly hidden: Hidden[] = [];
  /** Undefined when too little of it is left. */
  resource: AnyResource | undefined;

  /** `locate`: what the mended resource says of its places. */
  constructor(of: Declared, locate: Locate) {
    this.of = of;
    this.#locate = locate;
    for (const mistake of 'mistakes' in of ? of.mistakes : []) {
      if (mistake.at === 'key') this.#remove(mistake.path, { unknown: true, renamed: mistake.suggestion });
      else this.remove(mistake.path);
    }
    this.load();
  }

  /** Takes out what is at `path` of the original or, where nothing is, what it is missing in. */
  remove(path: Path): void {
    let place = path;
    while (
      place.length > 1 &&
      (this.#removals.has(formatPath(place)) || valueAt(this.of.manifest, place) === undefined)
    )
      place = place.slice(0, -1);
    this.#remove(place, { unknown: false });
  }

  load(): void {
    this.resource = undefined;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const value = this.#rest(this.of.manifest, []);
      const loaded = loadDocument(this.of.kind, { value, origin: this.of.origin, locate: this.#locate });
      if ('resource' in loaded) {
        this.resource = loaded.resource;
        return;
      }
      const [draft] = loaded.drafts;
      if (draft === undefined) return;
      for (const [index, mistake] of draft.mistakes.entries()) {
        const path = this.original(mistake.path);
        const message = loaded.problems[index]?.message ?? '';
        if (!this.isShaken(path, message)) this.hidden.push({ path, message });
        this.remove(path);
      }
      if (this.#removals.has('spec') || this.#removals.has('')) return;
    }
  }

  /** Whether anything is left out that says something. */
  get isPartial(): boolean {
    return [...this.#removals.values()].some(({ unknown, renamed }) => !unknown || renamed !== undefined);
  }

  /** Whether a finding at `path` of the original may come from what was taken out. */
  isShaken(path: Path, message: string): boolean {
    return [...this.#removals.values()].some(removal => {
      if (removal.unknown && removal.renamed === undefined) return false;
      const { path: gone } = removal;
      if (begins(path, gone) || begins(gone, path)) return true;
      // Routes ask for what the Api as a whole brings.
      if (gone.length === 2 && (gone[1] === 'auth' || removal.renamed === 'auth')) return path.includes('auth');
      const parent = path.slice(0, -1);
      return gone.length === path.length && begins(gone, parent) && this.#isAbout(parent, message, String(gone.at(-1)));
    });
  }

  /**
   * Whether a rule over the members of one object reads this one; taken for granted
   * of rules that do not say.
   */
  #isAbout(object: Path, message: string, member: string): boolean {
    const rules = schemasAt(kinds[this.of.kind].spec, object.slice(1)).flatMap(schema => marksOf(schema).rules ?? []);
    const rule = rules.find(one => one.message === message);
    return rule === undefined || new RegExp(`\\bself\\.${member}\\b`).test(rule.cel);
  }

  /** The original path of a place in the mended document. */
  original(path: Path): Path {
    const written: (string | number)[] = [];
    for (const step of path) {
      const value = valueAt(this.of.manifest, written);
      if (Array.isArray(value)) {
        const kept = [...value.keys()].filter(index => !this.#removals.has(formatPath([...written, index])));
        written.push(kept[Number(step)] ?? Number(step));
      } else {
        const named = [...this.#removals.values()].find(
          ({ path: gone, renamed }) => renamed === step && gone.length === written.length + 1 && begins(gone, written),
        );
        written.push(named?.path.at(-1) ?? step);
      }
    }
    return written;
  }

  #remove(path: Path, how: Omit<Removal, 'path'>): void {
    this.#removals.set(formatPath(path), { path, ...how });
  }

  #rest(value: unknown, path: Path): unknown {
    if (Array.isArray(value)) {
      return value.flatMap((item, index) => {
        const place = [...path, index];
        return this.#removals.has(formatPath(place)) ? [] : [this.#rest(item, place)];
      });
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, member]) => {
        const place = [...path, name];
        const removal = this.#removals.get(formatPath(place));
        if (removal === undefined) return [[name, this.#rest(member, place)]];
        const { renamed } = removal;
        return renamed === undefined || Object.hasOwn(value, renamed) ? [] : [[renamed, this.#rest(member, place)]];
      }),
    );
  }
}

function begins(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}
