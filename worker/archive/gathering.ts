// The size of what has gathered for the next files, and whether it is time to write them. It holds
// no events, only their sizes.
import type { ArchiveRow } from './archive-event.ts';
import { type ArchiveLayout, folderOfRow } from './layout.ts';

export interface RollSettings {
  /** Bytes of the events before they are compressed. */
  readonly size: number;
  /** Milliseconds. */
  readonly every: number;
}

/** Most files of one range, as each is made by a reading of its own. */
export const MAX_FOLDERS = 64;
/** Rough size of a row beside its texts. */
const ROW_BYTES = 32;

export class Gathering {
  /** Offset of the first event. */
  readonly from: number;
  /** The offset at which the range has to end, exclusive, if that was decided before. */
  readonly limit: number | undefined;
  readonly #since: number;
  readonly #ageMs: number;
  readonly #partitionBy: ArchiveLayout['partitionBy'];
  readonly #folders = new Set<string>();
  #bytes = 0;
  #rows = 0;

  constructor(options: {
    readonly from: number;
    readonly limit: number | undefined;
    /** Age of the first event at `now`, from its append. */
    readonly ageMs: number;
    readonly partitionBy: ArchiveLayout['partitionBy'];
    /** A clock that is never set, as for `isDue`. */
    readonly now: number;
  }) {
    this.from = options.from;
    this.limit = options.limit;
    // A clock that is behind the log's makes it no younger than new.
    this.#ageMs = Math.max(0, options.ageMs);
    this.#partitionBy = options.partitionBy;
    this.#since = options.now;
  }

  get folders(): readonly string[] {
    return [...this.#folders].sort();
  }

  get rows(): number {
    return this.#rows;
  }

  /**
   * Whether the record of these rows lies behind the range: past its decided end, or because its
   * rows would make too many files.
   */
  endsBefore(offset: number, rows: readonly ArchiveRow[]): boolean {
    if (this.limit !== undefined) return offset >= this.limit;
    if (this.#rows === 0 || this.#folders.size + rows.length <= MAX_FOLDERS) return false;
    const all = new Set(this.#folders);
    for (const row of rows) all.add(this.#folderOf(row));
    return all.size > MAX_FOLDERS;
  }

  add(rows: readonly ArchiveRow[]): void {
    for (const row of rows) {
      this.#folders.add(this.#folderOf(row));
      this.#bytes += sizeOf(row);
      this.#rows++;
    }
  }

  /** Whether the range is to be written as it is. `next`: the offset behind the records read. */
  isDue(roll: RollSettings, next: number, now: number, caughtUp: boolean): boolean {
    if (this.limit !== undefined) return next >= this.limit;
    return now >= this.dueAt(roll, caughtUp);
  }

  isLarge({ size }: RollSettings): boolean {
    return this.limit === undefined && this.#bytes >= size;
  }

  /**
   * `caughtUp`: there is nothing more to read, so old events do not wait once more after a restart.
   * Until then files become large.
   */
  dueAt({ every }: RollSettings, caughtUp: boolean): number {
    return this.#since + every - (caughtUp ? this.#ageMs : 0);
  }

  #folderOf(row: ArchiveRow): string {
    return folderOfRow(row, this.#partitionBy);
  }
}

export function sizeOf(row: ArchiveRow): number {
  let bytes = ROW_BYTES;
  for (const text of [row.id, row.source, row.type, row.subject, row.key, row.data, row.extensions, row.bytes]) {
    if (typeof text === 'string' || text instanceof Uint8Array) bytes += text.length;
  }
  return bytes;
}
