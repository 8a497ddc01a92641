// The dead letters of a group as columns of numbers: a million take about 170 MB, and a look at
// each takes some milliseconds.

/** A dead letter without its event and its failure. */
export interface LetterPlace {
  readonly partition: number;
  /** Offset in the source topic. */
  readonly offset: number;
  readonly generation: number;
  /** Offset of the letter in the topic of dead letters. */
  readonly letter: number;
  /** When it was given up, milliseconds since 1970. */
  readonly at: number;
  readonly held: boolean;
  readonly key: string | null;
  readonly reason: string;
  /** The number of the group of its cause. */
  readonly group: number;
}

const FIRST_ROOM = 256;
/** Rows of letters that have gone are kept until there are as many of them as of others. */
const LEAST_GONE = 1024;
const GONE = 0;
const LIVE = 1;
const HELD = 2;

/** Rows are numbered in the order in which letters came. A number is good until the next change. */
export class LetterTable {
  #partitions = new Int32Array(FIRST_ROOM);
  #offsets = new Float64Array(FIRST_ROOM);
  #generations = new Uint32Array(FIRST_ROOM);
  #letters = new Float64Array(FIRST_ROOM);
  #ats = new Float64Array(FIRST_ROOM);
  #groups = new Int32Array(FIRST_ROOM);
  #reasons = new Uint8Array(FIRST_ROOM);
  #states = new Uint8Array(FIRST_ROOM);
  #keys: (string | null)[] = [];
  readonly #reasonNames: string[] = [];
  /** By partition: rows by offset in the source. */
  readonly #rows: Map<number, number>[] = [];
  /** No row below this one is there. */
  #first = 0;
  #end = 0;
  #live = 0;

  get size(): number {
    return this.#live;
  }

  rowOf(partition: number, offset: number): number | undefined {
    return this.#rows[partition]?.get(offset);
  }

  at(row: number): LetterPlace {
    return {
      partition: this.#partitions[row] ?? 0,
      offset: this.#offsets[row] ?? 0,
      generation: this.#generations[row] ?? 0,
      letter: this.#letters[row] ?? 0,
      at: this.#ats[row] ?? 0,
      held: this.#states[row] === HELD,
      key: this.#keys[row] ?? null,
      reason: this.#reasonNames[this.#reasons[row] ?? 0] ?? '',
      group: this.#groups[row] ?? 0,
    };
  }

  add(place: LetterPlace): void {
    if (this.#end === this.#states.length) this.#makeRoom();
    const row = this.#end++;
    this.#partitions[row] = place.partition;
    this.#offsets[row] = place.offset;
    this.#generations[row] = place.generation;
    this.#letters[row] = place.letter;
    this.#ats[row] = place.at;
    this.#groups[row] = place.group;
    this.#reasons[row] = this.#reasonOf(place.reason);
    this.#states[row] = place.held ? HELD : LIVE;
    this.#keys[row] = place.key;
    this.#rowsOf(place.partition).set(place.offset, row);
    this.#live++;
  }

  remove(row: number): void {
    if (this.#states[row] === GONE) return;
    this.#states[row] = GONE;
    this.#keys[row] = null;
    this.#rows[this.#partitions[row] ?? 0]?.delete(this.#offsets[row] ?? 0);
    this.#live--;
  }

  /** Removes the rows that came first, until there are at most so many. Returns how many went. */
  bound(most: number): number {
    let dropped = 0;
    for (; this.#live > most; this.#first++) {
      if (this.#states[this.#first] === GONE) continue;
      this.remove(this.#first);
      dropped++;
    }
    return dropped;
  }

  /**
   * Rows for which `wanted` is true, in their order. `wanted` reads columns by `LetterColumns`: it
   * is called for each row, and makes no objects.
   */
  *rows(wanted: (row: number, columns: LetterColumns) => boolean): Generator<number> {
    const columns = this.columns;
    for (let row = this.#first; row < this.#end; row++)
      if (this.#states[row] !== GONE && wanted(row, columns)) yield row;
  }

  get columns(): LetterColumns {
    return {
      partitions: this.#partitions,
      offsets: this.#offsets,
      letters: this.#letters,
      ats: this.#ats,
      groups: this.#groups,
      keys: this.#keys,
      isHeld: row => this.#states[row] === HELD,
      isReason: (row, reason) => this.#reasonNames[this.#reasons[row] ?? 0] === reason,
    };
  }

  #rowsOf(partition: number): Map<number, number> {
    this.#rows[partition] ??= new Map();
    return this.#rows[partition];
  }

  #reasonOf(reason: string): number {
    const known = this.#reasonNames.indexOf(reason);
    return known < 0 ? this.#reasonNames.push(reason) - 1 : known;
  }

  /** Moves the rows together where many have gone, and into twice the room otherwise. */
  #makeRoom(): void {
    const gone = this.#end - this.#live;
    const room = gone > LEAST_GONE && gone > this.#live ? this.#states.length : this.#states.length * 2;
    const places: number[] = [];
    for (let row = this.#first; row < this.#end; row++) if (this.#states[row] !== GONE) places.push(row);
    const moved = <T extends Int32Array | Uint32Array | Float64Array | Uint8Array>(from: T, to: T): T => {
      for (const [row, old] of places.entries()) to[row] = from[old] ?? 0;
      return to;
    };
    this.#partitions = moved(this.#partitions, new Int32Array(room));
    this.#offsets = moved(this.#offsets, new Float64Array(room));
    this.#generations = moved(this.#generations, new Uint32Array(room));
    this.#letters = moved(this.#letters, new Float64Array(room));
    this.#ats = moved(this.#ats, new Float64Array(room));
    this.#groups = moved(this.#groups, new Int32Array(room));
    this.#reasons = moved(this.#reasons, new Uint8Array(room));
    this.#states = moved(this.#states, new Uint8Array(room));
    this.#keys = places.map(row => this.#keys[row] ?? null);
    this.#first = 0;
    this.#end = places.length;
    for (let row = 0; row < this.#end; row++)
      this.#rowsOf(this.#partitions[row] ?? 0).set(this.#offsets[row] ?? 0, row);
  }
}

/** By row. */
export interface LetterColumns {
  readonly partitions: Int32Array;
  readonly offsets: Float64Array;
  readonly letters: Float64Array;
  readonly ats: Float64Array;
  readonly groups: Int32Array;
  readonly keys: readonly (string | null)[];
  isHeld(row: number): boolean;
  isReason(row: number, reason: string): boolean;
}
