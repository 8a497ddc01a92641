// The lanes whose turn it is, and the calls that are made of them: one event each, or batches that
// wait a moment to fill.

import type { Timer, World } from '../../../core/world.ts';
import { Fifo } from '../fifo.ts';
import type { DispatchSettings } from '../settings.ts';
import { type LaneQueue, TurnQueue } from './lane-queue.ts';
import type { Lane, LaneItem } from './lanes.ts';
import { shareOf, turnOf } from './parties.ts';
import { ShareQueue } from './share-queue.ts';
import type { Party, Shares } from './shares.ts';

/** The kinds of events that the next call may take. */
export interface Turn {
  /** The kind that goes first: new events, or retried ones; or they take turns. */
  readonly first: 'new' | 'again' | 'turns';
  /** Whether retried events may go, too. */
  readonly again: boolean;
  /** Whether events with an unanswered last call may go, too: they may take long again. */
  readonly hung: boolean;
}

interface Waiting {
  readonly lanes: LaneQueue;
  /** Time when the first of them came, by the monotonic clock. */
  since: number;
}

export class ReadyQueue {
  readonly #world: World;
  readonly #batch: DispatchSettings['batch'];
  readonly #announce: () => void;
  readonly #new: Waiting;
  readonly #again: Waiting;
  readonly #hung: Waiting;
  readonly #shares: Shares | undefined;
  readonly #shareOf: ((item: LaneItem) => Party) | undefined;
  /** Parts of batches that failed whole, each to be called as it is. */
  readonly #splits = new Fifo<readonly LaneItem[]>();
  /** Changes with every call, so that neither kind waits for ever for the others. */
  #turns = 0;
  #timer: Timer | undefined;

  /** `shares`: of all partitions together, where there are any. */
  constructor(
    world: World,
    settings: Pick<DispatchSettings, 'batch' | 'order' | 'share'>,
    shares: Shares | undefined,
    announce: () => void,
  ) {
    this.#world = world;
    this.#batch = settings.batch;
    this.#shares = shares;
    this.#announce = announce;
    this.#shareOf = settings.share && shareOf(settings.share);
    const queue = (): Waiting => ({
      lanes: shares && this.#shareOf ? new ShareQueue(shares, this.#shareOf) : new TurnQueue(turnOf(settings)),
      since: 0,
    });
    this.#new = queue();
    this.#again = queue();
    this.#hung = queue();
  }

  get length(): number {
    return this.#new.lanes.length + this.#again.lanes.length + this.#hung.lanes.length + this.#splits.length;
  }

  /** Whether something could go now, and whether some of it is new. */
  get hasOpen(): boolean {
    return this.hasNew || this.#again.lanes.hasOpen || this.#hung.lanes.hasOpen || this.#splits.length > 0;
  }

  get hasNew(): boolean {
    return this.#new.lanes.hasOpen;
  }

  /** The place of the next call among those of other partitions; infinite where there is none. */
  rank(turn: Turn): number {
    if ((turn.again || turn.hung) && this.#splits.length > 0) return 0;
    for (const { lanes } of this.#queues(turn)) if (lanes.hasOpen) return lanes.rank;
    return Number.POSITIVE_INFINITY;
  }

  push(lane: Lane): void {
    const head = lane.items[0];
    const queue = head?.hung ? this.#hung : head?.wasTried ? this.#again : this.#new;
    if (queue.lanes.length === 0) queue.since = this.#world.monotonic();
    queue.lanes.push(lane);
    this.#announce();
  }

  pushSplits(parts: readonly (readonly LaneItem[])[]): void {
    for (const part of parts) this.#splits.push(part);
    this.#announce();
  }

  /** `begin` gives the event of a lane, or undefined when it has none to give now. */
  take(limit: number, turn: Turn, begin: (lane: Lane) => LaneItem | undefined): readonly LaneItem[] {
    const split = turn.again || turn.hung ? this.#takeSplit(limit) : [];
    if (split.length > 0) return split;
    const queues = this.#queues(turn);
    this.#turns++;
    for (const queue of queues) {
      const items = this.#batch ? this.#takeBatch(this.#batch, queue, limit, begin) : takeOne(queue, begin);
      if (items.length > 0) return items;
    }
    return [];
  }

  /** The first part that does not have more of one share than may be in flight. */
  #takeSplit(limit: number): readonly LaneItem[] {
    for (let left = this.#splits.length; left > 0; left--) {
      const split = this.#splits.shift() ?? [];
      const now = split.slice(0, limit);
      if (!this.#mayGo(now)) {
        this.#splits.push(split);
        continue;
      }
      if (split.length > limit) this.#splits.push(split.slice(limit));
      for (const { party } of now) if (party) this.#shares?.beganAlone(party);
      return now;
    }
    return [];
  }

  #mayGo(items: readonly LaneItem[]): boolean {
    if (!this.#shares) return true;
    const counts = new Map<string, number>();
    for (const { party } of items) if (party) counts.set(party.name, (counts.get(party.name) ?? 0) + 1);
    for (const [name, count] of counts) if (count > this.#shares.roomOf(name)) return false;
    return true;
  }

  #queues({ first, again, hung }: Turn): Waiting[] {
    const turns = this.#turns;
    const others = [...(again ? [this.#again] : []), ...(hung ? [this.#hung] : [])];
    if (turns % 4 > 1) others.reverse();
    return first === 'new' || (first === 'turns' && turns % 2 === 0) ? [this.#new, ...others] : [...others, this.#new];
  }

  /** Takes a batch from one queue, so that events that never end do not hold up others. */
  #takeBatch(
    batch: NonNullable<DispatchSettings['batch']>,
    queue: Waiting,
    limit: number,
    begin: (lane: Lane) => LaneItem | undefined,
  ): readonly LaneItem[] {
    const { lanes } = queue;
    const size = Math.min(batch.size, limit);
    if (lanes.length < size && lanes.length > 0) {
      const left = queue.since + batch.wait - this.#world.monotonic();
      if (left > 0) {
        this.#timer ??= this.#world.after(left, () => {
          this.#timer = undefined;
          this.#announce();
        });
        return [];
      }
    }
    const items: LaneItem[] = [];
    let bytes = 0;
    while (items.length < size) {
      const next = lanes.peek();
      if (next === undefined) break;
      const more = next.items[0]?.bytes ?? 0;
      if (items.length > 0 && bytes + more > batch.maxSize) break;
      const item = lanes.take(begin);
      if (item) {
        items.push(item);
        bytes += item.bytes;
      }
    }
    queue.since = this.#world.monotonic();
    return items;
  }

  close(): void {
    this.#timer?.cancel();
    for (const { lanes } of [this.#new, this.#again, this.#hung]) lanes.close();
  }
}

function takeOne({ lanes }: Waiting, begin: (lane: Lane) => LaneItem | undefined): readonly LaneItem[] {
  while (lanes.hasOpen) {
    const item = lanes.take(begin);
    if (item) return [item];
  }
  return [];
}
