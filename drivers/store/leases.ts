// Slices of a limit that processes hold for a while, so that together they never use more of it than there is.

export interface LeaseRequest {
  /** Unique for each start of a process. */
  readonly holder: string;
  /** Grows with each request of the holder, so that one that arrives late changes nothing. */
  readonly turn: number;
  /** Where holders do not agree on it, the smallest holds. */
  readonly limit: number;
  /** What the holder goes on using until it is answered, also what it may use no longer but has not ended yet; what it had beyond that it has given up before it asks. */
  readonly held: number;
  /** What it could use now if it were free. Slices are shared out in proportion. Zero, with nothing held, ends the lease. */
  readonly demand: number;
  /** The holder stops using its slice so long after it sent the request; the store forgets it so long after it took it, which is later. */
  readonly ttlMs: number;
  /** What was begun under the slice may go on for so long after that: the store counts it meanwhile. None when left out. */
  readonly lingerMs?: number | undefined;
}

export interface LeaseGrant {
  /** What the holder may use from now on, until `ttlMs` after it sent the request: at least `held` while its slice is alive. */
  readonly granted: number;
  /** Its fair share; where there is less than one for each, they have one in turn. Below `granted`: give the rest up, and say so with the next request. */
  readonly share: number;
  /** Changes when the store may have forgotten what it granted. */
  readonly epoch: string;
  /**
   * Nothing new is granted for so long, since somebody may hold what the store has forgotten. Above zero, `granted` is what the holder said that it
   * holds: what of that has ended until the answer comes may be another's, and the holder may not use it again.
   */
  readonly quietMs: number;
}

/**
 * All amounts are whole numbers. A holder has one request under way; an answer that comes after it has made a later request does not count. A
 * request with an old `turn` is refused with `conflict`.
 */
export interface Leases {
  lease(scope: string, budget: string, request: LeaseRequest): Promise<LeaseGrant>;
}
