// Each step of an event that goes through the parking log: parked, retried, handled, given up. A
// step counts when its record was read back, not before.

import type { Failure } from '../../../core/failure.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { type ParkingLogEntry, toRecord } from '../../parking-log/fold-parking-log.ts';
import type { OwnersRecord } from '../../parking-log/parking-log-record.ts';
import { mustFollow } from '../lanes/attempt-rules.ts';
import type { Lane, LaneItem, Lanes } from '../lanes/lanes.ts';
import type { PartitionContext } from '../partition-context.ts';
import type { DeathReason } from '../settings.ts';

export interface ParkingLogStepsOptions {
  readonly context: PartitionContext;
  readonly partition: number;
  readonly lanes: Lanes;
  /** Gives a record to the parking log; `applied` runs when it was read back and counts. */
  readonly write: (record: OwnersRecord, applied: () => void) => void;
  /** The parking log says that this event was given up. */
  readonly writeDeadLetter: (event: number) => void;
  readonly schedule: (lane: Lane) => void;
  /** An event has gone on. There may be room to read more, and commands may wait for it. */
  readonly changed: (event: number) => void;
}

export class ParkingLogSteps {
  readonly #options: ParkingLogStepsOptions;

  constructor(options: ParkingLogStepsOptions) {
    this.#options = options;
  }

  /**
   * Parks an event after a failed attempt, or because its time has not come. Events behind it in
   * its lane are parked with it.
   */
  park(item: LaneItem, attempts: number, wait: number, error: Failure | undefined): void {
    this.#writePark(item, attempts, wait, error);
    this.#options.context.observer.parked(this.#options.partition, item.record, false);
    this.#followAll(item.lane);
  }

  /**
   * An earlier event of its key is in the parking log. This one has to go there, too, or the key
   * would hold up its partition.
   */
  follow(item: LaneItem): void {
    const { world, observer } = this.#options.context;
    const wait = item.notBefore > 0 ? Math.max(0, item.notBefore - world.monotonic()) : 0;
    this.#writePark(item, 0, wait, undefined);
    observer.parked(this.#options.partition, item.record, true);
  }

  #followAll(lane: Lane): void {
    const { order } = this.#options.context.settings;
    if (order === 'key') for (const item of lane.items) if (mustFollow(order, lane, item)) this.follow(item);
  }

  #writePark(item: LaneItem, attempts: number, wait: number, error: Failure | undefined): void {
    const { context, lanes, schedule } = this.#options;
    const { world, totals } = context;
    totals.parked++;
    lanes.countParked(item);
    const { offset: event, generation, since, record } = item;
    const failed = error && item.lastReason;
    const at = world.now() + wait;
    this.#write(item, { type: 'park', event, generation, attempts, at, wait, since, error, failed, record }, () => {
      item.state = 'parked';
      item.attempts = attempts;
      item.lastError = error;
      item.notBefore = wait > 0 ? world.monotonic() + wait : 0;
      lanes.markDone(item);
      schedule(item.lane);
    });
  }

  /** A parked event failed again. */
  retryLater(item: LaneItem, attempts: number, wait: number, error: Failure): void {
    const { world } = this.#options.context;
    const { offset: event, since, lastReason: failed } = item;
    const at = world.now() + wait;
    this.#write(item, { type: 'retry', event, attempts, at, wait, since, error, failed }, () => {
      item.attempts = attempts;
      item.lastError = error;
      item.notBefore = world.monotonic() + wait;
      this.#options.schedule(item.lane);
    });
    this.#followAll(item.lane);
  }

  /** A person asks for the next attempt now. It costs nothing of the budget before it is made. */
  retryNow(item: LaneItem, command: number): void {
    const { offset: event, attempts, since, lastError: error, lastReason: failed } = item;
    const at = this.#options.context.world.now();
    this.#write(item, { type: 'retry', event, attempts, at, wait: 0, since, error, failed, command }, () => {
      item.notBefore = 0;
      this.#options.schedule(item.lane);
    });
  }

  /** A parked event was handled. */
  handled(item: LaneItem): void {
    this.#write(item, { type: 'done', event: item.offset }, () => {
      this.#options.lanes.remove(item);
      this.#options.schedule(item.lane);
    });
  }

  /** The event is given up for good, or until a person decides when keys are held. */
  giveUp(item: LaneItem, reason: DeathReason, error: Failure | undefined, command?: number): void {
    const { context, lanes, writeDeadLetter, schedule } = this.#options;
    const { lane, offset: event, generation, attempts, record, state } = item;
    const held = command === undefined && context.settings.onExhausted === 'hold' && HOLDS.has(reason);
    const body = state === 'fresh' ? { record } : {};
    const since = context.world.now();
    if (held && state === 'fresh') lanes.countParked(item);
    this.#write(
      item,
      { type: 'dead', event, generation, attempts, reason, since, held, error, command, ...body },
      () => {
        lanes.markDone(item);
        item.lastError = error;
        if (held) {
          item.state = 'held';
          item.since = since;
        } else lanes.remove(item);
        // This holds for held events, too: an event before it may have been redriven while it was
        // attempted.
        schedule(lane);
        writeDeadLetter(event);
      },
    );
    if (held) this.#followAll(lane);
  }

  /**
   * A given-up event is tried again, in its old place among those of its key, with a new budget.
   */
  redrive(held: LaneItem | undefined, record: LogRecord, generation: number, command: number): void {
    const { context, lanes, schedule } = this.#options;
    const { world } = context;
    const item = held ?? lanes.addParked(record, Number.POSITIVE_INFINITY);
    const { offset: event } = item;
    const at = world.now();
    this.#write(item, { type: 'park', event, generation, attempts: 0, at, wait: 0, command, record }, () => {
      Object.assign(item, {
        state: 'parked',
        record,
        party: undefined,
        generation,
        attempts: 0,
        since: undefined,
        wasTried: false,
        hung: false,
        doubts: undefined,
        notBefore: 0,
        expiresAt: Number.POSITIVE_INFINITY,
      });
      item.lastError = undefined;
      item.lastReason = undefined;
      schedule(item.lane);
    });
  }

  /** The same entry once more, at the parking log's end. */
  move(item: LaneItem, entry: ParkingLogEntry): void {
    this.#write(item, toRecord(entry), () => this.#options.schedule(item.lane));
  }

  #write(item: LaneItem, record: OwnersRecord, applied: () => void): void {
    item.pending++;
    this.#options.write(record, () => {
      item.pending--;
      applied();
      this.#options.changed(item.offset);
    });
  }
}

/** Reasons that a person can mend. Events that came too late or were called off do not wait. */
const HOLDS: ReadonlySet<DeathReason> = new Set(['exhausted', 'refused']);
