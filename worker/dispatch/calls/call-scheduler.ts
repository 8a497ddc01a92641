// Who may call next: shares concurrency, rate and pauses of one dispatcher over its partitions, in turn.
import type { Timer, World } from '../../../core/world.ts';
import type { Budgets } from '../../../drivers/budgets/budgets.ts';
import type { DeliveryItem, Destination, Outcome } from '../../deliver/destination.ts';
import type { Item } from '../lanes/lanes.ts';
import type { Turn } from '../lanes/ready-line.ts';
import type { DispatchSettings } from '../settings.ts';
import { Gate } from './gate.ts';
import { Pace } from './pace.ts';

/** A partition that has events to deliver. */
export interface CallSource {
  readonly partition: number;
  readonly signal: AbortSignal;
  /** See the same of `DeliveryItem`. */
  readonly settledBelow: number;
  /** Whether there is something for a call at this moment, and whether some of it was not tried yet. */
  readonly hasReady: boolean;
  readonly hasNew: boolean;
  /** The events of the next call, at most `limit`; empty when there are none at the moment. */
  take(limit: number, turn: Turn): readonly Item[];
  /** One outcome for each. Not called once `signal` has aborted. */
  settle(items: readonly Item[], outcomes: readonly Outcome[]): void;
}

const MISSING: Outcome = {
  kind: 'failed',
  retryable: true,
  error: { message: 'the destination gave no outcome for this event' },
};

export class CallScheduler {
  readonly gate = new Gate();
  readonly #world: World;
  readonly #destination: Destination;
  readonly #pace: Pace;
  /** Partitions that may have something, in turn. */
  readonly #line = new Set<CallSource>();
  #paused: boolean;
  #closed = false;
  #pumping = false;
  /** Calls in flight of what was tried before. */
  #again = 0;
  #timer: Timer | undefined;
  #idle: (() => void)[] = [];

  constructor(world: World, destination: Destination, settings: DispatchSettings, budgets?: Budgets) {
    this.#world = world;
    this.#destination = destination;
    this.#pace = new Pace({
      world,
      settings,
      budgets,
      // One of those that see whether the destination is back, too: or who waits for its part of a limit would be taken to want none.
      couldCall: () => (this.#line.size > 0 && this.#mayCall ? this.inFlight + this.gate.allows(world.monotonic()) : 0),
      grown: () => this.#pump(),
    });
    this.#paused = settings.paused;
  }

  get inFlight(): number {
    return this.#pace.inFlight;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Whether another call could be made this moment if there were something to deliver. */
  get hasRoom(): boolean {
    return this.#mayCall && this.gate.isFlowing && this.inFlight < this.#pace.calls;
  }

  get #mayCall(): boolean {
    return !this.#paused && !this.#closed;
  }

  /** The source has something, or may have. */
  announce(source: CallSource): void {
    this.#line.add(source);
    this.#pump();
  }

  remove(source: CallSource): void {
    this.#line.delete(source);
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

  /** Nothing but what failed just now could be tried at this moment. */
  get isIdle(): boolean {
    if (this.inFlight > 0) return false;
    for (const source of this.#line) if (source.hasReady) return false;
    return true;
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    /** Sources with nothing of the kind that may be called now. */
    const passed: CallSource[] = [];
    let wakeAt = Number.POSITIVE_INFINITY;
    while (this.#line.size > 0 && this.#mayCall) {
      const now = this.#world.monotonic();
      const mayBegin = this.gate.allows(now);
      // First: nobody else wakes this when a rest is over, or some calls that look take long.
      if (!this.gate.isFlowing) wakeAt = Math.min(wakeAt, this.gate.until);
      if (mayBegin <= 0) break;
      if (this.inFlight >= this.#pace.calls) {
        this.#pace.need();
        break;
      }
      const wait = this.#pace.wait;
      if (wait > 0) {
        this.#pace.need();
        wakeAt = Math.min(wakeAt, now + wait);
        break;
      }
      const limit = this.#pace.events(1000);
      const [source] = this.#line;
      if (source === undefined) break;
      this.#line.delete(source);
      const items = source.take(limit, this.#turn());
      if (items.length > 0) {
        this.#line.add(source);
        this.gate.began();
        this.#pace.begin(items.length);
        void this.#call(source, items);
      } else if (source.hasReady) passed.push(source);
    }
    for (const source of passed) this.#line.add(source);
    if (Number.isFinite(wakeAt)) this.#wakeIn(wakeAt - this.#world.monotonic());
    this.#pumping = false;
  }

  /** What fails again and again, or never ends, may take half of the calls from what was not tried yet, and no more. */
  #turn(): Turn {
    if (!this.gate.isFlowing) {
      const others = !this.gate.wantsNew;
      return { first: this.gate.wantsOld ? 'again' : 'new', again: others, hung: others };
    }
    if (this.#again < Math.max(1, Math.floor(this.#pace.calls / 2))) return { first: 'turns', again: true, hung: true };
    let others = true;
    for (const source of this.#line) if (source.hasNew) others = false;
    return { first: 'new', again: others, hung: false };
  }

  async #call(source: CallSource, items: readonly Item[]): Promise<void> {
    let outcomes: readonly Outcome[];
    const again = items[0]?.wasTried ? 1 : 0;
    this.#again += again;
    try {
      outcomes = await this.#destination.deliver(toDeliveryItems(source, items), source.signal);
      if (outcomes.length !== items.length) outcomes = items.map((_, index) => outcomes[index] ?? MISSING);
    } catch (error) {
      // Against its contract: what it did is unknown, so it is an attempt like any other.
      const message = error instanceof Error ? error.message : 'the destination rejected';
      outcomes = items.map(() => ({ kind: 'failed', retryable: true, error: { message } }));
    }
    this.#again -= again;
    if (source.signal.aborted) this.#pace.leave();
    else {
      this.#pace.end();
      source.settle(items, outcomes);
    }
    this.#pump();
    if (this.inFlight === 0 && this.#closed) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #wakeIn(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#world.after(Math.max(ms, 1), () => this.#pump());
  }
}

function toDeliveryItems({ partition, settledBelow }: CallSource, items: readonly Item[]): DeliveryItem[] {
  const delivery: DeliveryItem[] = new Array(items.length);
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (item === undefined) continue;
    const { record, attempts, generation, state } = item;
    const parked = state !== 'fresh';
    delivery[index] = { partition, record, attempt: attempts + 1, parked, generation, settledBelow };
  }
  return delivery;
}
