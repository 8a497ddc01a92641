// Who may call next: shares concurrency, rate and pauses of one dispatcher over its partitions, in turn.
import type { Timer, World } from '../../../core/world.ts';
import type { Budgets } from '../../../drivers/budgets/budgets.ts';
import type { DeliveryItem, Destination, Outcome } from '../../deliver/destination.ts';
import type { Item } from '../lanes/lanes.ts';
import type { DispatchSettings } from '../settings.ts';
import { Gate } from './gate.ts';
import { Pace } from './pace.ts';

/** A partition that has events to deliver. */
export interface CallSource {
  readonly partition: number;
  readonly signal: AbortSignal;
  /** See the same of `DeliveryItem`. */
  readonly settledBelow: number;
  /** The events of the next call, at most `limit`; empty when there are none at the moment. */
  take(limit: number): readonly Item[];
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
      couldCall: () => (this.#line.size > 0 && this.#mayCall ? this.gate.limit(world.monotonic()) : 0),
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
    return this.#mayCall && this.gate.state === 'flowing' && this.inFlight < this.#pace.calls;
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

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#line.size > 0 && this.#mayCall) {
      // First: nobody else wakes this when a rest is over.
      if (this.gate.state !== 'flowing') {
        const now = this.#world.monotonic();
        const calls = this.gate.limit(now);
        if (calls === 0) this.#wakeIn(this.gate.until - now);
        if (this.inFlight >= calls) break;
      }
      if (this.inFlight >= this.#pace.calls) {
        this.#pace.need();
        break;
      }
      const wait = this.#pace.wait;
      if (wait > 0) {
        this.#pace.need();
        if (Number.isFinite(wait)) this.#wakeIn(wait);
        break;
      }
      const limit = this.#pace.events(1000);
      const [source] = this.#line;
      if (source === undefined) break;
      this.#line.delete(source);
      const items = source.take(limit);
      if (items.length === 0) continue;
      this.#line.add(source);
      this.#pace.begin(items.length);
      void this.#call(source, items);
    }
    this.#pumping = false;
  }

  async #call(source: CallSource, items: readonly Item[]): Promise<void> {
    let outcomes: readonly Outcome[];
    try {
      outcomes = await this.#destination.deliver(toDeliveryItems(source, items), source.signal);
      if (outcomes.length !== items.length) outcomes = items.map((_, index) => outcomes[index] ?? MISSING);
    } catch (error) {
      // Against its contract: what it did is unknown, so it is an attempt like any other.
      const message = error instanceof Error ? error.message : 'the destination rejected';
      outcomes = items.map(() => ({ kind: 'failed', retryable: true, error: { message } }));
    }
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
