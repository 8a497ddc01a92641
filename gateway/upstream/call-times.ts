// The durations of the calls of one function, by who called and how the calls ended. It outlives
// the plan.
import type { CallerKind } from '../../core/caller-kind.ts';
import type { World } from '../../core/world.ts';
import { Durations } from '../durations.ts';
import type { Call } from '../exchange/target.ts';
import type { CallEnd, EndedCalls, FailedCall, RecentCalls, WaitEnd } from '../plan/instruments.ts';

/**
 * Seconds. The time limit of a function is 30 s unless it says otherwise, and 15 minutes at most.
 */
export const CALL_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Calls are judged by so much of the time just gone, milliseconds, and up to twice as much. */
const RECENT_MS = 5 * 60_000;

interface Span {
  /** By the monotonic clock. */
  readonly began: number;
  calls: number;
  failed: number;
}

/** The answer of a call that failed. */
export interface FailedAnswer {
  readonly status: number;
  /** Why, as the function sealed it. */
  readonly sealed: string | undefined;
}

export class CallTimes {
  readonly #world: World;
  readonly #durations = new Map<CallerKind, Map<CallEnd, Durations>>();

  #span: Span;
  #spanBefore: Span | undefined;
  /** Calls since the newest failure. */
  #wellSince = 0;
  #newest: FailedCall | undefined;
  /** Time of the first of the failures with no span without any between them. */
  #failsSince: number | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#span = { began: world.monotonic(), calls: 0, failed: 0 };
  }

  /**
   * The call is over, `ms` after it came to the function. `answer`: what it answered with, where it
   * did.
   */
  ended(call: Call, outcome: CallEnd, ms: number, answer?: FailedAnswer): void {
    const by = call.by ?? 'gateway';
    // Consumers tell what becomes of events.
    if (by === 'gateway' || by === 'function') this.#count(call, outcome, answer);
    let outcomes = this.#durations.get(by);
    if (outcomes === undefined) {
      outcomes = new Map();
      this.#durations.set(by, outcomes);
    }
    let durations = outcomes.get(outcome);
    if (durations === undefined) {
      durations = new Durations(CALL_BOUNDS);
      outcomes.set(outcome, durations);
    }
    durations.observe(ms / 1000, call.trace.traceId, this.#world.now());
  }

  /** The call was never made: a limit, a breaker or a health check refused it. */
  refused(call: Call): void {
    this.ended(call, 'refused', 0);
  }

  recent(): RecentCalls {
    this.#turn();
    const { calls, failed } = this.#span;
    const { calls: before, failed: failedBefore } = this.#spanBefore ?? { calls: 0, failed: 0 };
    return {
      calls: calls + before,
      failed: failed + failedBefore,
      wellSince: this.#wellSince,
      since: this.#failsSince,
      newest: this.#newest,
    };
  }

  /** Calls that the function never had, or that nobody waited for, say nothing of it. */
  #count(call: Call, outcome: CallEnd, answer: FailedAnswer | undefined): void {
    if (outcome === 'refused' || outcome === 'cancelled') return;
    this.#turn();
    this.#span.calls++;
    if (outcome !== 'failed' && outcome !== 'timeout') {
      this.#wellSince++;
      return;
    }
    this.#wellSince = 0;
    this.#span.failed++;
    const at = this.#world.now();
    this.#failsSince ??= at;
    this.#newest = { at, outcome, trace: call.trace.traceId, status: answer?.status, sealed: answer?.sealed };
  }

  #turn(): void {
    const now = this.#world.monotonic();
    if (now - this.#span.began < RECENT_MS) return;
    this.#spanBefore = now - this.#span.began < 2 * RECENT_MS ? this.#span : undefined;
    this.#span = { began: now, calls: 0, failed: 0 };
    if ((this.#spanBefore?.failed ?? 0) > 0) return;
    this.#failsSince = undefined;
    this.#newest = undefined;
  }

  *all(): Iterable<EndedCalls> {
    for (const [by, outcomes] of this.#durations)
      for (const [outcome, durations] of outcomes) yield { by, outcome, durations };
  }
}

/**
 * The end of a call that its owner gave up: its time was over, or nobody wanted the answer.
 */
export function givenUp(call: Call): CallEnd {
  return call.late ? 'timeout' : 'cancelled';
}

export function outcomeOfStatus(status: number): CallEnd {
  if (status === 504) return 'timeout';
  if (status >= 500) return 'failed';
  return status >= 400 ? 'problem' : 'ok';
}

export function createWaits(): Record<WaitEnd, Durations> {
  return {
    served: new Durations(CALL_BOUNDS),
    refused: new Durations(CALL_BOUNDS),
    left: new Durations(CALL_BOUNDS),
  };
}
