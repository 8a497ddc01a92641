// Brings given-up events to the topic of dead letters, tells whoever must know, and confirms it in the lot; again until it is confirmed.
import type { Entry, LotState } from '../../lot/fold-lot.ts';
import type { OwnersRecord } from '../../lot/lot-record.ts';
import { Fifo } from '../fifo.ts';
import type { PartitionContext } from '../partition-context.ts';
import type { DeadLetter } from '../settings.ts';
import { tryAgain } from '../try-again.ts';
import { encodeLetter } from './dead-letter-codec.ts';

export interface UndertakerOptions {
  readonly context: PartitionContext;
  readonly partition: number;
  readonly state: LotState;
  readonly signal: AbortSignal;
  readonly write: (record: OwnersRecord, applied: () => void) => void;
  readonly trouble: (error: unknown) => void;
  /** The lot has confirmed it. */
  readonly buried: (event: number) => void;
}

const MOST_AT_ONCE = 100;

export class Undertaker {
  readonly #options: UndertakerOptions;
  readonly #waiting = new Fifo<number>();
  #count = 0;
  #working = false;

  constructor(options: UndertakerOptions) {
    this.#options = options;
  }

  /** On their way, confirmations included. */
  get count(): number {
    return this.#count;
  }

  /** The lot says that this event was given up; its letter is not confirmed. */
  add(event: number): void {
    this.#count++;
    this.#waiting.push(event);
    if (this.#working) return;
    this.#working = true;
    this.#work().catch(() => {
      // Only its owner's end stops it; the next owner finds what is not confirmed.
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const entries: Entry[] = [];
      while (entries.length < MOST_AT_ONCE) {
        const event = this.#waiting.shift();
        if (event === undefined) break;
        const entry = this.#options.state.entries.get(event);
        if (entry?.death && !entry.buried) entries.push(entry);
        else this.#count--;
      }
      if (entries.length > 0) await this.#bury(entries);
    }
    this.#working = false;
  }

  async #bury(entries: readonly Entry[]): Promise<void> {
    const { context, partition, signal, trouble } = this.#options;
    const { world, log, deadTopic } = context;
    const letters = entries.map(entry => toLetter(partition, entry));
    await tryAgain(world, signal, trouble, () => log.append(deadTopic, letters.map(encodeLetter)));
    await Promise.all(letters.map(letter => this.#tell(letter)));
    for (const letter of letters) this.#confirm(letter);
  }

  async #tell(letter: DeadLetter): Promise<void> {
    const { context, signal, trouble } = this.#options;
    const { buried, world } = context;
    if (letter.held || !buried) return;
    await tryAgain(world, signal, trouble, () => buried(letter));
  }

  #confirm(letter: DeadLetter): void {
    const { context, write, buried } = this.#options;
    const { offset: event, generation, held } = letter;
    write({ type: 'buried', event, generation, held }, () => {
      this.#count--;
      if (!held) context.totals.dead++;
      context.listener.buried(letter);
      buried(event);
    });
  }
}

function toLetter(partition: number, entry: Entry): DeadLetter {
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
