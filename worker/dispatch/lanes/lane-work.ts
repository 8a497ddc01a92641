// The events of one partition on their way: which can be delivered next, and the fate of each after
// its call.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Outcome } from '../../deliver/destination.ts';
import type { ParkingLogEntry } from '../../parking-log/fold-parking-log.ts';
import type { CallSource } from '../calls/call-scheduler.ts';
import type { PartitionContext } from '../partition-context.ts';
import { ParkingLogSteps, type ParkingLogStepsOptions } from '../writes/parking-log-steps.ts';
import { expiresAt, mayAttempt, mustFollow } from './attempt-rules.ts';
import { DueQueue } from './due-queue.ts';
import { type Lane, type LaneItem, Lanes } from './lanes.ts';
import { mostTried } from './most-tried.ts';
import { ReadyQueue, type Turn } from './ready-queue.ts';
import { Settlement } from './settlement.ts';

export interface LaneWorkOptions extends Omit<ParkingLogStepsOptions, 'lanes' | 'schedule'> {
  readonly signal: AbortSignal;
  /** Milliseconds since 1970 by the log's clock. */
  readonly logNow: () => number;
  /** A call has ended, so there may be room to read more. */
  readonly settled: () => void;
}

export class LaneWork implements CallSource {
  readonly partition: number;
  readonly signal: AbortSignal;
  readonly lanes: Lanes;
  readonly steps: ParkingLogSteps;
  readonly #options: LaneWorkOptions;
  readonly #context: PartitionContext;
  readonly #ready: ReadyQueue;
  readonly #due: DueQueue<Lane>;
  readonly #settlement: Settlement;
  /** This owner has read all source offsets below, or need not. */
  #sourceRead = 0;
  #settledBelow = 0;
  #settledAt = Number.NEGATIVE_INFINITY;
  /** Lanes whose parked head lies where the source has not been read yet. */
  #ahead: Lane[] = [];

  constructor(options: LaneWorkOptions) {
    const { context } = options;
    this.#options = options;
    this.#context = context;
    this.partition = options.partition;
    this.signal = options.signal;
    this.lanes = new Lanes(context.settings.order);
    this.steps = new ParkingLogSteps({ ...options, lanes: this.lanes, schedule: lane => this.schedule(lane) });
    this.#due = new DueQueue(context.world, lane => this.schedule(lane));
    this.#ready = new ReadyQueue(context.world, context.settings, context.scheduler.shares, () =>
      context.scheduler.announce(this),
    );
    this.#settlement = new Settlement({
      ...options,
      steps: this.steps,
      schedule: lane => this.schedule(lane),
      split: parts => this.#ready.pushSplits(parts),
      handled: item => this.#handled(item),
    });
    options.signal.addEventListener('abort', () => this.#stop(), { once: true });
  }

  /** The estimate is made anew once in a while, as parked events are not in order. */
  get settledBelow(): number {
    const now = this.#context.world.monotonic();
    if (now < this.#settledAt + SETTLED_MS) return this.#settledBelow;
    this.#settledAt = now;
    this.#settledBelow = this.lanes.settledBelow(this.#sourceRead);
    return this.#settledBelow;
  }

  get hasReady(): boolean {
    return this.#ready.hasOpen;
  }

  get isEmpty(): boolean {
    return this.#ready.length === 0;
  }

  rank(turn: Turn): number {
    return this.#ready.rank(turn);
  }

  get hasNew(): boolean {
    return this.#ready.hasNew;
  }

  /** Takes in the entries that the replay of the parking log found. */
  restore(entry: ParkingLogEntry): void {
    const { world, settings } = this.#context;
    // A redriven event is to be delivered, however old it is.
    const expires = entry.generation > 0 ? Number.POSITIVE_INFINITY : expiresAt(entry.record, settings.maxAge);
    const item = this.lanes.addParked(entry.record, expires);
    item.state = entry.state === 'held' ? 'held' : 'parked';
    item.generation = entry.generation;
    item.attempts = entry.attempts;
    item.since = entry.since ?? entry.death?.since;
    item.wasTried = entry.since !== undefined;
    item.lastError = entry.error;
    item.lastReason = entry.failed;
    // Clocks of different owners may disagree; no event waits longer than was meant.
    const again = Math.min(Math.max(entry.at - world.now(), 0), entry.wait);
    // The first attempt goes by the log's clock alone.
    const wait = entry.attempts === 0 ? Math.max(again, this.#dueAt(entry.record).at - this.#options.logNow()) : again;
    item.notBefore = wait > 0 ? world.monotonic() + wait : 0;
    this.schedule(item.lane);
  }

  /** The next event of the source. */
  read(record: LogRecord, cancelledBy?: number): void {
    const { settings, world } = this.#context;
    let filtered: unknown;
    try {
      if (settings.filter && !settings.filter(record)) return;
    } catch (error) {
      filtered = error;
    }
    const item = this.lanes.addFresh(record, expiresAt(record, settings.maxAge));
    if (cancelledBy !== undefined) {
      this.steps.giveUp(item, 'cancelled', undefined, cancelledBy);
      return;
    }
    if (filtered !== undefined) {
      this.steps.giveUp(item, 'filter', {
        message: filtered instanceof Error ? filtered.message : 'the filter failed',
      });
      return;
    }
    const due = this.#dueAt(record);
    const wait = due.at === 0 ? 0 : due.at - this.#options.logNow();
    if (wait > 0) item.notBefore = world.monotonic() + wait;
    if (mustFollow(settings.order, item.lane, item)) this.steps.follow(item);
    else if (due.scheduled && wait > SHORT_WAIT_MS) this.steps.park(item, 0, wait, undefined);
    else this.schedule(item.lane);
  }

  #dueAt(record: LogRecord): { readonly at: number; readonly scheduled: boolean } {
    const { delay, dueAt } = this.#context.settings;
    if (delay === 0 && !dueAt) return AT_ONCE;
    const delayed = delay > 0 ? record.timestamp + delay : 0;
    let scheduled: number | undefined;
    try {
      scheduled = dueAt?.(record);
    } catch {
      // A time that cannot be read counts as none.
    }
    return scheduled !== undefined && scheduled > delayed
      ? { at: scheduled, scheduled: true }
      : { at: delayed, scheduled: false };
  }

  /**
   * Whether parked events wait for the source to be read up to them. Until then reading must not
   * stop because of them.
   */
  get isBehind(): boolean {
    return this.#ahead.length > 0;
  }

  /** All source offsets below have been read. */
  sourceReadTo(offset: number): void {
    this.#sourceRead = offset;
    if (this.#ahead.length === 0) return;
    const lanes = this.#ahead;
    this.#ahead = [];
    for (const lane of lanes) this.schedule(lane);
  }

  /** Queues the lane when its head can be attempted now, or lets it wait until then. */
  schedule(lane: Lane): void {
    const head = lane.items[0];
    if (head === undefined || lane.queued) return;
    if (!mayAttempt(lane, head, this.#sourceRead)) {
      if (head.state === 'parked' && head.offset >= this.#sourceRead) this.#ahead.push(lane);
      return;
    }
    if (head.notBefore > 0) {
      if (head.notBefore > this.#context.world.monotonic()) {
        if (lane.waitsUntil !== head.notBefore) {
          lane.waitsUntil = head.notBefore;
          this.#due.add(head.notBefore, lane);
        }
        return;
      }
      head.notBefore = 0;
    }
    lane.waitsUntil = 0;
    lane.queued = true;
    this.#ready.push(lane);
  }

  take(limit: number, turn: Turn): readonly LaneItem[] {
    return this.#ready.take(limit, turn, lane => this.#begin(lane));
  }

  /** The head of a lane whose turn it is; undefined when there is nothing to do after all. */
  #begin(lane: Lane): LaneItem | undefined {
    lane.queued = false;
    const head = lane.items[0];
    if (head === undefined || head.notBefore > 0 || !mayAttempt(lane, head, this.#sourceRead)) {
      this.schedule(lane);
      return undefined;
    }
    if (head.expiresAt !== Number.POSITIVE_INFINITY && head.expiresAt <= this.#options.logNow()) {
      this.steps.giveUp(head, 'expired', head.lastError);
      return undefined;
    }
    lane.running = head;
    return head;
  }

  settle(items: readonly LaneItem[], outcomes: readonly Outcome[]): void {
    this.#settlement.settle(items, outcomes);
    this.#options.settled();
  }

  #handled(item: LaneItem): void {
    const { lane } = item;
    lane.running = undefined;
    if (item.state === 'fresh') {
      this.lanes.markDone(item);
      this.lanes.remove(item);
      if (item.cancelledBy !== undefined) this.#options.changed(item.offset);
      if (lane.items.length > 0) this.schedule(lane);
      return;
    }
    this.steps.handled(item);
  }

  /**
   * Makes room in a full parking log before the time of its events is over. Gives up a hundredth of
   * the parked events: those with the most attempts, if they had enough of them.
   */
  giveUpMostTried(): void {
    let left = Math.ceil(this.lanes.parkedKeys / 100);
    for (const item of mostTried(this.lanes.inParkingLog.values())) {
      if (left-- <= 0) return;
      const why = `${item.lastError?.message ?? ''} Given up early, after ${item.attempts} attempts, as no more may be parked.`;
      this.steps.giveUp(item, 'exhausted', { ...item.lastError, message: why.trim() });
    }
  }

  /**
   * Makes room while the target answers nothing. Moves so many events that were tried without an
   * attempt to the parking log, with those behind them, so that others can be tried.
   */
  setAside(count: number): void {
    let left = count;
    for (let item = this.lanes.firstOpen; item && left > 0; item = item.after) {
      const { lane } = item;
      if (item.state !== 'fresh' || item.pending > 0 || !item.wasTried || lane.running || lane.items[0] !== item)
        continue;
      this.steps.park(item, item.attempts, 0, item.lastError);
      left--;
    }
  }

  /** Makes room: events behind slow ones go to the parking log. Returns whether there were any. */
  parkFollowersOfRunning(): boolean {
    let any = false;
    for (let item = this.lanes.firstOpen; item; item = item.after) {
      const { lane } = item;
      if (item.state !== 'fresh' || item.pending > 0 || lane.running === undefined || lane.running === item) continue;
      this.steps.follow(item);
      any = true;
    }
    return any;
  }

  /**
   * Makes room: events that wait until their share may have more calls go to the parking log, at
   * most `count`.
   */
  parkHeldBack(count: number): void {
    const { shares } = this.#context.scheduler;
    let left = shares ? count : 0;
    for (let item = this.lanes.firstOpen; shares && item && left > 0; item = item.after) {
      const { lane } = item;
      const party = lane.items[0]?.party;
      if (item.state !== 'fresh' || item.pending > 0 || lane.running || !party || shares.roomOf(party.name) > 0)
        continue;
      this.steps.follow(item);
      left--;
    }
  }

  #stop(): void {
    this.#due.close();
    this.#ready.close();
    this.#context.scheduler.remove(this);
  }
}

const SETTLED_MS = 1_000;
const AT_ONCE = { at: 0, scheduled: false };
/** Waiting this long in memory is cheaper than a place in the parking log. */
const SHORT_WAIT_MS = 2000;
