// The event time in the records that a partition reads: the least of its sources. A silent source
// counts with the progress of the others.
import type { Clock } from '../../fold/clock-record.ts';

/** Records of a source below an offset have come to a time. */
type Came = readonly [upTo: number, time: number];

interface Source {
  /** The newest time of its events; undefined before the first. */
  time: number | undefined;
  /**
   * Nothing older is to come from it than from the others by now. This is how far those had come by
   * then.
   */
  bound: number | undefined;
  /** How long it had been silent at its last report; undefined while it is not silent. */
  silentMs: number | undefined;
  /** Its progress, newest last. */
  came: readonly Came[];
  /**
   * By other source: all later records of this one were appended after all records of that one
   * below the offset.
   */
  readonly after: Map<number, number>;
  /** Its progress as this partition knows it, by events and clocks; undefined before the first. */
  known: Known | undefined;
}

interface Known {
  offset: number;
  /** The newest time of its events up to the offset. */
  time: number;
  /** The newest time that this partition itself has told all others. */
  spread: number | undefined;
}

type SavedSource = readonly [
  time: number | null,
  silentMs: number | null,
  bound?: number | null,
  came?: readonly Came[],
  after?: readonly (readonly [number, number])[],
  known?: readonly [offset: number, time: number, spread: number | null] | null,
];
/** A number that no source has is null: one topic has more partitions than another. */
export type SavedWatermark = readonly [watermark: number | null, sources: readonly (SavedSource | null)[]];

/** The number of a partition among all sources, however many partitions each topic gets. */
export function sourceNumber(partition: number, topic: number, topics: number): number {
  return partition * topics + topic;
}

/** A source reports its progress once a second. Others name its end some seconds later at most. */
const KEPT = 16;

/**
 * Nothing here asks a clock. Each source holds the others back at the newest time of its own. A
 * source may be silent for a while and read up to its end. It then has nothing older to come than
 * the others had at the look before, so it lets them go as far as that.
 */
export class Watermark {
  readonly #disorder: number;
  /** How many topics the sources are partitions of: those of one are so many numbers apart. */
  readonly #topics: number;
  readonly #sources: (Source | undefined)[];
  #value: number;

  /**
   * `sources`: how many there are at least of each topic; none is left out that has not said
   * anything yet. The watermark learns of later sources only from the records that it reads, so
   * that a second reader counts the same.
   */
  constructor(disorder: number, sources: readonly number[], saved?: SavedWatermark) {
    const [value, known] = saved ?? [null, []];
    this.#disorder = disorder;
    this.#topics = sources.length;
    this.#value = value ?? Number.NEGATIVE_INFINITY;
    this.#sources = known.map(each => (each === null ? undefined : restore(each)));
    if (saved) return;
    for (const [topic, count] of sources.entries()) this.#sourceOf(sourceNumber(count - 1, topic, sources.length));
  }

  /** Older events come late. The value never goes back. */
  get value(): number {
    return this.#value;
  }

  /** The newest time that is known of any source. */
  get newest(): number | undefined {
    let newest: number | undefined;
    for (const source of this.#sources) {
      const time = source?.time;
      if (time !== undefined && !(newest !== undefined && newest >= time)) newest = time;
    }
    return newest;
  }

  /**
   * The time that would be if it had gone on by itself since the last event, and all sources are
   * silent; else undefined. It tells what nobody would wait for any longer. It must not turn events
   * away.
   */
  get silence(): number | undefined {
    let least = Number.POSITIVE_INFINITY;
    for (const source of this.#sources) {
      if (source === undefined) continue;
      if (source.silentMs === undefined) return undefined;
      least = Math.min(least, source.silentMs);
    }
    const { newest } = this;
    return newest === undefined ? undefined : newest + least - this.#disorder;
  }

  /** Takes in an event of the source. Returns whether the watermark has moved. */
  saw(index: number, time: number): boolean {
    const source = this.#sourceOf(index);
    if (source === undefined) return false;
    source.silentMs = undefined;
    const before = latest(source);
    if (source.time === undefined || time > source.time) source.time = time;
    // Only the one that holds the others back can let them go.
    if (before !== undefined && (time <= before || before - this.#disorder > this.#value)) return false;
    return this.#move();
  }

  /** An event of the source is here. */
  knows(index: number, offset: number, time: number): void {
    const source = this.#sourceOf(index);
    if (source === undefined) return;
    const { known } = source;
    if (known === undefined) source.known = { offset, time, spread: undefined };
    else {
      if (offset > known.offset) known.offset = offset;
      if (time > known.time) known.time = time;
    }
  }

  /**
   * Asked once for each clock. A teller may have died before it had told all partitions, and the
   * next one does not know the time. The answer is that time, where this partition knows it and has
   * not told it yet. It must tell all others before it counts the clock as taken.
   */
  untold({ source: index, time, upTo }: Clock): number | undefined {
    const known = this.#sourceOf(index)?.known;
    let untold: number | undefined;
    if (known && known.offset < upTo && isNewer(known.time, time) && isNewer(known.time, known.spread)) {
      untold = known.time;
      known.spread = untold;
    }
    if (time !== undefined) this.knows(index, upTo - 1, time);
    return untold;
  }

  /** Something comes from it again. */
  isActive(index: number): void {
    const source = this.#sourceOf(index);
    if (source) source.silentMs = undefined;
  }

  /**
   * `isQuiet`: that nothing came from it after what the clock speaks of.
   * Whether the watermark has moved.
   */
  told({ source: index, time, upTo, silentMs, ends, sources }: Clock, isQuiet: boolean): boolean {
    // A new one holds the others back before anything came from it.
    if (sources !== undefined) this.#sourceOf(sources - 1);
    const source = this.#sourceOf(index);
    if (source === undefined) return false;
    if (silentMs === undefined) source.silentMs = undefined;
    else if (isQuiet) source.silentMs = Math.max(source.silentMs ?? 0, silentMs);
    if (time !== undefined) this.#came(index, source, upTo, time);
    for (const [of, end] of ends ?? []) this.#isAfter(source, of, end);
    return this.#move();
  }

  save(): SavedWatermark {
    const value = Number.isFinite(this.#value) ? this.#value : null;
    return [
      value,
      Array.from(this.#sources, source => {
        if (source === undefined) return null;
        const { time, silentMs, bound, came, after, known } = source;
        const plain = [time ?? null, silentMs ?? null] as const;
        // Sources that have come further already hold nothing back any more.
        const open = [...after].filter(([of, end]) => end > (this.#sources[of]?.came.at(-1)?.[0] ?? -1));
        if (bound === undefined && came.length === 0 && open.length === 0 && known === undefined) return plain;
        const all = [...plain, bound ?? null, came, open] as const;
        return known === undefined ? all : ([...all, [known.offset, known.time, known.spread ?? null]] as const);
      }),
    ];
  }

  #came(index: number, source: Source, upTo: number, time: number): void {
    if (source.time === undefined || time > source.time) source.time = time;
    const last = source.came.at(-1);
    if (last === undefined || (upTo > last[0] && time > last[1])) {
      source.came = [...source.came, [upTo, time] as const].slice(-KEPT);
    }
    for (const other of this.#sources) {
      const end = other?.after.get(index);
      if (other && end !== undefined && upTo <= end) raise(other, time);
    }
  }

  #isAfter(source: Source, of: number, end: number): void {
    const other = this.#sourceOf(of);
    if (other === undefined || other === source || end <= (source.after.get(of) ?? -1)) return;
    source.after.set(of, end);
    const came = other.came.findLast(([upTo]) => upTo <= end);
    if (came) raise(source, came[1]);
  }

  /**
   * Undefined below 0: it says nothing of time. Beyond those that were known: the
   * Topic has got more partitions.
   */
  #sourceOf(index: number): Source | undefined {
    for (let at = index; at >= 0 && this.#sources[at] === undefined; at -= this.#topics)
      this.#sources[at] = restore(undefined);
    return this.#sources[index];
  }

  #move(): boolean {
    let least = Number.POSITIVE_INFINITY;
    for (const source of this.#sources) {
      if (source === undefined) continue;
      const time = latest(source);
      if (time === undefined) return false;
      if (time < least) least = time;
    }
    const value = least - this.#disorder;
    if (!(value > this.#value)) return false;
    this.#value = value;
    return true;
  }
}

function latest({ time, bound }: Source): number | undefined {
  return time === undefined || (bound !== undefined && bound > time) ? bound : time;
}

function isNewer(time: number, than: number | undefined): boolean {
  return than === undefined || time > than;
}

function raise(source: Source, time: number): void {
  if (source.bound === undefined || time > source.bound) source.bound = time;
}

function restore(saved: SavedSource | undefined): Source {
  const [time, silentMs, bound, came, after, known] = saved ?? [];
  return {
    time: time ?? undefined,
    bound: bound ?? undefined,
    silentMs: silentMs ?? undefined,
    came: came ?? [],
    after: new Map(after ?? []),
    known: known ? { offset: known[0], time: known[1], spread: known[2] ?? undefined } : undefined,
  };
}
