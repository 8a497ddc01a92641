// The slice of one limit that this process holds. It renews the slice at the store while the limit
// is in use, and gives up what others lack.
import { pauseAfter } from '../../../core/retry/backoff.ts';
import type { Outlook } from '../../../core/retry/outlook.ts';
import type { Timer, World } from '../../../core/world.ts';
import type { LeaseGrant, LeaseRequest } from '../../store/leases.ts';
import type { Budget, OpenBudget } from '../budgets.ts';
import {
  IDLE_ALONE_MS,
  IDLE_MS,
  LEASE_MS,
  MARGIN_MS,
  OWING_MS,
  PRESSED_MS,
  RETRIES,
  SILENT_MS,
  untilNextMs,
} from './pace.ts';

export interface HolderOptions extends Omit<OpenBudget, 'name'> {
  readonly world: World;
  /** Unique over all processes and starts of them. */
  readonly holder: string;
  readonly ask: (request: LeaseRequest) => Promise<LeaseGrant>;
  readonly outlook: Outlook;
  /** It is in there while the store may count something for it. */
  readonly active: Set<SliceHolder>;
}

/**
 * At most `cap` units may be in use until `until`, and the store counts at least that for at least
 * so long. The store learns of fewer units only once fewer are in use. It measures the time of a
 * slice from when it receives the request, which is after it was sent.
 */
export class SliceHolder implements Budget {
  readonly #options: HolderOptions;
  #limit: number;
  #cap = 0;
  #until = Number.NEGATIVE_INFINITY;
  /** The same by the wall clock: the monotonic one stands still while a machine sleeps. */
  #untilWall = Number.NEGATIVE_INFINITY;
  /** From the last answer. */
  #granted = 0;
  #share = 0;
  #turn = 0;
  #asking = false;
  /** A caller wants more than the last request asked for. */
  #pressed = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  #demand = 0;
  #askedLimit = 0;
  #usedAt = Number.NEGATIVE_INFINITY;
  /** Until then the store may count something, whatever was answered. */
  #countedUntil = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #closed = false;
  #timer: Timer | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #ended: () => void = () => {};

  constructor(options: HolderOptions) {
    this.#options = options;
    this.#limit = options.limit;
  }

  allowance(limit: number, now: number): number {
    this.#limit = limit;
    if (now >= this.#until || this.#options.world.now() >= this.#untilWall) return 0;
    return Math.min(this.#cap, limit);
  }

  get cold(): boolean {
    return !this.#isAlive() && this.#options.outlook.inSight && !this.#closed;
  }

  get held(): number {
    return this.#isAlive() ? this.#cap : 0;
  }

  need(demand: number): void {
    // After a failure the next try has its own time.
    if (this.#pressed || this.#closed || this.#failures > 0) return;
    const alive = this.#isAlive();
    if (alive) {
      if (this.#cap >= this.#limit) return;
      // It is waiting for others, or has its share of what it asked for.
      if (this.#limit === this.#askedLimit && demand < 2 * this.#demand) return;
    }
    this.#pressed = true;
    this.#usedAt = this.#options.world.monotonic();
    if (this.#asking) return;
    if (alive) this.#askIn(this.#askedAt + PRESSED_MS - this.#options.world.monotonic());
    else this.#ask();
  }

  /** Starts nothing more; resolves when what is in use has ended and all is given back. */
  close(): Promise<void> {
    const over = new Promise<void>(resolve => {
      this.#ended = resolve;
    });
    this.#closed = true;
    this.#cap = 0;
    if (!this.#asking) this.#ask();
    return over;
  }

  /** Asks no more; what is held ends by itself. */
  stop(): void {
    this.#closed = true;
    this.#end();
  }

  #isAlive(): boolean {
    const { world } = this.#options;
    return world.monotonic() < this.#until && world.now() < this.#untilWall;
  }

  #ask(): void {
    const { world, user, holder, ask, outlook } = this.#options;
    this.#cancel();
    const sent = world.monotonic();
    const sentWall = world.now();
    const inUse = user.inUse();
    const demand = user.demand();
    const lingerMs = Math.ceil(user.lingerMs());
    if (demand > 0) this.#usedAt = sent;
    // When no other process wants any of it, the slice may stay here for a while.
    const idleMs = this.#share >= this.#limit ? IDLE_ALONE_MS : IDLE_MS;
    const idle = this.#closed || sent - this.#usedAt >= idleMs;
    this.#cap = idle || !this.#isAlive() ? 0 : Math.min(this.#cap, this.#limit);
    const held = Math.max(this.#cap, inUse);
    this.#demand = idle ? 0 : Math.max(1, demand);
    if (held === 0 && idle && sent >= this.#countedUntil) {
      this.#end();
      return;
    }
    this.#options.active.add(this);
    this.#asking = true;
    this.#pressed = false;
    this.#askedAt = sent;
    this.#askedLimit = this.#limit;
    const goodbye = held === 0 && idle;
    if (!goodbye) this.#countedUntil = sent + LEASE_MS + lingerMs;
    const turn = ++this.#turn;
    ask({ holder, turn, limit: this.#limit, held, demand: this.#demand, ttlMs: LEASE_MS, lingerMs }).then(
      grant => {
        outlook.answered();
        this.#asking = false;
        this.#failures = 0;
        if (goodbye) this.#gone();
        else this.#answered(grant, sent, sentWall);
      },
      error => {
        outlook.failed(error);
        this.#asking = false;
        this.#pressed = false;
        this.#failures++;
        this.#askIn(pauseAfter(this.#failures, RETRIES, world.random()));
      },
    );
  }

  #answered({ granted, share, quietMs }: LeaseGrant, sent: number, sentWall: number): void {
    const { world, user } = this.#options;
    const before = this.#isAlive() ? this.#cap : 0;
    this.#granted = granted;
    this.#share = share;
    this.#until = sent + LEASE_MS - MARGIN_MS;
    this.#untilWall = sentWall + LEASE_MS - MARGIN_MS;
    // A store that may have forgotten grants repeats what it was told: calls in flight, and a slice
    // that has ended since, are no right to begin others.
    const most = quietMs > 0 ? Math.min(granted, before) : granted;
    this.#cap = this.#closed ? 0 : Math.min(most, share);
    const lacks = this.#pressed || this.#demand > this.#cap;
    this.#askIn(untilNextMs({ granted, share, cap: this.#cap, lacks }, world.random()));
    if (this.#isAlive() && this.#cap > before) user.grown();
  }

  /** The store counts nothing any more. */
  #gone(): void {
    this.#countedUntil = Number.NEGATIVE_INFINITY;
    if (this.#pressed && !this.#closed) this.#ask();
    else this.#end();
  }

  #due(): void {
    const { world, user } = this.#options;
    this.#dueAt = Number.POSITIVE_INFINITY;
    const owing = this.#granted > this.#cap && this.#failures === 0;
    // Nothing of what is owed has become free: there is nothing new to say.
    if (owing && !this.#pressed && user.inUse() >= this.#granted && world.monotonic() - this.#askedAt < SILENT_MS)
      this.#askIn(OWING_MS);
    else this.#ask();
  }

  #askIn(ms: number): void {
    const { world } = this.#options;
    const wait = Math.max(0, ms);
    const at = world.monotonic() + wait;
    if (at >= this.#dueAt) return;
    this.#cancel();
    this.#dueAt = at;
    this.#timer = world.after(wait, () => this.#due());
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  #end(): void {
    this.#cancel();
    this.#pressed = false;
    // No request is repeated by itself any more.
    this.#failures = 0;
    this.#cap = 0;
    this.#granted = 0;
    this.#share = 0;
    this.#until = Number.NEGATIVE_INFINITY;
    this.#options.active.delete(this);
    this.#ended();
  }
}
