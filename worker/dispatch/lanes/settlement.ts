// What becomes of events after a call of them: who bears a failure, and what follows from that.
import type { Failed, Later, Outcome } from '../../deliver/destination.ts';
import type { PartitionContext } from '../partition-context.ts';
import type { LotSteps } from '../writes/lot-steps.ts';
import { type Bearer, bearerOf, MOST_ASKS } from './attribution.ts';
import { halves, isWholeFailure } from './bisect.ts';
import { type Decision, decide, decideAside, PATIENCE_MS } from './decide.ts';
import type { Doubts, Item, Lane } from './lanes.ts';

export interface SettlementOptions {
  readonly context: PartitionContext;
  readonly partition: number;
  readonly steps: LotSteps;
  /** Milliseconds since 1970 by the log's clock. */
  readonly logNow: () => number;
  readonly schedule: (lane: Lane) => void;
  /** To be called as they are. */
  readonly split: (parts: readonly (readonly Item[])[]) => void;
  readonly handled: (item: Item) => void;
}

type NoSuccess = Failed | Later;

export class Settlement {
  readonly #options: SettlementOptions;

  constructor(options: SettlementOptions) {
    this.#options = options;
  }

  settle(items: readonly Item[], outcomes: readonly Outcome[]): void {
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

  /** The bad event is looked for; only alone it has failed. */
  #failedWhole(items: readonly Item[], outcomes: readonly Failed[]): void {
    const { context, split } = this.#options;
    const [first] = items;
    const [outcome] = outcomes;
    if (first && outcome) this.#tell(first, outcome);
    items.forEach((item, index) => {
      item.wasTried = true;
      const own = outcomes[index];
      if (own) context.listener.attempted(item.record, item.attempts + 1, own, false);
    });
    split(halves(items));
  }

  #done(item: Item, outcome: Outcome): void {
    const { context, handled } = this.#options;
    context.listener.attempted(item.record, item.attempts + 1, outcome, true);
    context.totals.attempts++;
    context.totals.delivered++;
    this.#answered(item, true);
    handled(item);
  }

  #failed(item: Item, outcome: NoSuccess): void {
    const { context } = this.#options;
    const { totals, listener } = context;
    item.wasTried = true;
    item.hung = outcome.kind === 'failed' && outcome.doubt === 'lost';
    // Of what was delivered the breaker must not learn first: what opens it is an attempt. What never was is none in any case.
    let bearer = this.#bearerOf(item, outcome);
    this.#tell(item, outcome);
    if (outcome.kind === 'later') bearer = this.#bearerOf(item, outcome);
    const counts = bearer === 'attempt';
    listener.attempted(item.record, item.attempts + 1, outcome, counts);
    if (counts) {
      totals.attempts++;
      totals.failures++;
      // The target may be down all the same: the next attempt takes as long to count.
      if (item.doubts && context.scheduler.gate.isSure) item.doubts.since = undefined;
    }
    if (bearer === 'target') this.#again(item, outcome);
    else this.#carryOut(item, this.#decide(item, outcome));
  }

  /** What the breaker learns of it. */
  #tell(item: Item, outcome: NoSuccess): void {
    const { context, partition } = this.#options;
    const { scheduler, world, listener } = context;
    const { gate } = scheduler;
    const now = world.monotonic();
    if (outcome.kind === 'failed' && outcome.doubt === undefined) this.#answered(item, false);
    else if (outcome.kind === 'failed' || outcome.down) {
      if (outcome.kind === 'later' && outcome.own) return;
      // A call that was lost may be lost for its event alone: that waits by its own budget. Of 502 to 504, or nobody there, a single one is enough.
      const alone = (outcome.kind === 'later' || outcome.doubt === 'status') && scheduler.isIdle;
      const event = `${partition}/${item.offset}`;
      const afterMs = outcome.kind === 'later' ? outcome.afterMs : 0;
      if (gate.unanswered(now, { event, delivered: outcome.kind === 'failed', alone, afterMs })) listener.tripped(true);
    } else if (!outcome.own && (item.doubts?.asks ?? 0) < MOST_ASKS) {
      const again = this.#asked(item) > 1;
      if (gate.asked(now, outcome.afterMs, again)) listener.askedForLong(outcome.afterMs);
    }
  }

  /** How often in a row others were answered while this event asks for a pause each time. */
  #asked(item: Item): number {
    const { answers } = this.#options.context.scheduler.gate;
    const doubts = doubtsOf(item);
    doubts.asks = answers > doubts.answers ? doubts.asks + 1 : 1;
    doubts.answers = answers;
    return doubts.asks;
  }

  #answered(item: Item, well: boolean): void {
    const { scheduler, listener } = this.#options.context;
    if (item.doubts && item.doubts.asks > 0) {
      item.doubts.asks = 0;
      scheduler.gate.kept();
    }
    if (scheduler.gate.answered(well)) listener.tripped(false);
  }

  #bearerOf(item: Item, outcome: NoSuccess): Bearer {
    const { scheduler, settings, world } = this.#options.context;
    const { gate } = scheduler;
    const { doubts } = item;
    return bearerOf(outcome, {
      open: gate.tripped,
      sure: gate.isSure,
      doubtedMs: doubts?.since === undefined ? 0 : world.monotonic() - doubts.since,
      patienceMs: settings.retry.within ?? PATIENCE_MS,
      counted: settings.retry.attempts !== undefined,
      asksAlone: doubts?.asks ?? 0,
      single: gate.meansSingles,
    });
  }

  /** A failure that the target does not bear is an attempt; without one the event waits by itself. */
  #decide(item: Item, outcome: NoSuccess): Decision {
    const { settings, world } = this.#options.context;
    const { retry } = settings;
    const now = this.#options.logNow();
    item.since ??= now;
    const elapsed = now - item.since;
    if (outcome.kind === 'failed') return decide(outcome, item.attempts, retry, world.random(), elapsed);
    const misses = ++doubtsOf(item).misses;
    return decideAside(outcome, { attempts: item.attempts, misses, elapsed }, retry, world.random());
  }

  /** As if it had not been tried. */
  #again(item: Item, outcome: NoSuccess): void {
    const { context, steps, schedule } = this.#options;
    const { world, scheduler } = context;
    item.lane.running = undefined;
    if (outcome.kind === 'failed' || outcome.down) doubtsOf(item).since ??= world.monotonic();
    // Once a round is enough, and after the pause that it asked for.
    item.notBefore = scheduler.gate.until;
    if (item.cancelledBy !== undefined) steps.giveUp(item, 'cancelled', item.lastError, item.cancelledBy);
    else schedule(item.lane);
  }

  #carryOut(item: Item, decision: Decision): void {
    const { steps } = this.#options;
    item.lane.running = undefined;
    if (decision.kind === 'dead' || item.cancelledBy !== undefined) {
      item.attempts = decision.attempts;
      const reason = item.cancelledBy === undefined && decision.kind === 'dead' ? decision.reason : 'cancelled';
      steps.giveUp(item, reason, decision.error, item.cancelledBy);
    } else if (item.state === 'fresh') {
      steps.park(item, decision.attempts, decision.wait, decision.error);
    } else {
      steps.retryLater(item, decision.attempts, decision.wait, decision.error);
    }
  }
}

function doubtsOf(item: Item): Doubts {
  item.doubts ??= { since: undefined, misses: 0, asks: 0, answers: 0 };
  return item.doubts;
}
