// The shares of one dispatcher, over all its partitions: how far each has got by its weight, and
// how many of its events are in flight.

/** The share of an event, and how much of the calls the share gets beside others. */
export interface Party {
  readonly name: string;
  /** Above 0. A share of weight 2 has two events for each one of a share of weight 1. */
  readonly weight: number;
}

/** A queue in which a share waits until fewer of its events are in flight. */
export interface HoldingQueue {
  freed(share: Share): void;
}

/** A share that has something waiting or in flight. */
export interface Share {
  readonly name: string;
  /** The end of its newest event, by virtual time. */
  finish: number;
  inFlight: number;
  /** Queues in which some of it waits. */
  queues: number;
  /** The queues among them that hold it back. */
  readonly heldIn: Set<HoldingQueue>;
}

/**
 * Self-clocked fair queueing (Golestani, INFOCOM 1994). By virtual time an event ends 1 / weight
 * after the one before it of its share, and the event that ends first goes first. The time is that
 * of the event that went last. So shares that wait get calls by their weights, and a share that
 * comes again neither gains nor loses. A share costs memory only while it has something.
 */
export class Shares {
  readonly #most: number;
  readonly #shares = new Map<string, Share>();
  /** Shares with as many events in flight as they may have. */
  readonly #full = new Set<Share>();
  #now = 0;

  /** `most`: events of one share in flight at the same time. */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /** Shares that have something waiting or in flight. */
  get size(): number {
    return this.#shares.size;
  }

  /** Names of shares that wait for the end of an event of their own. */
  get heldBack(): string[] {
    return [...this.#full].filter(({ queues }) => queues > 0).map(({ name }) => name);
  }

  /** Some of the share waits in one more queue. */
  enter(name: string): Share {
    const share = this.#get(name);
    share.queues++;
    return share;
  }

  /** Nothing of the share waits any more in one queue. */
  leave(share: Share): void {
    share.queues--;
    this.#forget(share);
  }

  isFull({ inFlight }: Share): boolean {
    return inFlight >= this.#most;
  }

  /** The number of further events of the share that may be in flight. */
  roomOf(name: string): number {
    return this.#most - (this.#shares.get(name)?.inFlight ?? 0);
  }

  /** The begin of the share's next event, by virtual time. */
  beginOf({ finish }: Share): number {
    return Math.max(this.#now, finish);
  }

  /** An event goes that ends at `finish`, by virtual time. */
  began(share: Share, finish: number): void {
    this.#now = Math.max(this.#now, finish);
    share.finish = Math.max(share.finish, finish);
    share.inFlight++;
    if (this.isFull(share)) this.#full.add(share);
  }

  /** An event goes that no queue held. */
  beganAlone({ name, weight }: Party): void {
    const share = this.#get(name);
    this.began(share, this.beginOf(share) + 1 / weight);
  }

  /** An event is in flight no more. */
  ended(name: string): void {
    const share = this.#get(name);
    share.inFlight--;
    if (!this.isFull(share)) this.#full.delete(share);
    for (const queue of share.heldIn) queue.freed(share);
    this.#forget(share);
  }

  #get(name: string): Share {
    let share = this.#shares.get(name);
    if (share === undefined) {
      share = { name, finish: 0, inFlight: 0, queues: 0, heldIn: new Set() };
      this.#shares.set(name, share);
    }
    return share;
  }

  #forget({ name, inFlight, queues }: Share): void {
    if (inFlight === 0 && queues === 0) this.#shares.delete(name);
  }
}
