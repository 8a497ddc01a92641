// Things that are due at a time by the store's clock, taken by one worker at a time:
// what `set-timer` changes set.

export interface DueTimer {
  readonly timer: string;
  readonly payload: Uint8Array;
  /** How long ago it was due, milliseconds. */
  readonly lateMs: number;
  /** Proves that it was taken; changes with each taking. */
  readonly token: string;
}

export interface DueTimers {
  readonly timers: readonly DueTimer[];
  /**
   * When the next one of the scope is due or comes back, milliseconds from now;
   * undefined when there is none.
   */
  readonly nextInMs: number | undefined;
}

/**
 * A timer is handled at least once: who took it and does not settle it in time loses it to the next
 * who asks. Timers of a name are replaced.
 */
export interface Timers {
  /** The earliest due ones that nobody has, taken for `leaseMs`. */
  takeDue(scope: string, options: { readonly limit: number; readonly leaseMs: number }): Promise<DueTimers>;
  /**
   * Ends those that are still taken under their token and were not set anew
   * since; true for each that was.
   */
  settle(
    scope: string,
    taken: readonly { readonly timer: string; readonly token: string }[],
  ): Promise<readonly boolean[]>;
}
