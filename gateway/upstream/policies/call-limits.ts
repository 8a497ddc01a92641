// The budget of one function: calls in flight, calls started per period, and calls that wait for a
// turn.
import type { Timer, World } from '../../../core/world.ts';
import { type Budget, type Budgets, wholeBudgets } from '../../../drivers/budgets/budgets.ts';
import type { LimitsView } from '../../plan/instruments.ts';
import { type Seat, type Waiting, WaitingQueue } from './waiting-queue.ts';

/** As in resources, durations in milliseconds. */
export interface LimitSettings {
  readonly concurrency?: number | undefined;
  readonly rate?: { readonly count: number; readonly periodMs: number } | undefined;
  readonly waiting: number;
  readonly maxWait: number;
  /** How long a call may take at most. Without it none that is cut off from its process is waited for. */
  readonly timeout?: number | undefined;
}

export interface Waiter extends Waiting {
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
  /** Waits for a place; undefined when too many wait, and none of another party has to make room. Answers with what leaves the line. */
  wait(settings: LimitSettings, waiter: Waiter): (() => void) | undefined;
  /** Gives a place back: at once, or when the call that was given up is over at the latest. */
  give(workedForMs?: number): void;
  /** Starts nothing for so long: the function asks for it. */
  pause(ms: number): void;
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

/** Starts that are remembered for a rate; a larger count is kept as this many in a shorter period, which is stricter. */
const MAX_STARTS = 10_000;

interface Line extends Waiter {
  readonly settings: LimitSettings;
  readonly timer: Timer;
  seat: Seat<Line> | undefined;
}

/**
 * Calls of a process that died, and calls that a living one has given up, count for so long at
 * most. Until then others do without their places.
 */
const MAX_LINGER_MS = 30_000;

export function createCallLimits(world: World, shared?: SharedWith): CallLimits {
  const queue = new WaitingQueue<Line>();
  let starts: number[] = [];
  let oldest = 0;
  let inFlight = 0;
  let pausedUntil = 0;
  let refused = 0;
  let delayed = 0;
  let wake: Timer | undefined;
  let serving = false;
  let periodMs = 0;
  let timeoutMs = 0;
  /** The most calls at a time since that was last asked for. */
  let peak = 0;
  let concurrencyBudget: Budget | undefined;
  let rateBudget: Budget | undefined;

  const open = (which: string, limit: number, useMs: () => number, inUse: () => number, most: () => number): Budget => {
    const { budgets, name } = shared ?? { budgets: wholeBudgets, name: '' };
    let seen = refused;
    const demand = () => {
      const units = most() + queue.length + refused - seen;
      seen = refused;
      return units;
    };
    const lingerMs = () => Math.min(useMs(), MAX_LINGER_MS);
    return budgets.open({ name: `${name}/${which}`, limit, user: { inUse, demand, lingerMs, grown: serve } });
  };
  const concurrencyOf = (limit: number) => {
    concurrencyBudget ??= open(
      'concurrency',
      limit,
      () => timeoutMs,
      () => inFlight,
      () => {
        const most = Math.max(peak, inFlight);
        peak = inFlight;
        return most;
      },
    );
    return concurrencyBudget;
  };
  const rateOf = (rate: { count: number; periodMs: number }) => {
    periodMs = rate.periodMs;
    rateBudget ??= open(
      'rate',
      rate.count,
      () => periodMs,
      () => recent(),
      () => recent(),
    );
    return rateBudget;
  };
  /** Calls started within the last period. */
  const recent = (now = world.monotonic()) => {
    while (oldest < starts.length && (starts[oldest] ?? 0) <= now - periodMs) oldest++;
    return starts.length - oldest;
  };

  /** 0: now. Infinity: when a call ends, or more may be used. */
  const waitMs = ({ concurrency, rate }: LimitSettings): number => {
    const now = world.monotonic();
    let until = pausedUntil - now;
    if (rate) {
      const normal = normalise(rate);
      const allowed = rateOf(normal).allowance(normal.count, now);
      const used = recent(now);
      if (allowed === 0) return Number.POSITIVE_INFINITY;
      if (used >= allowed) until = Math.max(until, (starts[starts.length - allowed] ?? 0) + periodMs - now);
    }
    if (until > 0) return until;
    if (concurrency === undefined) return 0;
    return inFlight >= concurrencyOf(concurrency).allowance(concurrency, now) ? Number.POSITIVE_INFINITY : 0;
  };

  /** Requests more of the budget that is short. */
  const press = ({ concurrency, rate, timeout }: LimitSettings) => {
    if (!shared) return;
    if (timeout !== undefined) timeoutMs = timeout;
    const now = world.monotonic();
    if (rate) {
      const normal = normalise(rate);
      const used = recent(now);
      if (used >= rateOf(normal).allowance(normal.count, now)) rateBudget?.need(used + queue.length + 1);
    }
    if (concurrency !== undefined && inFlight >= concurrencyOf(concurrency).allowance(concurrency, now))
      concurrencyBudget?.need(inFlight + queue.length + 1);
  };

  /** As many as the limit may wait for the first answer of the store, whatever else may wait. */
  const roomFor = ({ waiting: most, concurrency, rate }: LimitSettings): boolean => {
    if (queue.length < most) return true;
    if (!concurrencyBudget?.cold && !rateBudget?.cold) return false;
    return queue.length < most + Math.min(concurrency ?? MAX_STARTS, rate?.count ?? MAX_STARTS);
  };

  const take = ({ rate, timeout }: LimitSettings) => {
    if (timeout !== undefined) timeoutMs = timeout;
    inFlight++;
    if (inFlight > peak) peak = inFlight;
    if (!rate) return;
    starts.push(world.monotonic());
    if (oldest > MAX_STARTS) {
      starts = starts.slice(oldest);
      oldest = 0;
    }
  };

  const serve = () => {
    // A call that fails at once gives its place back in here: the loop below goes on with it.
    if (serving) return;
    serving = true;
    wake?.cancel();
    wake = undefined;
    for (let waiter = queue.peek(); waiter; waiter = queue.peek()) {
      const ms = waitMs(waiter.settings);
      if (ms > 0) {
        if (Number.isFinite(ms)) wake = world.after(Math.ceil(ms), serve);
        press(waiter.settings);
        break;
      }
      queue.take();
      waiter.timer.cancel();
      take(waiter.settings);
      waiter.go();
    }
    serving = false;
  };

  const leave = ({ seat, timer }: Line): boolean => {
    timer.cancel();
    return seat !== undefined && queue.leave(seat);
  };

  return {
    waitMs,
    tryTake(settings) {
      if (queue.length > 0 || waitMs(settings) > 0) return false;
      take(settings);
      return true;
    },
    wait(settings, { priority, party, go, tooLate, crowdedOut }) {
      const yielding = roomFor(settings) ? undefined : queue.whoYieldsTo({ priority, party });
      if (yielding) leave(yielding.place.value);
      else if (!roomFor(settings)) {
        refused++;
        press(settings);
        return undefined;
      }
      delayed++;
      const timer = world.after(settings.maxWait, () => {
        refused++;
        leave(waiter);
        tooLate();
      });
      const waiter: Line = { settings, timer, priority, party, go, tooLate, crowdedOut, seat: undefined };
      waiter.seat = queue.enter(waiter);
      if (yielding) {
        refused++;
        yielding.place.value.crowdedOut();
      }
      if (wake === undefined) serve();
      else press(settings);
      return () => {
        if (leave(waiter) && queue.length > 0) serve();
      };
    },
    give(workedForMs = 0) {
      const give = () => {
        inFlight--;
        if (queue.length > 0) serve();
      };
      if (workedForMs > 0) world.after(Math.min(workedForMs, MAX_LINGER_MS), give);
      else give();
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, world.monotonic() + ms);
    },
    get view() {
      return {
        inFlight,
        waiting: queue.length,
        refused,
        delayed,
        pausedForMs: Math.max(0, pausedUntil - world.monotonic()),
        held: { concurrency: concurrencyBudget?.held, rate: rateBudget?.held },
      };
    },
  };
}

/** A count of whole calls that is small enough to be remembered. */
function normalise({ count, periodMs }: { count: number; periodMs: number }): { count: number; periodMs: number } {
  if (count < 1) return { count: 1, periodMs: periodMs / count };
  if (count <= MAX_STARTS) return { count: Math.floor(count), periodMs: (periodMs * Math.floor(count)) / count };
  return { count: MAX_STARTS, periodMs: (periodMs * MAX_STARTS) / count };
}
