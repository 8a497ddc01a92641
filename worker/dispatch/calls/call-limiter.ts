// Limits how many calls, and how many events, a dispatcher may begin now: the limits of its
// settings, or its part of limits that all processes share.
import type { World } from '../../../core/world.ts';
import type { Budget, Budgets } from '../../../drivers/budgets/budgets.ts';
import type { DispatchSettings } from '../settings.ts';
import { RateWindow } from './rate-window.ts';

export interface CallLimiterOptions {
  readonly world: World;
  readonly settings: DispatchSettings;
  /** The budgets that processes share; without them this is the only process. */
  readonly budgets?: Budgets | undefined;
  /**
   * How many calls there could be at this moment without a limit. With nothing to begin, this is
   * the number in flight or less.
   */
  couldCall(): number;
  /** Called when more may begin than before. */
  grown(): void;
}

/**
 * How long calls of a dead process count after its slice has ended, and given-up calls after that.
 */
const LINGER_MS = 10_000;

export class CallLimiter {
  readonly #world: World;
  readonly #concurrency: number;
  readonly #rate: RateWindow | undefined;
  readonly #concurrencyBudget: Budget | undefined;
  readonly #rateBudget: Budget | undefined;
  #inFlight = 0;
  /** Calls that were given up, on which somebody may work all the same. */
  #left = 0;
  readonly #grown: () => void;
  /** The most calls at a time since the last reading. */
  #peak = 0;

  constructor({ world, settings, budgets, couldCall, grown }: CallLimiterOptions) {
    const { group, concurrency, together, rate } = settings;
    this.#world = world;
    this.#grown = grown;
    this.#concurrency = concurrency;
    this.#rate = rate && new RateWindow(rate.count, rate.periodMs);
    if (!budgets) return;
    if (together)
      this.#concurrencyBudget = budgets.open({
        name: `${group}/concurrency`,
        limit: concurrency,
        user: {
          inUse: () => this.#inFlight + this.#left,
          demand: () => {
            const most = Math.max(this.#peak, this.#inFlight) + this.#left;
            this.#peak = this.#inFlight;
            const could = couldCall();
            return could > this.#inFlight && this.#inFlight >= this.calls ? Math.min(could, concurrency) : most;
          },
          lingerMs: () => LINGER_MS,
          grown,
        },
      });
    const window = this.#rate;
    if (window)
      this.#rateBudget = budgets.open({
        name: `${group}/rate`,
        limit: window.count,
        user: {
          inUse: () => window.used(world.monotonic()),
          demand: () => (couldCall() > this.#inFlight && this.wait > 0 ? window.count : window.used(world.monotonic())),
          lingerMs: () => Math.min(window.periodMs, LINGER_MS),
          grown,
        },
      });
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Calls that may be in flight. */
  get calls(): number {
    if (!this.#concurrencyBudget) return this.#concurrency;
    return Math.max(0, this.#concurrencyBudget.allowance(this.#concurrency, this.#world.monotonic()) - this.#left);
  }

  /**
   * Milliseconds until an event may go; 0: now. Infinity: other processes must first leave some of
   * the rate to this one.
   */
  get wait(): number {
    if (!this.#rate) return 0;
    const now = this.#world.monotonic();
    return this.#rate.wait(now, this.#allowed(this.#rate, now));
  }

  /** Events that may go now, at most `wanted`. */
  events(wanted: number): number {
    if (!this.#rate) return Number.POSITIVE_INFINITY;
    const now = this.#world.monotonic();
    return this.#rate.available(now, wanted, this.#allowed(this.#rate, now));
  }

  /** There is something to deliver, and the limit does not allow it. */
  need(): void {
    if (this.#inFlight >= this.calls) this.#concurrencyBudget?.need(this.#concurrency);
    if (this.#rate && this.wait > 0) this.#rateBudget?.need(this.#rate.count);
  }

  begin(events: number): void {
    this.#inFlight++;
    if (this.#inFlight > this.#peak) this.#peak = this.#inFlight;
    this.#rate?.spend(this.#world.monotonic(), events);
  }

  end(): void {
    this.#inFlight--;
  }

  /** The call was given up before it was answered. */
  leave(): void {
    this.#inFlight--;
    if (!this.#concurrencyBudget) return;
    this.#left++;
    this.#world.after(LINGER_MS, () => {
      this.#left--;
      this.#grown();
    });
  }

  #allowed(window: RateWindow, now: number): number {
    return this.#rateBudget ? this.#rateBudget.allowance(window.count, now) : window.count;
  }
}
