// Writes given-up events to the topic of dead letters, tells the handlers, and confirms it in the
// parking log. It repeats all of that until it is confirmed.
import type { ParkingLogEntry, ParkingLogState } from '../../parking-log/fold-parking-log.ts';
import type { OwnersRecord } from '../../parking-log/parking-log-record.ts';
import { Fifo } from '../fifo.ts';
import type { PartitionContext } from '../partition-context.ts';
import type { DeadLetter } from '../settings.ts';
import { tryAgain } from '../try-again.ts';
import { encodeLetter } from './dead-letter-codec.ts';

export interface DeadLetterWriterOptions {
  readonly context: PartitionContext;
  readonly partition: number;
  readonly state: ParkingLogState;
  readonly signal: AbortSignal;
  readonly write: (record: OwnersRecord, applied: () => void) => void;
  readonly trouble: (error: unknown) => void;
  /** The parking log has confirmed it. */
  readonly deadLettered: (event: number) => void;
}

const MOST_AT_ONCE = 100;

export class DeadLetterWriter {
  readonly #options: DeadLetterWriterOptions;
  readonly #waiting = new Fifo<number>();
  #count = 0;
  #working = false;

  constructor(options: DeadLetterWriterOptions) {
    this.#options = options;
  }

  /** Letters on their way, with their confirmations. */
  get count(): number {
    return this.#count;
  }

  /** The parking log says that this event was given up; its letter is not confirmed. */
  add(event: number): void {
    this.#count++;
    this.#waiting.push(event);
    if (this.#working) return;
    this.#working = true;
    this.#work().catch(() => {
      // Only its owner's end stops it; the next owner finds the unconfirmed letters.
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const entries: ParkingLogEntry[] = [];
      while (entries.length < MOST_AT_ONCE) {
        const event = this.#waiting.shift();
        if (event === undefined) break;
        const entry = this.#options.state.entries.get(event);
        if (entry?.death && !entry.deadLettered) entries.push(entry);
        else this.#count--;
      }
      if (entries.length > 0) await this.#writeDeadLetter(entries);
    }
    this.#working = false;
  }

  async #writeDeadLetter(entries: readonly ParkingLogEntry[]): Promise<void> {
    const { context, partition, signal, trouble } = this.#options;
    const { world, log, deadTopic } = context;
    const letters = entries.map(entry => toLetter(partition, entry));
    await tryAgain(world, signal, trouble, () => log.append(deadTopic, letters.map(encodeLetter)));
    await Promise.all(letters.map(letter => this.#tell(letter)));
    for (const letter of letters) this.#confirm(letter);
  }

  async #tell(letter: DeadLetter): Promise<void> {
    const { context, signal, trouble } = this.#options;
    const { deadLettered, world } = context;
    if (letter.held || !deadLettered) return;
    await tryAgain(world, signal, trouble, () => deadLettered(letter));
  }

  #confirm(letter: DeadLetter): void {
    const { context, write, deadLettered } = this.#options;
    const { offset: event, generation, held } = letter;
    write({ type: 'dead-lettered', event, generation, held }, () => {
      this.#count--;
      if (!held) context.totals.dead++;
      context.observer.deadLettered(letter);
      deadLettered(event);
    });
  }
}

function toLetter(partition: number, entry: ParkingLogEntry): DeadLetter {
  const { event: offset, generation, death, error, attempts, state, record } = entry;
  return {
    partition,
    offset,
    generation,
    reason: death?.reason ?? 'exhausted',
    error,
    attempts,
    at: death?.since ?? 0,
    held: state === 'held',
    record,
  };
}
