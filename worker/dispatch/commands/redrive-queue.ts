// The order in which redrives of a partition enter its parking log. They enter in the order of
// their commands, so that events of one key are attempted in that order.
import type { OpenCommand } from '../../parking-log/fold-parking-log.ts';
import { Fifo } from '../fifo.ts';

export interface RedriveQueueOptions {
  /** By offset in the parking log. */
  readonly commands: ReadonlyMap<number, OpenCommand>;
  /** The event is in the parking log already, and waits for a person there. */
  readonly isHeld: (event: number) => boolean;
  /** Whether the parking log takes more records. */
  readonly hasRoom: () => boolean;
  /** The turn of this redrive has come. Repeated calls change nothing. */
  readonly begin: (offset: number) => void;
}

export class RedriveQueue {
  readonly #options: RedriveQueueOptions;
  /** Offsets of commands. */
  readonly #queue = new Fifo<number>();
  /** The first waits for room in the parking log. */
  #isHeldUp = false;

  constructor(options: RedriveQueueOptions) {
    this.#options = options;
  }

  add(offset: number): void {
    this.#queue.push(offset);
    if (this.#queue.length === 1 || (this.#isHeldUp && this.#needsNoRoom(offset))) this.#options.begin(offset);
  }

  first(count: number): readonly number[] {
    return this.#queue.slice(0, count);
  }

  /** Whether there is room for a redrive that has begun. Without room it begins again later. */
  mayEnter(offset: number): boolean {
    const { hasRoom, begin } = this.#options;
    if (offset !== this.#queue.peek() || hasRoom() || this.#needsNoRoom(offset)) return true;
    this.#isHeldUp = true;
    // These redrives may be what leaves no room.
    for (const other of this.#queue.slice(1, this.#queue.length)) if (this.#needsNoRoom(other)) begin(other);
    return false;
  }

  /** There may be room again. */
  look(): void {
    const first = this.#queue.peek();
    if (!this.#isHeldUp || first === undefined || !this.#options.hasRoom()) return;
    this.#isHeldUp = false;
    this.#options.begin(first);
  }

  /** The redrive is in the parking log, or will not come to be there. */
  pass(offset: number): void {
    if (offset !== this.#queue.peek()) return;
    // The redrive had begun twice.
    if (this.#isHeldUp) this.#options.begin(offset);
    this.#isHeldUp = false;
    do this.#queue.shift();
    while (this.#queue.length > 0 && this.#hasPassed(this.#queue.peek()));
    const next = this.#queue.peek();
    if (next !== undefined) this.#options.begin(next);
  }

  #needsNoRoom(offset: number): boolean {
    const open = this.#options.commands.get(offset);
    return open !== undefined && (open.acted || this.#options.isHeld(open.command.event));
  }

  #hasPassed(offset: number | undefined): boolean {
    const open = offset === undefined ? undefined : this.#options.commands.get(offset);
    return open === undefined || open.acted;
  }
}
