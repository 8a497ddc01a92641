// Every step of an event that goes through the lot: parked, retried, handled, given up. Each counts when its record was read back, not before.
import type { Failure } from '../deliver/destination.ts';
import type { OwnersRecord } from '../lot/lot-record.ts';
import { mustFollow } from './lane-rules.ts';
import type { Item, Lane, Lanes } from './lanes.ts';
import type { PartitionContext } from './partition-context.ts';
import type { DeathReason } from './settings.ts';

export interface LotStepsOptions {
  readonly context: PartitionContext;
  readonly partition: number;
  readonly lanes: Lanes;
  /** Gives a record to the lot; `applied` runs when it was read back and counts. */
  readonly write: (record: OwnersRecord, applied: () => void) => void;
  /** The lot says that this event was given up. */
  readonly bury: (event: number) => void;
  readonly schedule: (lane: Lane) => void;
  /** There may be room to read more. */
  readonly moved: () => void;
}

export class LotSteps {
  readonly #options: LotStepsOptions;

  constructor(options: LotStepsOptions) {
    this.#options = options;
  }

  /** After a failed attempt, or because its time has not come. What waits behind it in its lane goes with it. */
  park(item: Item, attempts: number, wait: number, error: Failure | undefined): void {
    this.#writePark(item, attempts, wait, error);
    this.#options.context.listener.parked(this.#options.partition, item.offset, false);
    this.#followAll(item.lane);
  }

  /** An earlier event of its key is in the lot; it has to go there too, or the key would hold up its partition. */
  follow(item: Item): void {
    this.#writePark(item, 0, 0, undefined);
    this.#options.context.listener.parked(this.#options.partition, item.offset, true);
  }

  #followAll(lane: Lane): void {
    const { order } = this.#options.context.settings;
    if (order === 'key') for (const item of lane.items) if (mustFollow(order, item)) this.follow(item);
  }

  #writePark(item: Item, attempts: number, wait: number, error: Failure | undefined): void {
    const { context, lanes, schedule } = this.#options;
    const { world, totals } = context;
    const { offset: event, generation, record } = item;
    totals.parked++;
    lanes.countParked(item);
    this.#write(
      item,
      { type: 'park', event, generation, attempts, at: world.now() + wait, wait, error, record },
      () => {
        item.state = 'parked';
        item.attempts = attempts;
        item.lastError = error;
        item.notBefore = wait > 0 ? world.monotonic() + wait : 0;
        lanes.markDone(item);
        schedule(item.lane);
      },
    );
  }

  /** A parked event failed again. */
  retryLater(item: Item, attempts: number, wait: number, error: Failure): void {
    const { world } = this.#options.context;
    this.#write(item, { type: 'retry', event: item.offset, attempts, at: world.now() + wait, wait, error }, () => {
      item.attempts = attempts;
      item.lastError = error;
      item.notBefore = world.monotonic() + wait;
      this.#options.schedule(item.lane);
    });
  }

  /** A parked event was handled. */
  handled(item: Item): void {
    this.#write(item, { type: 'done', event: item.offset }, () => {
      this.#options.lanes.remove(item);
      this.#options.schedule(item.lane);
    });
  }

  /** For good, or until a person decides when keys are held. */
  giveUp(item: Item, reason: DeathReason, error: Failure | undefined, command?: number): void {
    const { context, lanes, bury, schedule } = this.#options;
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
        if (held) item.state = 'held';
        else {
          lanes.remove(item);
          schedule(lane);
        }
        bury(event);
      },
    );
    if (held) this.#followAll(lane);
  }

  #write(item: Item, record: OwnersRecord, applied: () => void): void {
    item.pending++;
    this.#options.write(record, () => {
      item.pending--;
      applied();
      this.#options.moved();
    });
  }
}

/** Reasons that a person can do something about; what came too late or was called off is not waited for. */
const HOLDS: ReadonlySet<DeathReason> = new Set(['exhausted', 'refused']);
