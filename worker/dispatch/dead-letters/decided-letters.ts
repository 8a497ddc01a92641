// The events that have been redriven or purged, as far as open commands need it. A late command
// must not undo a later decision.
import { assertKnownVersion } from '../../../core/stored-version.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Command } from '../../parking-log/parking-log-record.ts';
import { DEAD_LETTER_VERSION, decodeDeadRecord } from './dead-letter-codec.ts';

const READ_LIMITS = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };

/**
 * The owner reads the topic of dead letters once, from the offset that the sender of the command
 * had read up to. `add` records the owner's own decisions. Decisions of others are older than the
 * owner's claim.
 */
export class DecidedLetters {
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #partition: number;
  /** The highest decided generation of each event. */
  readonly #decided = new Map<number, number>();
  /** By event: the version of the letter or mark that a later release has written. */
  readonly #later = new Map<number, number>();
  /** All decisions from this offset of the topic on are known; undefined: none are. */
  #from: number | undefined;
  #under: Promise<void> | undefined;

  constructor(log: EventLog, topic: string, partition: number) {
    this.#log = log;
    this.#topic = topic;
    this.#partition = partition;
  }

  /** The event is redriven or purged as of this generation. */
  add(event: number, generation: number): void {
    this.#decided.set(event, Math.max(generation, this.#decided.get(event) ?? generation));
  }

  /**
   * Forgets all when no command is open, to keep memory bounded. The next command has the topic
   * read again.
   */
  forget(): void {
    this.#decided.clear();
    this.#later.clear();
    this.#from = undefined;
  }

  /**
   * Whether somebody decided about the event's letter since the command. Rejects as the log does,
   * and may be asked again then. Rejects with `later-release` where it cannot be told.
   */
  async has({ event, generation, letter = 0, asOf = letter }: Command): Promise<boolean> {
    while (this.#from === undefined || asOf < this.#from) {
      this.#under ??= this.#readFrom(asOf).finally(() => {
        this.#under = undefined;
      });
      await this.#under;
    }
    if ((this.#decided.get(event) ?? -1) >= generation) return true;
    const what = `what stands of dead letter ${this.#partition}-${event} in ${this.#topic}`;
    assertKnownVersion(what, this.#later.get(event) ?? DEAD_LETTER_VERSION, DEAD_LETTER_VERSION);
    return false;
  }

  async #readFrom(asOf: number): Promise<void> {
    const { start = 0, end = 0 } = (await this.#log.bounds(this.#topic))?.[this.#partition] ?? {};
    const until = this.#from ?? end;
    for (let from = Math.max(asOf, start); from < until; ) {
      const batch = await this.#log.read(this.#topic, this.#partition, from, READ_LIMITS);
      for (const record of batch.records) this.#fold(decodeDeadRecord(this.#partition, record));
      if (batch.next <= from) break;
      from = batch.next;
    }
    this.#from = asOf;
  }

  #fold(decoded: ReturnType<typeof decodeDeadRecord>): void {
    if (decoded?.type === 'mark') this.add(decoded.event, decoded.generation);
    // Only a redriven event has a letter of a later generation.
    else if (decoded?.type === 'letter') this.add(decoded.letter.offset, decoded.letter.generation - 1);
    // This release cannot tell which of both a later release has written.
    else if (decoded?.event !== undefined) this.#later.set(decoded.event, decoded.version);
  }
}
