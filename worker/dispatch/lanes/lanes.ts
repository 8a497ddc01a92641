// The lanes in which events wait: one per key, ordered by source offset, one event at a time. They
// also know which source offsets are not done yet.

import type { Failure } from '../../../core/failure.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { withOwnBytes } from '../../parking-log/own-bytes.ts';
import type { FailureReason } from '../failed-attempt.ts';
import type { DispatchSettings } from '../settings.ts';
import type { Party } from './shares.ts';

/**
 * `fresh`: only the source knows the event. `parked`: the parking log is responsible for it.
 * `held`: the same, and a person must decide. `gone`: nothing remains to be done here.
 */
export type LaneItemState = 'fresh' | 'parked' | 'held' | 'gone';

export interface LaneItem {
  readonly offset: number;
  record: LogRecord;
  readonly lane: Lane;
  readonly bytes: number;
  /** Its share; undefined: not found out yet, or there are none. */
  party: Party | undefined;
  state: LaneItemState;
  generation: number;
  attempts: number;
  /** Time of its first failure by itself, or of its giving up when held; by the log's clock. */
  since: number | undefined;
  /** It was tried in this life, and not handled. */
  wasTried: boolean;
  /** Its last call was never answered. */
  hung: boolean;
  /** Failures that were put down to the target or to other events; undefined for most events. */
  doubts: Doubts | undefined;
  /** Earliest time by the monotonic clock; 0: at once. */
  notBefore: number;
  /** By the log's clock, milliseconds since 1970. */
  expiresAt: number;
  /** Records about it that were given to the parking log and have not come back. */
  pending: number;
  /** Offset in the parking log of a command to give it up, which came while it was running. */
  cancelledBy: number | undefined;
  /** The reason that the command gives it up for. */
  cancelledAs: 'cancelled' | 'abandoned';
  lastError: Failure | undefined;
  /** How that attempt failed. */
  lastReason: FailureReason | undefined;
  /** Neighbours among the source offsets that are not done. */
  before: LaneItem | undefined;
  after: LaneItem | undefined;
}

/** Failures of an event that did not count as attempts. */
export interface Doubts {
  /**
   * Time when its first failure was put down to the target, by the monotonic clock. Undefined: none
   * was, or not since an attempt was counted.
   */
  since: number | undefined;
  /** How often it waited by itself for its target. */
  misses: number;
  /**
   * How often in a row it asked for a pause after which others were answered, and the count of
   * answers at the last.
   */
  asks: number;
  answers: number;
}

export interface Lane {
  readonly key: string;
  /** Ascending by offset. */
  readonly items: LaneItem[];
  /** The event that is being attempted: the head of the lane when the attempt began. */
  running: LaneItem | undefined;
  /** The lane is in the queue of lanes that can go on. */
  queued: boolean;
  /** The number of its entry in the queue of times; 0: it is not there. */
  waitsUntil: number;
  /** How many of its items are in the parking log, or on their way there. */
  parked: number;
}

/** Name of the lane; undefined: a lane of its own. */
export function laneKeyOf(order: DispatchSettings['order'], record: Pick<LogRecord, 'key'>): string | undefined {
  if (order === 'key') return record.key ?? undefined;
  return order === 'partition' ? '' : undefined;
}

export class Lanes {
  readonly #order: DispatchSettings['order'];
  readonly #lanes = new Map<string, Lane>();
  /**
   * Items with a lane of their own are not in the map. By offset, all items are here that do more
   * than wait for their first attempt.
   */
  readonly #inParkingLog = new Map<number, LaneItem>();
  #first: LaneItem | undefined;
  #last: LaneItem | undefined;
  #freshCount = 0;
  #freshBytes = 0;
  #parkedKeys = 0;
  #parkedBytes = 0;

  constructor(order: DispatchSettings['order']) {
    this.#order = order;
  }

  /** Events that only the source knows. */
  get fresh(): { readonly count: number; readonly bytes: number } {
    return { count: this.#freshCount, bytes: this.#freshBytes };
  }

  get freshCount(): number {
    return this.#freshCount;
  }

  get freshBytes(): number {
    return this.#freshBytes;
  }

  get parkedKeys(): number {
    return this.#parkedKeys;
  }

  get parkedBytes(): number {
    return this.#parkedBytes;
  }

  get inParkingLog(): ReadonlyMap<number, LaneItem> {
    return this.#inParkingLog;
  }

  /** Lowest source offset that is not done; undefined when all read offsets are. */
  get firstOpen(): LaneItem | undefined {
    return this.#first;
  }

  /**
   * All source offsets below are done, and so are their entries in the parking log. `read`: all
   * below have been read. Linear in the parked events.
   */
  settledBelow(read: number): number {
    let below = Math.min(read, this.#first?.offset ?? read);
    for (const offset of this.#inParkingLog.keys()) if (offset < below) below = offset;
    return below;
  }

  /** Source offsets that are not done, ascending. */
  holes(): number[] {
    const holes: number[] = [];
    for (let item = this.#first; item; item = item.after) holes.push(item.offset);
    return holes;
  }

  /** An event read from the source, in order. */
  addFresh(record: LogRecord, expires: number): LaneItem {
    const lane = this.#laneFor(record);
    const item = createItem(record, lane, 'fresh', expires);
    insert(lane.items, item);
    this.#freshCount++;
    this.#freshBytes += item.bytes;
    item.before = this.#last;
    if (this.#last) this.#last.after = item;
    else this.#first = item;
    this.#last = item;
    return item;
  }

  /** An event that the parking log holds already. */
  addParked(record: LogRecord, expires: number): LaneItem {
    const item = createItem(record, this.#laneFor(record), 'parked', expires);
    insert(item.lane.items, item);
    this.countParked(item);
    return item;
  }

  /**
   * The event goes to the parking log, where it may stay for long. From here on events behind it in
   * its lane have to go there, too.
   */
  countParked(item: LaneItem): void {
    item.record = withOwnBytes(item.record);
    this.#inParkingLog.set(item.offset, item);
    this.#parkedBytes += item.bytes;
    if (item.lane.parked++ === 0) this.#parkedKeys++;
  }

  /** Its source offset is done. */
  markDone(item: LaneItem): void {
    const { before, after } = item;
    if (before) before.after = after;
    else if (this.#first === item) this.#first = after;
    else return;
    if (after) after.before = before;
    else this.#last = before;
    item.before = undefined;
    item.after = undefined;
    this.#freshCount--;
    this.#freshBytes -= item.bytes;
  }

  /** The event leaves its lane for good. */
  remove(item: LaneItem): void {
    const { lane } = item;
    if (lane.items[0] === item) lane.items.shift();
    else {
      const index = lane.items.indexOf(item);
      if (index >= 0) lane.items.splice(index, 1);
    }
    item.state = 'gone';
    if (this.#inParkingLog.delete(item.offset)) {
      this.#parkedBytes -= item.bytes;
      if (--lane.parked === 0) this.#parkedKeys--;
    }
    if (lane.items.length === 0 && this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key);
  }

  /** Linear: for commands only. */
  findFresh(offset: number): LaneItem | undefined {
    for (let item = this.#first; item && item.offset <= offset; item = item.after)
      if (item.offset === offset) return item;
    return undefined;
  }

  #laneFor(record: LogRecord): Lane {
    const key = laneKeyOf(this.#order, record);
    if (key === undefined) return createLane(`#${record.offset}`);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = createLane(key);
      this.#lanes.set(key, lane);
    }
    return lane;
  }
}

function createLane(key: string): Lane {
  return { key, items: [], running: undefined, queued: false, waitsUntil: 0, parked: 0 };
}

function createItem(record: LogRecord, lane: Lane, state: LaneItemState, expires: number): LaneItem {
  return {
    offset: record.offset,
    record,
    lane,
    bytes: sizeOf(record),
    party: undefined,
    state,
    generation: 0,
    attempts: 0,
    since: undefined,
    wasTried: false,
    hung: false,
    doubts: undefined,
    notBefore: 0,
    expiresAt: expires,
    pending: 0,
    cancelledBy: undefined,
    cancelledAs: 'cancelled',
    lastError: undefined,
    lastReason: undefined,
    before: undefined,
    after: undefined,
  };
}

/** The memory that an event takes beside its bytes, roughly. */
const OVERHEAD_BYTES = 500;

function sizeOf(record: LogRecord): number {
  return record.value.length + (record.key?.length ?? 0) + OVERHEAD_BYTES;
}

/** Nearly always at the end; before parked events when the source was rewound. */
function insert(items: LaneItem[], item: LaneItem): void {
  let index = items.length;
  while (index > 0 && (items[index - 1]?.offset ?? 0) > item.offset) index--;
  if (index === items.length) items.push(item);
  else items.splice(index, 0, item);
}
