// The outcome of a part, in words that are safe to show.
import { TenfoldError } from '../../core/errors.ts';
import type { Outcome, Reason } from '../plan/requests-report.ts';

export interface PartResult {
  readonly outcome: Outcome;
  /** Why there is no answer of its own; undefined when there is one. */
  readonly reason: Reason | undefined;
  /** Status of its answer where that was no success; callers never get it. */
  readonly status: number | undefined;
  /** Age of an answer from the cache. */
  readonly ageMs: number | undefined;
  /** Time that the service, or our own breaker, asked for. */
  readonly retryAfterSeconds: number | undefined;
}

export const OK: PartResult = {
  outcome: 'ok',
  reason: undefined,
  status: undefined,
  ageMs: undefined,
  retryAfterSeconds: undefined,
};

export const CANCELLED: PartResult = { ...OK, outcome: 'skipped', reason: 'cancelled' };

export function reasonOfStatus(status: number): Reason | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 404 || status === 410) return 'not-found';
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 429 || status === 503) return 'busy';
  if (status === 408 || status === 504) return 'timeout';
  return status >= 400 && status < 500 ? 'refused' : 'no-answer';
}

export function reasonOfError(error: unknown): Reason {
  if (!(error instanceof TenfoldError)) return 'no-answer';
  switch (error.code) {
    case 'timeout':
      return 'timeout';
    case 'expression-failed':
      return 'expression';
    case 'invalid-input':
      return 'invalid-input';
    default:
      // Breakers and limits of ours answer as a busy service would.
      return error.status === 503 || error.status === 429 ? 'busy' : 'no-answer';
  }
}
