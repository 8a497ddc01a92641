// Makes a failed call again where that is safe: within its deadline, after a
// pause, and out of a budget.
import type { Timer, World } from '../../../core/world.ts';
import type { Call, Target } from '../../exchange/target.ts';
import { Attempt } from './retry-attempt.ts';
import type { RetryBudget } from './retry-budget.ts';
import { type Failure, isReplayable, pauseBeforeRetry, type RetrySettings } from './retry-decision.ts';

export interface RetryInit {
  readonly world: World;
  readonly settings: RetrySettings;
  /** Kept from one plan to the next. */
  readonly budget: RetryBudget;
}

/**
 * The answer of the last attempt goes to the caller, whatever it is. An answer that has
 * begun is never made again.
 */
export function withRetry(target: Target, init: RetryInit): Target {
  return {
    label: target.label,
    restsForMs: () => target.restsForMs?.() ?? 0,
    send(call) {
      if (call.ended) return;
      init.budget.call(init.world.monotonic());
      if (init.settings.attempts === 1) target.send(call);
      else new Attempts(target, call, init).next();
    },
  };
}

class Attempts {
  readonly #target: Target;
  readonly #call: Call;
  readonly #init: RetryInit;
  #number = 0;
  #current: Attempt | undefined;
  #pause: Timer | undefined;

  constructor(target: Target, call: Call, init: RetryInit) {
    this.#target = target;
    this.#call = call;
    this.#init = init;
  }

  next(): void {
    const { world, settings } = this.#init;
    // An answer that still arrives for the attempt before is too late.
    this.#current?.giveUp(undefined);
    this.#number++;
    this.#current = new Attempt(this.#call, {
      world,
      number: this.#number,
      first: this.#number === 1,
      timeoutMs: settings.attemptTimeout,
      again: failure => this.#again(failure),
    });
    if (!this.#current.ended) this.#target.send(this.#current);
  }

  #again(failure: Failure): boolean {
    const { world, settings, budget } = this.#init;
    const { method, body, remainingMs } = this.#call;
    const attempt = {
      method,
      number: this.#number,
      replayable: isReplayable(body),
      remainingMs,
      random: world.random(),
    };
    const pauseMs = pauseBeforeRetry(failure, attempt, settings);
    if (pauseMs === undefined || !budget.takeRetry(world.monotonic(), settings.budget)) return false;
    this.#pause?.cancel();
    this.#pause = world.after(pauseMs, () => {
      if (!this.#call.ended) this.next();
    });
    return true;
  }
}
