// An index of a group's dead letters without their events, folded from their topic. It is bounded
// and keeps the newest.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { DeadLetter } from '../settings.ts';
import { decodeDeadRecord } from './dead-letter-codec.ts';

/** A dead letter without its event. */
export interface LetterSummary extends Omit<DeadLetter, 'record'> {
  /** `<partition>-<offset>`, unique within the group. */
  readonly id: string;
  readonly key: string | null;
  /** Offset of the letter in the topic of dead letters. */
  readonly letter: number;
  readonly eventId: string | undefined;
  readonly eventType: string | undefined;
}

export interface LaterRecord {
  readonly partition: number;
  /** Offset in the topic of dead letters. */
  readonly at: number;
  readonly version: number;
}

export class LetterIndex {
  readonly #most: number;
  /** In the order in which they came. */
  readonly #letters = new Map<string, LetterSummary>();
  /**
   * The generation up to which an event was redriven or purged. A late letter does not bring it
   * back.
   */
  readonly #gone = new Map<string, number>();
  /**
   * Records of a later release, by the event that they seem to be about. This release cannot tell
   * whether such an event has a letter.
   */
  readonly #later = new Map<string, LaterRecord>();
  #omitted = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#letters.size;
  }

  /** Letters that were left out to keep memory bounded: the oldest. */
  get omitted(): number {
    return this.#omitted;
  }

  get later(): ReadonlyMap<string, LaterRecord> {
    return this.#later;
  }

  get(id: string): LetterSummary | undefined {
    return this.#letters.get(id);
  }

  values(): Iterable<LetterSummary> {
    return this.#letters.values();
  }

  add(partition: number, record: LogRecord): void {
    const decoded = decodeDeadRecord(partition, record);
    if (decoded === undefined) return;
    if (decoded.type === 'letter') {
      this.#addLetter(decoded.letter, record.offset);
      return;
    }
    if (decoded.type === 'later') {
      this.#addLater(decoded, partition, record.offset);
      return;
    }
    const id = idOf(partition, decoded.event);
    const gone = Math.max(decoded.generation, this.#gone.get(id) ?? -1);
    this.#gone.delete(id);
    this.#gone.set(id, gone);
    this.#bound(this.#gone);
    const letter = this.#letters.get(id);
    if (letter && letter.generation <= decoded.generation) this.#letters.delete(id);
  }

  #addLetter(letter: DeadLetter, at: number): void {
    const { record, ...rest } = letter;
    const id = idOf(letter.partition, letter.offset);
    if (this.#later.has(id)) return;
    const known = this.#letters.get(id);
    if (letter.generation <= (this.#gone.get(id) ?? -1) || (known && known.generation > letter.generation)) return;
    // A late letter about a held event must not undo that it was skipped.
    if (known && known.generation === letter.generation && letter.held && !known.held) return;
    const { ce_id: eventId, ce_type: eventType } = record.headers;
    this.#letters.delete(id);
    this.#letters.set(id, { ...rest, id, key: record.key, letter: at, eventId, eventType });
    this.#omitted += this.#bound(this.#letters);
  }

  /** The index forgets what it knew of the event before. */
  #addLater({ event, version }: { event: number | undefined; version: number }, partition: number, at: number): void {
    const id = event === undefined ? `${partition}@${at}` : idOf(partition, event);
    this.#letters.delete(id);
    this.#later.delete(id);
    this.#later.set(id, { partition, at, version });
    this.#omitted += this.#bound(this.#later);
  }

  /** Letters below this offset have been deleted. */
  forgetBefore(partition: number, at: number): void {
    for (const [id, letter] of this.#letters) {
      if (letter.partition === partition && letter.letter < at) this.#letters.delete(id);
    }
    for (const [id, later] of this.#later) {
      if (later.partition === partition && later.at < at) this.#later.delete(id);
    }
  }

  #bound(map: Map<string, unknown>): number {
    let dropped = 0;
    for (const id of map.keys()) {
      if (map.size <= this.#most) break;
      map.delete(id);
      dropped++;
    }
    return dropped;
  }
}

function idOf(partition: number, offset: number): string {
  return `${partition}-${offset}`;
}
