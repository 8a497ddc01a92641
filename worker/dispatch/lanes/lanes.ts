// Where events wait: one lane per key, ordered by source offset, one event at a time; and which source offsets are not done yet.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Failure } from '../../deliver/destination.ts';
import { withOwnBytes } from '../../lot/own-bytes.ts';
import type { DispatchSettings } from '../settings.ts';

/**
 * `fresh`: known to the source alone. `parked`: the lot is responsible for it. `held`: so it is, and a person must say what to do.
 * `gone`: nothing remains to be done here.
 */
export type ItemState = 'fresh' | 'parked' | 'held' | 'gone';

export interface Item {
  readonly offset: number;
  record: LogRecord;
  readonly lane: Lane;
  readonly bytes: number;
  state: ItemState;
  generation: number;
  attempts: number;
  /** When it failed for the first time by itself, by the log's clock. */
  since: number | undefined;
  /** It was tried in this life, and not handled. */
  wasTried: boolean;
  /** The last call of it was never answered. */
  hung: boolean;
  /** What was put down to the target, or to others; undefined for most. */
  doubts: Doubts | undefined;
  /** Not before, by the monotonic clock; 0: at once. */
  notBefore: number;
  /** By the log's clock, milliseconds since 1970. */
  expiresAt: number;
  /** Records about it that were given to the lot and have not come back. */
  pending: number;
  /** Offset in the lot of a command to give it up, which came while it was running. */
  cancelledBy: number | undefined;
  lastError: Failure | undefined;
  /** Neighbours among the source offsets that are not done. */
  before: Item | undefined;
  after: Item | undefined;
}

/** What an event was tried in vain for without an attempt. */
export interface Doubts {
  /** When the first failure of it was put down to the target, by the monotonic clock; undefined: none was, or not since an attempt was counted. */
  since: number | undefined;
  /** How often it waited by itself for want of its target. */
  misses: number;
  /** How often in a row it asked for a pause after which others were answered, and how many answers there had been at the last. */
  asks: number;
  answers: number;
}

export interface Lane {
  readonly key: string;
  /** Ascending by offset. */
  readonly items: Item[];
  /** What is being attempted: its head when that began. */
  running: Item | undefined;
  /** In the line of lanes that can go on. */
  queued: boolean;
  /** In the queue of times with this one; 0: it is not. */
  waitsUntil: number;
  /** How many of its items are in the lot, or on their way there. */
  parked: number;
}

/** Name of the lane; undefined: one of its own. */
function laneKeyOf(order: DispatchSettings['order'], record: LogRecord): string | undefined {
  if (order === 'key') return record.key ?? undefined;
  return order === 'partition' ? '' : undefined;
}

export class Lanes {
  readonly #order: DispatchSettings['order'];
  readonly #lanes = new Map<string, Lane>();
  /** Items of lanes of their own have none in the map; by offset all are here that are not simply waiting for their first attempt. */
  readonly #inLot = new Map<number, Item>();
  #first: Item | undefined;
  #last: Item | undefined;
  #freshCount = 0;
  #freshBytes = 0;
  #parkedKeys = 0;
  #parkedBytes = 0;

  constructor(order: DispatchSettings['order']) {
    this.#order = order;
  }

  /** Of events that are known to the source alone. */
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

  get inLot(): ReadonlyMap<number, Item> {
    return this.#inLot;
  }

  /** Lowest source offset that is not done; undefined when all that were read are. */
  get firstOpen(): Item | undefined {
    return this.#first;
  }

  /** All source offsets below are done, and so is what the lot holds of them. `read`: all below have been read. Linear in what is parked. */
  settledBelow(read: number): number {
    let below = Math.min(read, this.#first?.offset ?? read);
    for (const offset of this.#inLot.keys()) if (offset < below) below = offset;
    return below;
  }

  /** Source offsets that are not done, ascending. */
  holes(): number[] {
    const holes: number[] = [];
    for (let item = this.#first; item; item = item.after) holes.push(item.offset);
    return holes;
  }

  /** An event read from the source, in order. */
  addFresh(record: LogRecord, expires: number): Item {
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

  /** An event that the lot holds already. */
  addParked(record: LogRecord, expires: number): Item {
    const item = createItem(record, this.#laneFor(record), 'parked', expires);
    insert(item.lane.items, item);
    this.countParked(item);
    return item;
  }

  /** Given to the lot, where it may stay for long: from here on what comes behind it in its lane has to go there too. */
  countParked(item: Item): void {
    item.record = withOwnBytes(item.record);
    this.#inLot.set(item.offset, item);
    this.#parkedBytes += item.bytes;
    if (item.lane.parked++ === 0) this.#parkedKeys++;
  }

  /** Its source offset is done. */
  markDone(item: Item): void {
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

  /** Out of its lane, for good. */
  remove(item: Item): void {
    const { lane } = item;
    if (lane.items[0] === item) lane.items.shift();
    else {
      const index = lane.items.indexOf(item);
      if (index >= 0) lane.items.splice(index, 1);
    }
    item.state = 'gone';
    if (this.#inLot.delete(item.offset)) {
      this.#parkedBytes -= item.bytes;
      if (--lane.parked === 0) this.#parkedKeys--;
    }
    if (lane.items.length === 0 && this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key);
  }

  /** Linear: for commands only. */
  findFresh(offset: number): Item | undefined {
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

function createItem(record: LogRecord, lane: Lane, state: ItemState, expires: number): Item {
  return {
    offset: record.offset,
    record,
    lane,
    bytes: sizeOf(record),
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
    lastError: undefined,
    before: undefined,
    after: undefined,
  };
}

/** What an event costs us beside its bytes, about. */
const OVERHEAD_BYTES = 500;

function sizeOf(record: LogRecord): number {
  return record.value.length + (record.key?.length ?? 0) + OVERHEAD_BYTES;
}

/** Nearly always at the end; before parked events when the source was rewound. */
function insert(items: Item[], item: Item): void {
  let index = items.length;
  while (index > 0 && (items[index - 1]?.offset ?? 0) > item.offset) index--;
  if (index === items.length) items.push(item);
  else items.splice(index, 0, item);
}
