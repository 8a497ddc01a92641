// One partition of the simulated log: all that was ever appended, and what of it can still be read.
import type { Bounds, LogRecord, NewRecord, ReadBatch, ReadLimits } from '../../../drivers/event-log/event-log.ts';

/** `by`: the process that appended it. `at`: virtual time. */
export interface StoredRecord extends LogRecord {
  readonly by: string;
  readonly at: number;
}

export class PartitionLog {
  /** Everything ever appended, also what retention or a trim has made unreadable. */
  readonly history: StoredRecord[] = [];
  readonly #waiting = new Set<() => void>();
  #start: number;
  #end: number;

  constructor(first = 0) {
    this.#start = first;
    this.#end = first;
  }

  get bounds(): Bounds {
    return { start: this.#start, end: this.#end };
  }

  append(record: NewRecord, meta: { by: string; at: number; timestamp: number }, gapBefore = 0, gapAfter = 0): number {
    const offset = this.#end + gapBefore;
    const { key, value, headers } = record;
    this.history.push({ offset, timestamp: meta.timestamp, key, value, headers, by: meta.by, at: meta.at });
    this.#end = offset + 1 + gapAfter;
    this.wake();
    return offset;
  }

  /** `seen`: where the log seems to end for this reader. */
  read(from: number, limits: ReadLimits, seen = this.#end): ReadBatch {
    const begin = Math.max(from, this.#start);
    const end = Math.max(begin, Math.min(seen, this.#end));
    const records: StoredRecord[] = [];
    let bytes = 0;
    for (let index = this.#indexOf(begin); index < this.history.length; index++) {
      const record = this.history[index];
      if (!record || record.offset >= end) break;
      bytes += record.value.length;
      if (records.length > 0 && (records.length >= limits.maxRecords || bytes > limits.maxBytes)) {
        return { records, next: (records.at(-1)?.offset ?? begin) + 1, bounds: this.#seen(end) };
      }
      records.push(record);
    }
    return { records, next: end, bounds: this.#seen(end) };
  }

  offsetAt(timestamp: number): number {
    const found = this.history.find(record => record.timestamp >= timestamp && record.offset >= this.#start);
    return found?.offset ?? this.#end;
  }

  trim(before: number): void {
    this.#start = Math.max(this.#start, Math.min(before, this.#end));
  }

  isReadable(offset: number): boolean {
    return offset >= this.#start;
  }

  /** Calls `look` once, at the next append. */
  onAppend(look: () => void): () => void {
    this.#waiting.add(look);
    return () => this.#waiting.delete(look);
  }

  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const look of waiting) look();
  }

  #seen(end: number): Bounds {
    return { start: this.#start, end: Math.max(end, this.#start) };
  }

  #indexOf(offset: number): number {
    let low = 0;
    let high = this.history.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.history[middle]?.offset ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
