// What follows from the outcome of an attempt at one event. Pure.
import type { Failure, Outcome } from '../../deliver/destination.ts';
import type { DeathReason, RetrySettings } from '../settings.ts';
import { clampWait, retryWait } from './retry-time.ts';

export type Decision =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly attempts: number; readonly wait: number; readonly error: Failure }
  | { readonly kind: 'dead'; readonly attempts: number; readonly reason: DeathReason; readonly error: Failure };

/** `attempts`: how many there were before this one; `elapsed`: milliseconds since the first failure that the event bore, 0 when this is it. */
export function decide(
  outcome: Exclude<Outcome, { kind: 'later' }>,
  attempts: number,
  retry: RetrySettings,
  random: number,
  elapsed = 0,
): Decision {
  if (outcome.kind === 'done') return { kind: 'done' };
  const made = attempts + 1;
  const error = brief(outcome.error);
  if (!outcome.retryable)
    return { kind: 'dead', attempts: made, reason: outcome.cancelled ? 'cancelled' : 'refused', error };
  if (isUsedUp(retry, made, elapsed)) return { kind: 'dead', attempts: made, reason: 'exhausted', error };
  const wait = pause(retry, { tries: made, elapsed, random, asked: outcome.retryAfterMs ?? 0 });
  return { kind: 'retry', attempts: made, wait, error };
}

/** The event waits by itself, for want of its target: no attempt, but the budget of time goes on. `misses`: how often that was so, this time included. */
export function decideAside(
  outcome: Exclude<Outcome, { kind: 'done' }>,
  { attempts, misses, elapsed }: { readonly attempts: number; readonly misses: number; readonly elapsed: number },
  retry: RetrySettings,
  random: number,
): Decision {
  const error = brief(outcome.error);
  const { within = PATIENCE_MS } = retry;
  if (elapsed >= within) return { kind: 'dead', attempts, reason: 'exhausted', error };
  const asked = outcome.kind === 'later' ? outcome.afterMs : (outcome.retryAfterMs ?? 0);
  const wait = pause({ ...retry, within }, { tries: attempts + misses, elapsed, random, asked });
  return { kind: 'retry', attempts, wait, error };
}

/** Where the budget is one of attempts, so long an event waits for a target that is not there. */
export const PATIENCE_MS = 86_400_000;

function isUsedUp({ attempts, within }: RetrySettings, made: number, elapsed: number): boolean {
  return (attempts !== undefined && made >= attempts) || (within !== undefined && elapsed >= within);
}

interface Pause {
  readonly tries: number;
  readonly elapsed: number;
  readonly random: number;
  readonly asked: number;
}

/** The last attempt is made when the budget of time ends. */
function pause(retry: RetrySettings, { tries, elapsed, random, asked }: Pause): number {
  const left = retry.within === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(retry.within - elapsed));
  return Math.max(Math.min(retryWait(retry, tries, random), left), clampWait(asked));
}

const LONGEST_MESSAGE = 1000;

function brief(failure: Failure): Failure {
  return failure.message.length <= LONGEST_MESSAGE
    ? failure
    : { ...failure, message: failure.message.slice(0, LONGEST_MESSAGE) };
}
