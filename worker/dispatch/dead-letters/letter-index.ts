// An index of a group's dead letters without their events, folded from their topic. It is bounded
// and keeps the newest.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { DeadLetter } from '../settings.ts';
import { causeTextOf, groupIdOf } from './cause-group.ts';
import { decodeDeadRecord, type LetterMark } from './dead-letter-codec.ts';
import { type LetterPlace, LetterTable } from './letter-table.ts';

export interface LaterRecord {
  readonly partition: number;
  /** Offset in the topic of dead letters. */
  readonly at: number;
  readonly version: number;
}

/** A group of dead letters by their cause. */
export interface LetterGroup {
  /** Ten letters and digits: the same in every process and release. */
  readonly id: string;
  /** The cause, with numbers, ids and quoted values masked. */
  readonly text: string;
}

/** The decision of a person about an event, up to this generation. */
export interface LetterDecision {
  readonly generation: number;
  readonly mark: LetterMark;
  /** By the log's clock, milliseconds since 1970. */
  readonly at: number;
}

/** Causes beyond so many are one group. */
const MOST_GROUPS = 10_000;
const OTHERS = `other causes: there are more than ${MOST_GROUPS}`;

export class LetterIndex {
  readonly #most: number;
  readonly #table = new LetterTable();
  readonly #groups: LetterGroup[] = [];
  readonly #groupNumbers = new Map<string, number>();
  /**
   * The generation up to which an event was redriven or purged. A late letter does not bring it
   * back.
   */
  readonly #decided = new Map<string, LetterDecision>();
  /**
   * Records of a later release, by the event that they seem to be about. This release cannot tell
   * whether such an event has a letter.
   */
  readonly #later = new Map<string, LaterRecord>();
  /** By partition: the offset below which letters have been forgotten. */
  readonly #starts: number[] = [];
  #omitted = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#table.size;
  }

  /** Letters that were left out to keep memory bounded: the oldest. */
  get omitted(): number {
    return this.#omitted;
  }

  get later(): ReadonlyMap<string, LaterRecord> {
    return this.#later;
  }

  get table(): LetterTable {
    return this.#table;
  }

  /** By the number that letters have of theirs. */
  get groups(): readonly LetterGroup[] {
    return this.#groups;
  }

  get(id: string): LetterPlace | undefined {
    const [partition, offset] = partsOf(id);
    const row = this.#table.rowOf(partition, offset);
    const place = row === undefined ? undefined : this.#table.at(row);
    return idOf(partition, offset) === id ? place : undefined;
  }

  /** Undefined where nobody has decided, or so long ago that it is forgotten. */
  decisionOf(id: string): LetterDecision | undefined {
    return this.#decided.get(id);
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
    const { event, generation, mark } = decoded;
    const id = idOf(partition, event);
    const known = this.#decided.get(id);
    this.#decided.delete(id);
    this.#decided.set(id, known && known.generation >= generation ? known : { generation, mark, at: record.timestamp });
    this.#bound(this.#decided);
    const row = this.#table.rowOf(partition, event);
    if (row !== undefined && this.#table.at(row).generation <= generation) this.#table.remove(row);
  }

  #addLetter(letter: DeadLetter, at: number): void {
    const { partition, offset, generation } = letter;
    const id = idOf(partition, offset);
    if (this.#later.has(id)) return;
    const row = this.#table.rowOf(partition, offset);
    const known = row === undefined ? undefined : this.#table.at(row);
    if (generation <= (this.#decided.get(id)?.generation ?? -1) || (known && known.generation > generation)) return;
    // A late letter about a held event must not undo that it was skipped.
    if (known && known.generation === generation && letter.held && !known.held) return;
    if (row !== undefined) this.#table.remove(row);
    const { reason, held, record } = letter;
    const group = this.#groupOf(causeTextOf(letter));
    this.#table.add({ partition, offset, generation, letter: at, at: letter.at, held, key: record.key, reason, group });
    this.#omitted += this.#table.bound(this.#most);
  }

  #groupOf(causeText: string): number {
    const known = this.#groupNumbers.get(causeText);
    if (known !== undefined) return known;
    if (causeText !== OTHERS && this.#groups.length >= MOST_GROUPS) return this.#groupOf(OTHERS);
    const number = this.#groups.push({ id: groupIdOf(causeText), text: causeText }) - 1;
    this.#groupNumbers.set(causeText, number);
    return number;
  }

  /** The index forgets what it knew of the event before. */
  #addLater({ event, version }: { event: number | undefined; version: number }, partition: number, at: number): void {
    const id = event === undefined ? `${partition}@${at}` : idOf(partition, event);
    const row = event === undefined ? undefined : this.#table.rowOf(partition, event);
    if (row !== undefined) this.#table.remove(row);
    this.#later.delete(id);
    this.#later.set(id, { partition, at, version });
    this.#omitted += this.#bound(this.#later);
  }

  /** Letters below this offset have been deleted. */
  forgetBefore(partition: number, at: number): void {
    if (at <= (this.#starts[partition] ?? 0)) return;
    this.#starts[partition] = at;
    const isGone = this.#table.rows((row, { partitions, letters }) => {
      return partitions[row] === partition && (letters[row] ?? 0) < at;
    });
    for (const row of isGone) this.#table.remove(row);
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

export function idOf(partition: number, offset: number): string {
  return `${partition}-${offset}`;
}

function partsOf(id: string): [partition: number, offset: number] {
  const [partition, offset] = id.split('-', 2).map(Number);
  return [partition ?? Number.NaN, offset ?? Number.NaN];
}
