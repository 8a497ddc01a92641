// Puts a target behind the policies that a resource declares, from the inside out:
// first byte, retry, breaker.

import type { Call, Target } from '../../exchange/target.ts';
import type { Owner } from '../../plan/instruments.ts';
import type { PlanContext } from '../../plan/plan-context.ts';
import type { PlanState } from '../../plan/plan-state.ts';
import { Breaker, type BreakerSettings } from './breaker.ts';
import { withFirstByteLimit } from './first-byte.ts';
import { withRetry } from './retry.ts';
import { RetryBudget } from './retry-budget.ts';
import type { RetrySettings } from './retry-decision.ts';
import { withBreaker } from './with-breaker.ts';

export interface Protection {
  readonly firstByteMs?: number | undefined;
  readonly retry?: RetrySettings | undefined;
  readonly circuitBreaker?: BreakerSettings | undefined;
  /** Told of each call that the breaker refuses. */
  refused?(call: Call): void;
}

/** `key`: unique over all plans and stable from one to the next, for one target of one owner. */
export function protect(
  context: PlanContext,
  key: string,
  owner: Owner,
  protection: Protection,
  target: Target,
): Target {
  const { world, state, log, instruments } = context;
  const { firstByteMs, retry, circuitBreaker } = protection;
  let guarded = target;
  if (firstByteMs !== undefined) guarded = withFirstByteLimit(guarded, world, firstByteMs);
  if (retry) {
    const budget = state.keep(`retries/${key}`, () => new RetryBudget());
    instruments.retries.set(key, { owner, value: budget });
    guarded = withRetry(guarded, { world, settings: retry, budget });
  }
  if (circuitBreaker) {
    const breaker = breakerOf(state, key);
    instruments.breakers.set(key, { owner, value: breaker });
    const { refused } = protection;
    const init = { world, settings: circuitBreaker, breaker, log, name: key };
    guarded = withBreaker(guarded, refused ? { ...init, refused } : init);
  }
  return guarded;
}

/** The circuit breaker of one target of one owner; `key` as for `protect`. */
export function breakerOf(state: PlanState, key: string): Breaker {
  return state.keep(`breaker/${key}`, () => new Breaker());
}
