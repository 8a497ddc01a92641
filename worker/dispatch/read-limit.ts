// Decides when the source may be read on. There must be room for events in memory, for parked
// events in the parking log, and for what is done in a commit.
import type { LaneWork } from './lanes/lane-work.ts';
import type { PartitionContext } from './partition-context.ts';

export class ReadLimit {
  readonly #context: PartitionContext;
  readonly #work: LaneWork;
  #waiting: (() => void) | undefined;
  /** Nothing could be read since the last tick, for lack of room in memory. */
  #stuck = false;
  #tight = false;

  constructor(context: PartitionContext, work: LaneWork) {
    this.#context = context;
    this.#work = work;
  }

  /** How many events may be read. */
  get free(): number {
    const { scheduler, limits } = this.#context;
    const { freshCount, freshBytes } = this.#work.lanes;
    if (this.isFull) return 0;
    const room = this.#most - freshCount;
    if (freshBytes >= limits.freshBytes / Math.max(1, this.#context.partitions())) return 0;
    // While the target is left alone a few events are enough to test it. They must not be those
    // that it did not answer.
    if (!scheduler.breaker.isFlowing) return this.#work.hasNew ? 0 : Math.min(room, ENOUGH_TO_TRY);
    return room;
  }

  get #most(): number {
    const { freshEvents, freshEventsWhenTight } = this.#context.limits;
    return this.#tight ? Math.min(freshEvents, freshEventsWhenTight) : freshEvents;
  }

  /**
   * The parking log is at its cap. It may grow beyond while parked events wait for the source to be
   * read up to them.
   */
  get isFull(): boolean {
    const { lanes, isBehind } = this.#work;
    return !isBehind && (lanes.parkedKeys >= this.#mostKeys || lanes.parkedBytes >= this.#mostBytes);
  }

  get #mostKeys(): number {
    return Math.max(1, Math.floor(this.#context.settings.parking.maxKeys / this.#partitions));
  }

  get #mostBytes(): number {
    return this.#context.settings.parking.maxSize / this.#partitions;
  }

  get #partitions(): number {
    return Math.max(1, this.#context.partitions());
  }

  /** How many events may be parked for their shares alone. The other half is for what fails. */
  get #roomForShares(): number {
    const { parkedKeys, parkedBytes } = this.#work.lanes;
    return parkedBytes >= this.#mostBytes / 2 ? 0 : Math.floor(this.#mostKeys / 2) - parkedKeys;
  }

  /** The share of its room that the last commit took. */
  committed(bytes: number): void {
    this.#tight = bytes > (this.#context.limits.metadataBytes * 3) / 4;
  }

  /** Resolves when there is room; rejects with the reason of `signal`. */
  enter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.free > 0) return READY;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting = undefined;
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
    });
  }

  /** Something has changed. */
  look(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || !this.#isWorthwhile()) return;
    this.#waiting = undefined;
    this.#stuck = false;
    waiting();
  }

  /**
   * Runs once a second. Slow events that hold up all others make room by going to the parking log.
   */
  tick(): void {
    this.look();
    if (this.#waiting === undefined) return;
    const { scheduler, settings } = this.#context;
    const { breaker } = scheduler;
    // With `hold` a person must decide, and declared attempts hold.
    if (this.isFull && settings.onExhausted === 'skip' && settings.retry.attempts === undefined)
      this.#work.giveUpMostTried();
    // Perhaps only the events that are here are bad.
    if (breaker.seeksOthers && !this.isFull && !this.#work.hasNew) this.#work.setAside(Math.ceil(this.#most / 100));
    const mayMakeRoom = settings.order === 'key' || settings.share?.max !== undefined;
    const stuck = !this.isFull && scheduler.hasRoom && !this.#work.hasReady && mayMakeRoom;
    if (stuck && this.#stuck) {
      this.#work.parkFollowersOfRunning();
      this.#work.parkHeldBack(Math.min(Math.ceil(this.#most / 4), this.#roomForShares));
    }
    this.#stuck = stuck;
  }

  /** Not for a single event: reading in larger pieces is cheaper. */
  #isWorthwhile(): boolean {
    const { free } = this;
    if (!this.#context.scheduler.breaker.isFlowing) return free > 0;
    return free >= this.#most / 4;
  }
}

const READY = Promise.resolve();
const ENOUGH_TO_TRY = 16;
