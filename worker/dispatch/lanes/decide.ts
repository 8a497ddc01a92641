// What follows from the outcome of an attempt at one event. Pure.
import type { Failure, Outcome } from '../../deliver/destination.ts';
import type { DeathReason, RetrySettings } from '../settings.ts';
import { clampWait, retryWait } from './retry-time.ts';

export type Decision =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly attempts: number; readonly wait: number; readonly error: Failure }
  | { readonly kind: 'dead'; readonly attempts: number; readonly reason: DeathReason; readonly error: Failure }
  /** No attempt; everything waits. */
  | { readonly kind: 'later'; readonly wait: number };

/** `attempts`: how many there were before this one. */
export function decide(outcome: Outcome, attempts: number, retry: RetrySettings, random: number): Decision {
  if (outcome.kind === 'done') return outcome;
  if (outcome.kind === 'later') return { kind: 'later', wait: clampWait(outcome.afterMs) };
  const made = attempts + 1;
  const error = brief(outcome.error);
  if (!outcome.retryable)
    return { kind: 'dead', attempts: made, reason: outcome.cancelled ? 'cancelled' : 'refused', error };
  if (made >= retry.attempts) return { kind: 'dead', attempts: made, reason: 'exhausted', error };
  return { kind: 'retry', attempts: made, wait: retryWait(retry, made, random, outcome.retryAfterMs), error };
}

const LONGEST_MESSAGE = 1000;

function brief(failure: Failure): Failure {
  return failure.message.length <= LONGEST_MESSAGE
    ? failure
    : { ...failure, message: failure.message.slice(0, LONGEST_MESSAGE) };
}
