// The facts about a reason for which the gateway answers a request itself.

/**
 * `error`: somebody has to do something. `warn`: a limit or a breaker refused a call, or a resource
 * is likely wrong. `info`: the client is at fault.
 */
export type ReasonLevel = 'info' | 'warn' | 'error';

export interface ReasonFacts {
  readonly level: ReasonLevel;
  /** The event that it names. */
  readonly means: string;
  /** The next step of an operator. */
  readonly next: string;
}
