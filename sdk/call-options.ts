// Options of calls that a function makes by its context.

export interface CallOptions {
  /** Milliseconds to wait; never longer than the own deadline. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /**
   * In which legacy systems the change that is told has been already, as names of their Stranglers
   * with commas between: it is not written back there. Without it those of the context; an empty
   * text means none. To be given by what takes changes over from legacy.
   */
  readonly origin?: string | undefined;
}
