// Slices of a limit that processes hold for a while, so that together they never use
// more of it than there is.

export interface LeaseRequest {
  /** Unique for each start of a process. */
  readonly holder: string;
  /** Grows with each request of the holder, so that one that arrives late changes nothing. */
  readonly turn: number;
  /** When holders do not agree on it, the smallest holds. */
  readonly limit: number;
  /**
   * Units that the holder goes on using until it gets the answer, including those that it has to
   * end. It has given up all others before it asks.
   */
  readonly held: number;
  /**
   * Units that it could use now if they were free. Slices are shared out in proportion. Zero, with
   * nothing held, ends the lease.
   */
  readonly demand: number;
  /**
   * The holder stops using its slice so long after it sent the request; the store forgets it so
   * long after it took it, which is later.
   */
  readonly ttlMs: number;
  /**
   * Work begun under the slice may go on for so long after that, and the store counts it meanwhile.
   * None when left out.
   */
  readonly lingerMs?: number | undefined;
}

export interface LeaseGrant {
  /**
   * Units that the holder may use from now on, until `ttlMs` after it sent the request: at least
   * `held` while its slice is alive.
   */
  readonly granted: number;
  /**
   * Its fair share; where there is less than one for each, they have one in turn. Below `granted`:
   * give the rest up, and say so with the next request.
   */
  readonly share: number;
  /** Changes when the store may have forgotten what it granted. */
  readonly epoch: string;
  /**
   * The store grants nothing new for so long, since others may hold units that it has forgotten.
   * Above zero, `granted` is what the holder reported. Units of that which end before the answer
   * comes may be another's, and the holder may not use them again.
   */
  readonly quietMs: number;
}

/**
 * All amounts are whole numbers. A holder has one request under way; an answer that comes after it
 * has made a later request does not count. A request with an old `turn` is refused with `conflict`.
 */
export interface Leases {
  lease(scope: string, budget: string, request: LeaseRequest): Promise<LeaseGrant>;
}
