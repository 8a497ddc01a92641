// Decides which partition may call next. Shares the concurrency, the rate and the pauses of one
// dispatcher over its partitions, in turn.
import type { Timer, World } from '../../../core/world.ts';
import type { Budgets } from '../../../drivers/budgets/budgets.ts';
import type { DeliveryItem, Destination, Outcome } from '../../deliver/destination.ts';
import { MOST_ASKS } from '../lanes/attempt-rules.ts';
import type { LaneItem } from '../lanes/lanes.ts';
import type { Turn } from '../lanes/ready-queue.ts';
import { Shares } from '../lanes/shares.ts';
import type { DispatchSettings } from '../settings.ts';
import { CallLimiter } from './call-limiter.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

/** A partition that has events to deliver. */
export interface CallSource {
  readonly partition: number;
  readonly signal: AbortSignal;
  /** See the same of `DeliveryItem`. */
  readonly settledBelow: number;
  /** Whether there is something for a call at this moment, and whether some of it is new. */
  readonly hasReady: boolean;
  readonly hasNew: boolean;
  /** Nothing is ready, and nothing waits until its share may have more calls. */
  readonly isEmpty: boolean;
  /** The place of its next call among those of other partitions, for shares. */
  rank(turn: Turn): number;
  /** The events of the next call, at most `limit`; empty when there are none at the moment. */
  take(limit: number, turn: Turn): readonly LaneItem[];
  /** Takes one outcome for each event. Not called once `signal` has aborted. */
  settle(items: readonly LaneItem[], outcomes: readonly Outcome[]): void;
}

const MISSING: Outcome = {
  kind: 'failed',
  retryable: true,
  error: { message: 'the destination gave no outcome for this event' },
};

export class CallScheduler {
  readonly breaker = new CircuitBreaker();
  /** Undefined: partitions take turns. */
  readonly shares: Shares | undefined;
  readonly #world: World;
  readonly #destination: Destination;
  readonly #limiter: CallLimiter;
  /** Partitions that may have something, in turn. */
  readonly #queue = new Set<CallSource>();
  #paused: boolean;
  #closed = false;
  #pumping = false;
  /** Calls in flight of retried events. */
  #again = 0;
  #timer: Timer | undefined;
  #idle: (() => void)[] = [];

  constructor(world: World, destination: Destination, settings: DispatchSettings, budgets?: Budgets) {
    this.#world = world;
    this.#destination = destination;
    this.shares = settings.share && new Shares(settings.share.max);
    this.#limiter = new CallLimiter({
      world,
      settings,
      budgets,
      // Counts calls that test whether the destination is back, too. Otherwise a process that waits
      // for its part of a limit would seem to want none.
      couldCall: () => (this.#hasReady && this.#mayCall ? this.inFlight + this.breaker.allows(world.monotonic()) : 0),
      grown: () => this.#pump(),
    });
    this.#paused = settings.paused;
  }

  get inFlight(): number {
    return this.#limiter.inFlight;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Whether another call could be made this moment if there were something to deliver. */
  get hasRoom(): boolean {
    return this.#mayCall && this.breaker.isFlowing && this.inFlight < this.#limiter.calls;
  }

  /** The limit for which nothing more begins, though there is something and the target takes it. */
  get limitedBy(): 'concurrency' | 'rate' | 'share' | undefined {
    if (!this.#mayCall || !this.breaker.isFlowing) return undefined;
    if (!this.#hasReady) return this.shares && this.shares.heldBack.length > 0 ? 'share' : undefined;
    if (this.inFlight >= this.#limiter.calls) return 'concurrency';
    return this.#limiter.wait > 0 ? 'rate' : undefined;
  }

  /** When calls go on, by the monotonic clock; Infinity where nobody knows. 0: now. */
  get goesOnAt(): number {
    if (!this.breaker.isFlowing) return this.breaker.until;
    const { limitedBy } = this;
    if (limitedBy === undefined) return 0;
    return limitedBy === 'rate' ? this.#world.monotonic() + this.#limiter.wait : Number.POSITIVE_INFINITY;
  }

  get #mayCall(): boolean {
    return !this.#paused && !this.#closed;
  }

  /** The source has something, or may have. */
  announce(source: CallSource): void {
    this.#queue.add(source);
    this.#pump();
  }

  remove(source: CallSource): void {
    this.#queue.delete(source);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#pump();
  }

  /** Makes no more calls; resolves when none is in flight. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    if (this.inFlight > 0) await new Promise<void>(resolve => this.#idle.push(resolve));
  }

  /** Only events that failed just now could be tried at this moment. */
  get isIdle(): boolean {
    return this.inFlight === 0 && !this.#hasReady;
  }

  get #hasReady(): boolean {
    for (const source of this.#queue) if (source.hasReady) return true;
    return false;
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    /** Sources without events of the kind that may be called now. */
    const passed: CallSource[] = [];
    let wakeAt = Number.POSITIVE_INFINITY;
    while (this.#queue.size > 0 && this.#mayCall) {
      const now = this.#world.monotonic();
      const mayBegin = this.breaker.allows(now);
      // This comes first, as nothing else wakes the scheduler when a rest is over, or when test
      // calls take long.
      if (!this.breaker.isFlowing) wakeAt = Math.min(wakeAt, this.breaker.until);
      if (mayBegin <= 0) break;
      if (this.inFlight >= this.#limiter.calls) {
        this.#limiter.need();
        break;
      }
      const wait = this.#limiter.wait;
      if (wait > 0) {
        this.#limiter.need();
        wakeAt = Math.min(wakeAt, now + wait);
        break;
      }
      const limit = this.#limiter.events(1000);
      const turn = this.#turn();
      const source = this.#next(turn);
      if (source === undefined) break;
      this.#queue.delete(source);
      const items = source.take(limit, turn);
      if (items.length > 0) {
        this.#queue.add(source);
        this.breaker.began();
        this.#limiter.begin(items.length);
        void this.#call(source, items);
      } else if (!source.isEmpty) passed.push(source);
    }
    for (const source of passed) this.#queue.add(source);
    if (Number.isFinite(wakeAt)) this.#wakeIn(wakeAt - this.#world.monotonic());
    this.#pumping = false;
  }

  /** The partition that calls next; undefined: none may now. */
  #next(turn: Turn): CallSource | undefined {
    const [first] = this.#queue;
    if (this.shares === undefined) return first;
    let next: CallSource | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const source of this.#queue) {
      const rank = source.rank(turn);
      if (rank >= least) continue;
      least = rank;
      next = source;
    }
    return next;
  }

  /**
   * Events that keep failing or never end may take half of the calls from new events, and no more.
   */
  #turn(): Turn {
    if (!this.breaker.isFlowing) {
      const others = !this.breaker.wantsNew;
      return { first: this.breaker.wantsOld ? 'again' : 'new', again: others, hung: others };
    }
    if (this.#again < Math.max(1, Math.floor(this.#limiter.calls / 2)))
      return { first: 'turns', again: true, hung: true };
    let others = true;
    for (const source of this.#queue) if (source.hasNew) others = false;
    return { first: 'new', again: others, hung: false };
  }

  async #call(source: CallSource, items: readonly LaneItem[]): Promise<void> {
    let outcomes: readonly Outcome[];
    const again = items[0]?.wasTried ? 1 : 0;
    this.#again += again;
    try {
      outcomes = await this.#destination.deliver(this.#toDelivery(source, items), source.signal);
      if (outcomes.length !== items.length) outcomes = items.map((_, index) => outcomes[index] ?? MISSING);
    } catch (error) {
      // The destination broke its contract. Its effect is unknown, so this is an attempt like any
      // other.
      const message = error instanceof Error ? error.message : 'the destination rejected';
      outcomes = items.map(() => ({ kind: 'failed', retryable: true, error: { message } }));
    }
    this.#again -= again;
    for (const { party } of items) if (party) this.shares?.ended(party.name);
    if (source.signal.aborted) this.#limiter.leave();
    else {
      this.#limiter.end();
      source.settle(items, outcomes);
    }
    this.#pump();
    if (this.inFlight === 0 && this.#closed) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #toDelivery({ partition, settledBelow }: CallSource, items: readonly LaneItem[]): DeliveryItem[] {
    const delivery: DeliveryItem[] = new Array(items.length);
    for (let index = 0; index < items.length; index++) {
      const item = items[index];
      if (item === undefined) continue;
      const { record, attempts, generation, state, doubts } = item;
      const parked = state !== 'fresh';
      const asksAlone = this.breaker.meansSingles || (doubts?.asks ?? 0) >= MOST_ASKS;
      delivery[index] = { partition, record, attempt: attempts + 1, parked, asksAlone, generation, settledBelow };
    }
    return delivery;
  }

  #wakeIn(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#world.after(Math.max(ms, 1), () => this.#pump());
  }
}
