// Decides what follows for one event from a failed attempt. Pure.
import type { Failed, Failure, Later } from '../../deliver/destination.ts';
import type { DeathReason, RetrySettings } from '../settings.ts';
import { clampWait, retryWait } from './retry-time.ts';

export type Decision =
  | { readonly kind: 'retry'; readonly attempts: number; readonly wait: number; readonly error: Failure }
  | { readonly kind: 'dead'; readonly attempts: number; readonly reason: DeathReason; readonly error: Failure };

/**
 * `attempts`: the attempts before this one; `elapsed`: milliseconds since the first failure that
 * the event bore, 0 for this one.
 */
export function decide(outcome: Failed, attempts: number, retry: RetrySettings, random: number, elapsed = 0): Decision {
  const made = attempts + 1;
  const error = brief(outcome.error);
  if (!outcome.retryable)
    return { kind: 'dead', attempts: made, reason: outcome.cancelled ? 'cancelled' : 'refused', error };
  if (isUsedUp(retry, made, elapsed)) return { kind: 'dead', attempts: made, reason: 'exhausted', error };
  const wait = pause(retry, { tries: made, elapsed, random, asked: outcome.retryAfterMs ?? 0 });
  return { kind: 'retry', attempts: made, wait, error };
}

/**
 * The event waits by itself for its target. This is no attempt, but the budget of time goes on.
 * `misses`: how often that was so, this time included.
 */
export function decideAside(
  outcome: Later,
  { attempts, misses, elapsed }: { readonly attempts: number; readonly misses: number; readonly elapsed: number },
  retry: RetrySettings,
  random: number,
): Decision {
  const error = brief(outcome.error);
  const { within = PATIENCE_MS } = retry;
  if (elapsed >= within) return { kind: 'dead', attempts, reason: 'exhausted', error };
  const wait = pause({ ...retry, within }, { tries: attempts + misses, elapsed, random, asked: outcome.afterMs });
  return { kind: 'retry', attempts, wait, error };
}

/** How long an event waits for a target that is away when its budget is one of attempts. */
export const PATIENCE_MS = 86_400_000;

function isUsedUp({ attempts, within }: RetrySettings, made: number, elapsed: number): boolean {
  return made >= (attempts ?? Number.POSITIVE_INFINITY) || elapsed >= (within ?? Number.POSITIVE_INFINITY);
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
  return { ...failure, message: failure.message.slice(0, LONGEST_MESSAGE) };
}
