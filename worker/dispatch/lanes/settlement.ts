// Settles events after a call: who bears a failure, and what follows from it.
import type { Failed, Later, Outcome } from '../../deliver/destination.ts';
import { failureReasonOf } from '../failed-attempt.ts';
import type { PartitionContext } from '../partition-context.ts';
import type { DeathReason } from '../settings.ts';
import type { ParkingLogSteps } from '../writes/parking-log-steps.ts';
import {
  type Bearer,
  bearerOf,
  type Decision,
  decide,
  decideAside,
  halves,
  isWholeFailure,
  MOST_ASKS,
  PATIENCE_MS,
} from './attempt-rules.ts';
import type { Doubts, Lane, LaneItem } from './lanes.ts';

export interface SettlementOptions {
  readonly context: PartitionContext;
  readonly partition: number;
  readonly steps: ParkingLogSteps;
  /** Milliseconds since 1970 by the log's clock. */
  readonly logNow: () => number;
  readonly schedule: (lane: Lane) => void;
  /** Parts to be called as they are. */
  readonly split: (parts: readonly (readonly LaneItem[])[]) => void;
  readonly handled: (item: LaneItem) => void;
}

type NoSuccess = Failed | Later;

export class Settlement {
  readonly #options: SettlementOptions;

  constructor(options: SettlementOptions) {
    this.#options = options;
  }

  settle(items: readonly LaneItem[], outcomes: readonly Outcome[]): void {
    if (items.length > 1 && isWholeFailure(outcomes)) {
      this.#failedWhole(items, outcomes);
      return;
    }
    for (let index = 0; index < items.length; index++) {
      const item = items[index];
      const outcome = outcomes[index];
      if (item === undefined || outcome === undefined) continue;
      if (outcome.kind === 'done') this.#done(item, outcome);
      else this.#failed(item, outcome);
    }
  }

  /** The bad event is being searched for; it has failed only when it is alone. */
  #failedWhole(items: readonly LaneItem[], outcomes: readonly Failed[]): void {
    const { context, split } = this.#options;
    const [first] = items;
    const [outcome] = outcomes;
    if (first && outcome) this.#tell(first, outcome);
    items.forEach((item, index) => {
      item.wasTried = true;
      const own = outcomes[index];
      if (own) context.observer.attempted(item.record, item.attempts + 1, own, false);
    });
    split(halves(items));
  }

  #done(item: LaneItem, outcome: Outcome): void {
    const { context, handled } = this.#options;
    context.observer.attempted(item.record, item.attempts + 1, outcome, true);
    context.totals.attempts++;
    context.totals.delivered++;
    this.#answered(item, true);
    handled(item);
  }

  #failed(item: LaneItem, outcome: NoSuccess): void {
    const { context } = this.#options;
    const { totals, observer } = context;
    item.wasTried = true;
    item.hung = outcome.kind === 'failed' && outcome.doubt === 'lost';
    // The circuit breaker must not learn of a delivered event first, as an attempt is what opens
    // it. An event that was never delivered is no attempt in any case.
    let bearer = this.#bearerOf(item, outcome);
    this.#tell(item, outcome);
    if (outcome.kind === 'later') bearer = this.#bearerOf(item, outcome);
    const counts = bearer === 'attempt';
    observer.attempted(item.record, item.attempts + 1, outcome, counts);
    const reason = failureReasonOf(outcome);
    if (!counts) totals.uncountedBy[reason]++;
    else {
      totals.attempts++;
      totals.failures++;
      totals.failuresBy[reason]++;
      // The target may be down all the same, so the next attempt takes as long to count.
      if (item.doubts && context.scheduler.breaker.isSure) item.doubts.since = undefined;
    }
    if (bearer === 'target') this.#again(item, outcome);
    else this.#carryOut(item, outcome, this.#decide(item, outcome));
  }

  /** Tells the circuit breaker of the outcome. */
  #tell(item: LaneItem, outcome: NoSuccess): void {
    const { context, partition } = this.#options;
    const { scheduler, world, observer } = context;
    const { breaker } = scheduler;
    const now = world.monotonic();
    if (outcome.kind === 'failed' && outcome.doubt === undefined) this.#answered(item, false);
    else if (outcome.kind === 'failed' || outcome.down) {
      if (outcome.kind === 'later' && outcome.own) return;
      // A lost call may be the fault of its event alone, which then waits by its own budget. One
      // call is enough where the target answers 502 to 504 or nobody is there.
      const alone = (outcome.kind === 'later' || outcome.doubt === 'status') && scheduler.isIdle;
      const event = `${partition}/${item.offset}`;
      const afterMs = outcome.kind === 'later' ? outcome.afterMs : 0;
      if (breaker.unanswered(now, { event, delivered: outcome.kind === 'failed', alone, afterMs }))
        observer.tripped(true);
    } else if (!outcome.own && (item.doubts?.asks ?? 0) < MOST_ASKS) {
      const again = this.#asked(item) > 1;
      if (breaker.asked(now, outcome.afterMs, again)) observer.askedForLong(outcome.afterMs);
    }
  }

  /** How often in a row others were answered while this event asked for a pause. */
  #asked(item: LaneItem): number {
    const { answers } = this.#options.context.scheduler.breaker;
    const doubts = doubtsOf(item);
    doubts.asks = answers > doubts.answers ? doubts.asks + 1 : 1;
    doubts.answers = answers;
    return doubts.asks;
  }

  #answered(item: LaneItem, well: boolean): void {
    const { scheduler, observer } = this.#options.context;
    if (item.doubts && item.doubts.asks > 0) {
      item.doubts.asks = 0;
      scheduler.breaker.kept();
    }
    if (scheduler.breaker.answered(well)) observer.tripped(false);
  }

  #bearerOf(item: LaneItem, outcome: NoSuccess): Bearer {
    const { scheduler, settings, world } = this.#options.context;
    const { breaker } = scheduler;
    const { doubts } = item;
    return bearerOf(outcome, {
      open: breaker.tripped,
      sure: breaker.isSure,
      doubtedMs: doubts?.since === undefined ? 0 : world.monotonic() - doubts.since,
      patienceMs: settings.retry.within ?? PATIENCE_MS,
      counted: settings.retry.attempts !== undefined,
      asksAlone: doubts?.asks ?? 0,
      single: breaker.meansSingles,
    });
  }

  /**
   * A failure that the target does not bear is an attempt; without one the event waits by itself.
   */
  #decide(item: LaneItem, outcome: NoSuccess): Decision {
    const { settings, world } = this.#options.context;
    const { retry } = settings;
    const now = this.#options.logNow();
    item.since ??= now;
    const elapsed = now - item.since;
    if (outcome.kind === 'failed') return decide(outcome, item.attempts, retry, world.random(), elapsed);
    const misses = ++doubtsOf(item).misses;
    return decideAside(outcome, { attempts: item.attempts, misses, elapsed }, retry, world.random());
  }

  /** The event goes back as if it had not been tried. */
  #again(item: LaneItem, outcome: NoSuccess): void {
    const { context, steps, schedule } = this.#options;
    const { world, scheduler } = context;
    item.lane.running = undefined;
    if (outcome.kind === 'failed' || outcome.down) doubtsOf(item).since ??= world.monotonic();
    // Once a round is enough, and after the pause that it asked for.
    item.notBefore = scheduler.breaker.until;
    const wait = item.notBefore - world.monotonic();
    this.#report(item, outcome, item.attempts + 1, wait > 0 && wait < Number.POSITIVE_INFINITY ? { wait } : {});
    if (item.cancelledBy !== undefined) steps.giveUp(item, item.cancelledAs, item.lastError, item.cancelledBy);
    else schedule(item.lane);
  }

  #carryOut(item: LaneItem, outcome: NoSuccess, decision: Decision): void {
    const { steps } = this.#options;
    const made = item.attempts + 1;
    item.lane.running = undefined;
    if (decision.kind === 'dead' || item.cancelledBy !== undefined) {
      item.attempts = decision.attempts;
      const reason = item.cancelledBy === undefined && decision.kind === 'dead' ? decision.reason : item.cancelledAs;
      this.#report(item, outcome, made, { givenUp: reason });
      steps.giveUp(item, reason, decision.error, item.cancelledBy);
      return;
    }
    this.#report(item, outcome, made, { wait: decision.wait });
    item.lastReason = failureReasonOf(outcome);
    if (item.state === 'fresh') {
      steps.park(item, decision.attempts, decision.wait, decision.error);
    } else {
      steps.retryLater(item, decision.attempts, decision.wait, decision.error);
    }
  }

  #report(
    { record: { offset, key, headers } }: LaneItem,
    outcome: NoSuccess,
    attempt: number,
    { wait, givenUp }: { readonly wait?: number; readonly givenUp?: DeathReason },
  ): void {
    const { context, partition } = this.#options;
    const at = context.world.now();
    const { error } = outcome;
    const next = wait === undefined ? undefined : at + wait;
    // Without its data, which would stay in memory.
    const record = { offset, key, headers };
    const failed = { partition, record, attempt, reason: failureReasonOf(outcome), error, at, next, givenUp };
    context.newest.failure = failed;
    context.observer.failed(failed);
  }
}

function doubtsOf(item: LaneItem): Doubts {
  item.doubts ??= { since: undefined, misses: 0, asks: 0, answers: 0 };
  return item.doubts;
}
