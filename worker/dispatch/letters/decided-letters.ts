// Which events have been redriven or purged, as far as open commands have to know it: a command that comes late must not undo what was decided since.
import { assertKnownVersion } from '../../../core/stored-version.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Command } from '../../lot/lot-record.ts';
import { DEAD_LETTER_VERSION, decodeDeadRecord } from './dead-letter-codec.ts';

const READ_LIMITS = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };

/**
 * What the topic of dead letters says is read once, from where the asker of a command had read it up to; what the owner decides itself it is told
 * by `add`. What others may have decided is older than the owner's claim.
 */
export class DecidedLetters {
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #partition: number;
  /** By event: up to which generation. */
  readonly #decided = new Map<number, number>();
  /** By event: the version of what a later release has written of it, letter or mark. */
  readonly #later = new Map<number, number>();
  /** All that was decided from this offset of the topic on is known; undefined: nothing is. */
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

  /** To keep memory bounded, when no command is open: the next one has it read again. */
  forget(): void {
    this.#decided.clear();
    this.#later.clear();
    this.#from = undefined;
  }

  /**
   * Whether the event's letter was decided about since the command was asked for. Rejects as the log does, and may be asked again then; with
   * `later-release` where that cannot be told.
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
    // Only what was redriven has a letter of a later generation.
    else if (decoded?.type === 'letter') this.add(decoded.letter.offset, decoded.letter.generation - 1);
    // Which of both a later release has written nobody knows here.
    else if (decoded?.event !== undefined) this.#later.set(decoded.event, decoded.version);
  }
}
