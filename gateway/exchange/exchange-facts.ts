// The facts about an exchange for the access log, besides its answer. An exchange has them anyway:
// nothing is computed for a line that is not written.
import type { AnswerReason } from '../../core/answer-reasons.ts';
import type { BreakerMet } from './target.ts';

/** The part of a route's cache in an answer, in the words of the metric. */
export type CacheMet = 'hit' | 'stale' | 'stale_on_error' | 'miss' | 'collapsed' | 'bypass';

export interface ExchangeFacts {
  /** How often it went to the transport; 0 where nothing was called over the network. */
  readonly attempts: number;
  /** From the first attempt until an answer began or none would, milliseconds. */
  readonly upstreamMs: number | undefined;
  /** Bytes of the request's body that were read. */
  readonly bytesIn: number;
  /** Bytes of the answer's body that were handed to the connection. */
  readonly bytesOut: number;
  /** Undefined where the breaker was closed, or there is none. */
  readonly breaker: BreakerMet | undefined;
  /** Undefined where the route has no cache. */
  readonly cache: CacheMet | undefined;
  readonly failure: Error | undefined;
  /** Why it was not the target that answered, or not to the end. */
  readonly reason: AnswerReason | undefined;
}
