// Connections that were refused and are tried again. They are tried one at a time, however many
// wait, so that a missing server is not stormed. When one gets through, all follow.

export interface Refused {
  /** It waits no longer, by the clock of `now`. */
  readonly until: number;
  again(): void;
  giveUp(): void;
}

const PAUSE_MS = 50;

/** A class, as it is one object with a lifecycle per origin. */
export class Refusals {
  readonly #now: () => number;
  #waiting: Refused[] = [];
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(refused: Refused): void {
    if (this.#ended || this.#now() + PAUSE_MS >= refused.until) {
      refused.giveUp();
      return;
    }
    this.#waiting.push(refused);
    this.#timer ??= setTimeout(() => this.#tick(), PAUSE_MS);
  }

  /** A connection got through. */
  through(): void {
    for (const each of this.#stop()) each.again();
  }

  end(): void {
    this.#ended = true;
    for (const each of this.#stop()) each.giveUp();
  }

  #tick(): void {
    const now = this.#now();
    const [next, ...others] = this.#stop().filter(each => {
      if (each.until > now) return true;
      each.giveUp();
      return false;
    });
    for (const other of others) this.add(other);
    next?.again();
  }

  #stop(): Refused[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}
