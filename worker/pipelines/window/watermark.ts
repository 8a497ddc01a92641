// How far event time has come in what a partition reads: the least of what its sources say, those that are silent left out.

interface Source {
  /** The newest time of its events; undefined before the first. */
  time: number | undefined;
  /** For how long it had been silent when it said so; undefined while it is not. */
  silentMs: number | undefined;
}

export type SavedWatermark = readonly [
  watermark: number | null,
  sources: readonly (readonly [number | null, number | null])[],
];

export class Watermark {
  readonly #disorder: number;
  readonly #sources: Source[];
  #value: number;

  /** `sources`: how many there are at least; none is left out that has not said anything yet. */
  constructor(disorder: number, sources: number, saved?: SavedWatermark) {
    const [value, known] = saved ?? [null, []];
    this.#disorder = disorder;
    this.#value = value ?? Number.NEGATIVE_INFINITY;
    this.#sources = Array.from({ length: Math.max(sources, known.length) }, (_, index) => {
      const [time, silentMs] = known[index] ?? [];
      return { time: time ?? undefined, silentMs: silentMs ?? undefined };
    });
  }

  /** What is older comes late. Never goes back. */
  get value(): number {
    return this.#value;
  }

  /** An event of the source. Whether the watermark has moved. */
  saw(index: number, time: number): boolean {
    const source = this.#sourceOf(index);
    if (source === undefined) return false;
    const before = source.time;
    const wasSilent = source.silentMs !== undefined;
    if (before === undefined || time > before) source.time = time;
    else if (!wasSilent) return false;
    source.silentMs = undefined;
    // Only the one that holds the others back can let them go.
    if (!wasSilent && before !== undefined && before - this.#disorder > this.#value) return false;
    return this.#move();
  }

  /** Something comes from it again: it holds the others back. */
  isActive(index: number): void {
    const source = this.#sourceOf(index);
    if (source) source.silentMs = undefined;
  }

  /** All of the source that was appended has been seen, and for so long nothing came. */
  wasSilent(index: number, silentMs: number): boolean {
    const source = this.#sourceOf(index);
    if (source === undefined) return false;
    source.silentMs = Math.max(source.silentMs ?? 0, silentMs);
    return this.#move();
  }

  /** The source has come as far as that, be it with events for others. */
  reached(index: number, time: number): boolean {
    const source = this.#sourceOf(index);
    if (source === undefined || (source.time !== undefined && source.time >= time)) return false;
    source.time = time;
    return this.#move();
  }

  save(): SavedWatermark {
    const value = Number.isFinite(this.#value) ? this.#value : null;
    return [value, this.#sources.map(({ time, silentMs }) => [time ?? null, silentMs ?? null] as const)];
  }

  /** Undefined below 0: it says nothing of time. Beyond those that were known: the Topic has got more partitions. */
  #sourceOf(index: number): Source | undefined {
    while (this.#sources.length <= index) this.#sources.push({ time: undefined, silentMs: undefined });
    return this.#sources[index];
  }

  #move(): boolean {
    let least = Number.POSITIVE_INFINITY;
    let silent = Number.NEGATIVE_INFINITY;
    for (const { time, silentMs } of this.#sources) {
      if (silentMs !== undefined) {
        // When nothing comes at all, time goes on with the clock: so the last windows are closed, too.
        if (time !== undefined) silent = Math.max(silent, time + silentMs);
        continue;
      }
      if (time === undefined) return false;
      if (time < least) least = time;
    }
    const value = (least === Number.POSITIVE_INFINITY ? silent : least) - this.#disorder;
    if (!(value > this.#value)) return false;
    this.#value = value;
    return true;
  }
}
