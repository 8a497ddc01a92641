// The budget of one function: calls in flight, calls started per period, and calls that wait for a
// turn.
import type { Timer, World } from '../../../core/world.ts';
import { type Budget, type Budgets, wholeBudgets } from '../../../drivers/budgets/budgets.ts';
import type { LimitsView, WaitEnd } from '../../plan/instruments.ts';
import { createWaits } from '../call-times.ts';
import { AskedPause } from './asked-pause.ts';
import { MAX_STARTS, normalise, RecentStarts } from './recent-starts.ts';
import { type Seat, type Waiting, WaitingQueue } from './waiting-queue.ts';

/** As in resources, durations in milliseconds. */
export interface LimitSettings {
  readonly concurrency?: number | undefined;
  readonly rate?: { readonly count: number; readonly periodMs: number } | undefined;
  readonly waiting: number;
  readonly maxWait: number;
  /**
   * How long a call may take at most. Without it none that is cut off from
   * its process is waited for.
   */
  readonly timeout?: number | undefined;
}

export interface Waiter extends Waiting {
  /** How long it can wait, besides `maxWait`. Undefined: as long as that. */
  readonly remainingMs?: number | undefined;
  /** It is its turn: it holds a place from now on. */
  go(): void;
  /** It has waited for `maxWait`. */
  tooLate(): void;
  /** It has to make room: so many of its party wait that others find no place. */
  crowdedOut(): void;
}

export interface CallLimits {
  /** Takes a place when one is free and nobody waits for it. */
  tryTake(settings: LimitSettings): boolean;
  /**
   * Waits for a place. Undefined when too many wait and none of another party has to make room, or
   * when the function asked for a pause that lasts longer. Answers with what leaves the queue.
   */
  wait(settings: LimitSettings, waiter: Waiter): (() => void) | undefined;
  /** Gives a place back: at once, or when the call that was given up is over at the latest. */
  give(workedForMs?: number): void;
  /** While it lasts nothing starts. */
  readonly pause: AskedPause;
  /** Milliseconds until a call may start, as far as one can tell. */
  waitMs(settings: LimitSettings): number;
  readonly view: LimitsView;
}

/** The source of a function's budgets. */
export interface SharedWith {
  readonly budgets: Budgets;
  /** Names the function for all processes. */
  readonly name: string;
}

interface Line extends Waiter {
  readonly settings: LimitSettings;
  readonly timer: Timer;
  /** When it came, by the monotonic clock. */
  readonly came: number;
  seat: Seat<Line> | undefined;
}

/**
 * Calls of a process that died, and calls that a living one has given up, count for so long at
 * most. Until then others do without their places.
 */
const MAX_LINGER_MS = 30_000;

export function createCallLimits(world: World, shared?: SharedWith): CallLimits {
  return new LimitsOfFunction(world, shared);
}

class LimitsOfFunction implements CallLimits {
  readonly pause: AskedPause;
  readonly #world: World;
  readonly #shared: SharedWith | undefined;
  readonly #queue = new WaitingQueue<Line>();
  readonly #starts = new RecentStarts();
  #inFlight = 0;
  /** The most calls at a time since that was last asked for. */
  #peak = 0;
  #timeoutMs = 0;
  /** For want of what the budgets allow. */
  #refused = 0;
  #refusedInPause = 0;
  #delayed = 0;
  readonly #waits = createWaits();
  #wake: Timer | undefined;
  #serving = false;
  /** Undefined as long as no call came under such a limit. */
  #concurrencyBudget: Budget | undefined;
  #rateBudget: Budget | undefined;

  constructor(world: World, shared: SharedWith | undefined) {
    this.pause = new AskedPause(world);
    this.#world = world;
    this.#shared = shared;
  }

  tryTake(settings: LimitSettings): boolean {
    if (this.#queue.length > 0 || this.waitMs(settings) > 0) return false;
    this.#take(settings);
    return true;
  }

  /** 0: now. Infinity: when a call ends, or more may be used. */
  waitMs({ concurrency, rate }: LimitSettings): number {
    const now = this.#world.monotonic();
    let until = this.pause.leftMs;
    if (rate) {
      const normal = normalise(rate);
      const allowed = this.#rateOf(normal).allowance(normal.count, now);
      const used = this.#starts.count(now);
      if (allowed === 0) return Number.POSITIVE_INFINITY;
      if (used >= allowed) until = Math.max(until, this.#starts.freeAt(allowed) - now);
    }
    if (until > 0) return until;
    if (concurrency === undefined) return 0;
    const allowed = this.#concurrencyOf(concurrency).allowance(concurrency, now);
    return this.#inFlight >= allowed ? Number.POSITIVE_INFINITY : 0;
  }

  wait(settings: LimitSettings, who: Waiter): (() => void) | undefined {
    const { priority, party, remainingMs = settings.maxWait, go, tooLate, crowdedOut } = who;
    if (this.pause.leftMs >= Math.min(settings.maxWait, remainingMs)) {
      this.#refusedInPause++;
      return undefined;
    }
    const yielding = this.#roomFor(settings) ? undefined : this.#queue.whoYieldsTo({ priority, party });
    if (yielding) this.#end(yielding.place.value, 'refused');
    else if (!this.#roomFor(settings)) {
      this.#refused++;
      this.#press(settings);
      return undefined;
    }
    this.#delayed++;
    const timer = this.#world.after(settings.maxWait, () => {
      this.#refused++;
      this.#end(waiter, 'refused');
      tooLate();
    });
    const came = this.#world.monotonic();
    const waiter: Line = { settings, came, timer, priority, party, go, tooLate, crowdedOut, seat: undefined };
    waiter.seat = this.#queue.enter(waiter);
    if (yielding) {
      this.#refused++;
      yielding.place.value.crowdedOut();
    }
    if (this.#wake === undefined) this.#serve();
    else this.#press(settings);
    return () => {
      if (this.#end(waiter, 'left') && this.#queue.length > 0) this.#serve();
    };
  }

  give(workedForMs = 0): void {
    if (workedForMs > 0) this.#world.after(Math.min(workedForMs, MAX_LINGER_MS), () => this.#give());
    else this.#give();
  }

  get view(): LimitsView {
    return {
      inFlight: this.#inFlight,
      waiting: this.#queue.length,
      refused: this.#refused + this.#refusedInPause,
      delayed: this.#delayed,
      pausedForMs: this.pause.leftMs,
      waits: this.#waits,
      held: { concurrency: this.#concurrencyBudget?.held, rate: this.#rateBudget?.held },
    };
  }

  #take({ rate, timeout }: LimitSettings): void {
    if (timeout !== undefined) this.#timeoutMs = timeout;
    this.#inFlight++;
    if (this.#inFlight > this.#peak) this.#peak = this.#inFlight;
    if (rate) this.#starts.add(this.#world.monotonic());
  }

  #give(): void {
    this.#inFlight--;
    if (this.#queue.length > 0) this.#serve();
  }

  readonly #serve = (): void => {
    // A call that fails at once gives its place back in here: the loop below goes on with it.
    if (this.#serving) return;
    this.#serving = true;
    this.#wake?.cancel();
    this.#wake = undefined;
    for (let waiter = this.#queue.peek(); waiter; waiter = this.#queue.peek()) {
      const ms = this.waitMs(waiter.settings);
      if (ms > 0) {
        if (Number.isFinite(ms)) this.#wake = this.#world.after(Math.ceil(ms), this.#serve);
        this.#press(waiter.settings);
        break;
      }
      this.#queue.take();
      waiter.timer.cancel();
      this.#waited(waiter, 'served');
      this.#take(waiter.settings);
      waiter.go();
    }
    this.#serving = false;
  };

  /** Whether it still waited. */
  #end(waiter: Line, how: 'refused' | 'left'): boolean {
    const { seat, timer } = waiter;
    timer.cancel();
    if (seat === undefined || !this.#queue.leave(seat)) return false;
    this.#waited(waiter, how);
    return true;
  }

  #waited({ came }: Line, how: WaitEnd): void {
    this.#waits[how].observe((this.#world.monotonic() - came) / 1000, undefined, 0);
  }

  /** As many as the limit may wait for the first answer of the store, whatever else may wait. */
  #roomFor({ waiting: most, concurrency, rate }: LimitSettings): boolean {
    if (this.#queue.length < most) return true;
    if (!this.#concurrencyBudget?.cold && !this.#rateBudget?.cold) return false;
    return this.#queue.length < most + Math.min(concurrency ?? MAX_STARTS, rate?.count ?? MAX_STARTS);
  }

  /** Requests more of the budget that is short. */
  #press({ concurrency, rate, timeout }: LimitSettings): void {
    if (!this.#shared) return;
    if (timeout !== undefined) this.#timeoutMs = timeout;
    const now = this.#world.monotonic();
    if (rate) {
      const normal = normalise(rate);
      const budget = this.#rateOf(normal);
      const used = this.#starts.count(now);
      if (used >= budget.allowance(normal.count, now)) budget.need(used + this.#queue.length + 1);
    }
    if (concurrency !== undefined) {
      const budget = this.#concurrencyOf(concurrency);
      if (this.#inFlight >= budget.allowance(concurrency, now)) budget.need(this.#inFlight + this.#queue.length + 1);
    }
  }

  #concurrencyOf(limit: number): Budget {
    this.#concurrencyBudget ??= this.#open('concurrency', limit, {
      inUse: () => this.#inFlight,
      most: () => this.#takePeak(),
      lastsMs: () => this.#timeoutMs,
    });
    return this.#concurrencyBudget;
  }

  #rateOf(rate: { readonly count: number; readonly periodMs: number }): Budget {
    this.#starts.periodMs = rate.periodMs;
    this.#rateBudget ??= this.#open('rate', rate.count, {
      inUse: () => this.#recent(),
      most: () => this.#recent(),
      lastsMs: () => this.#starts.periodMs,
    });
    return this.#rateBudget;
  }

  #open(which: string, limit: number, use: BudgetUse): Budget {
    const { budgets, name } = this.#shared ?? { budgets: wholeBudgets, name: '' };
    let seen = this.#refused;
    const demand = () => {
      const units = use.most() + this.#queue.length + this.#refused - seen;
      seen = this.#refused;
      return units;
    };
    const lingerMs = () => Math.min(use.lastsMs(), MAX_LINGER_MS);
    const user = { inUse: use.inUse, demand, lingerMs, grown: this.#serve };
    return budgets.open({ name: `${name}/${which}`, limit, user });
  }

  /** Calls started within the last period. */
  #recent(): number {
    return this.#starts.count(this.#world.monotonic());
  }

  #takePeak(): number {
    const most = Math.max(this.#peak, this.#inFlight);
    this.#peak = this.#inFlight;
    return most;
  }
}

/** The use that a function makes of one of its budgets. */
interface BudgetUse {
  inUse(): number;
  /** The most since that was last asked for. */
  most(): number;
  /** How long a unit may be in use. */
  lastsMs(): number;
}
