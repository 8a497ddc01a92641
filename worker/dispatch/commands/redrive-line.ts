// The order in which redrives of a partition come to its lot: as they were asked for, so that events of one key are attempted in the order of these.
import type { OpenCommand } from '../../lot/fold-lot.ts';
import { Fifo } from '../fifo.ts';

export interface RedriveLineOptions {
  /** By offset in the lot. */
  readonly commands: ReadonlyMap<number, OpenCommand>;
  /** The event is in the lot already, and waits for a person there. */
  readonly isHeld: (event: number) => boolean;
  /** Whether the lot takes more. */
  readonly hasRoom: () => boolean;
  /** It is this one's turn. More than once changes nothing. */
  readonly begin: (offset: number) => void;
}

export class RedriveLine {
  readonly #options: RedriveLineOptions;
  /** Offsets of commands. */
  readonly #line = new Fifo<number>();
  /** The first waits for room in the lot. */
  #isHeldUp = false;

  constructor(options: RedriveLineOptions) {
    this.#options = options;
  }

  add(offset: number): void {
    this.#line.push(offset);
    if (this.#line.length === 1 || (this.#isHeldUp && this.#needsNoRoom(offset))) this.#options.begin(offset);
  }

  first(count: number): readonly number[] {
    return this.#line.slice(0, count);
  }

  /** Whether there is room for one that has begun, which otherwise begins again when there is. */
  mayEnter(offset: number): boolean {
    const { hasRoom, begin } = this.#options;
    if (offset !== this.#line.peek() || hasRoom() || this.#needsNoRoom(offset)) return true;
    this.#isHeldUp = true;
    // They may be what leaves no room.
    for (const other of this.#line.slice(1, this.#line.length)) if (this.#needsNoRoom(other)) begin(other);
    return false;
  }

  /** There may be room again. */
  look(): void {
    const first = this.#line.peek();
    if (!this.#isHeldUp || first === undefined || !this.#options.hasRoom()) return;
    this.#isHeldUp = false;
    this.#options.begin(first);
  }

  /** It is in the lot, or will not come to be there. */
  pass(offset: number): void {
    if (offset !== this.#line.peek()) return;
    // It had begun twice.
    if (this.#isHeldUp) this.#options.begin(offset);
    this.#isHeldUp = false;
    do this.#line.shift();
    while (this.#line.length > 0 && this.#hasPassed(this.#line.peek()));
    const next = this.#line.peek();
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
