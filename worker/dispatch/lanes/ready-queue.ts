// The lanes whose turn it is, and the calls that are made of them: one event each, or batches that
// wait a moment to fill.

import { FairQueue } from '../../../core/fair-queue.ts';
import type { Timer, World } from '../../../core/world.ts';
import { Fifo } from '../fifo.ts';
import type { DispatchSettings } from '../settings.ts';
import type { Lane, LaneItem } from './lanes.ts';
import { partyOf } from './parties.ts';

/** The kinds of events that the next call may take. */
export interface Turn {
  /** The kind that goes first: new events, or retried ones; or they take turns. */
  readonly first: 'new' | 'again' | 'turns';
  /** Whether retried events may go, too. */
  readonly again: boolean;
  /** Whether events with an unanswered last call may go, too: they may take long again. */
  readonly hung: boolean;
}

interface LaneQueue {
  readonly lanes: FairQueue<Lane>;
  /** Time when the first of them came, by the monotonic clock. */
  since: number;
}

export class ReadyQueue {
  readonly #world: World;
  readonly #batch: DispatchSettings['batch'];
  readonly #announce: () => void;
  readonly #new = createLaneQueue();
  readonly #again = createLaneQueue();
  readonly #hung = createLaneQueue();
  readonly #partyOf: ReturnType<typeof partyOf>;
  /** Parts of batches that failed whole, each to be called as it is. */
  readonly #splits = new Fifo<readonly LaneItem[]>();
  /** Changes with every call, so that neither kind waits for ever for the others. */
  #turns = 0;
  #timer: Timer | undefined;

  constructor(world: World, settings: Pick<DispatchSettings, 'batch' | 'order' | 'share'>, announce: () => void) {
    this.#world = world;
    this.#batch = settings.batch;
    this.#partyOf = partyOf(settings);
    this.#announce = announce;
  }

  get length(): number {
    return this.#new.lanes.length + this.#again.lanes.length + this.#hung.lanes.length + this.#splits.length;
  }

  /** Whether a new event waits. */
  get hasNew(): boolean {
    return this.#new.lanes.length > 0;
  }

  push(lane: Lane): void {
    const head = lane.items[0];
    const queue = head?.hung ? this.#hung : head?.wasTried ? this.#again : this.#new;
    if (queue.lanes.length === 0) queue.since = this.#world.monotonic();
    queue.lanes.push(head && this.#partyOf ? this.#partyOf(head.record) : '', lane);
    this.#announce();
  }

  pushSplits(parts: readonly (readonly LaneItem[])[]): void {
    for (const part of parts) this.#splits.push(part);
    this.#announce();
  }

  /** `begin` gives the event of a lane, or undefined when it has none to give now. */
  take(limit: number, turn: Turn, begin: (lane: Lane) => LaneItem | undefined): readonly LaneItem[] {
    const split = turn.again || turn.hung ? this.#splits.shift() : undefined;
    if (split) {
      if (split.length <= limit) return split;
      this.#splits.push(split.slice(limit));
      return split.slice(0, limit);
    }
    for (const queue of this.#queues(turn)) {
      const items = this.#batch ? this.#takeBatch(this.#batch, queue, limit, begin) : takeOne(queue, begin);
      if (items.length > 0) return items;
    }
    return [];
  }

  #queues({ first, again, hung }: Turn): LaneQueue[] {
    const turns = this.#turns++;
    const others = [...(again ? [this.#again] : []), ...(hung ? [this.#hung] : [])];
    if (turns % 4 > 1) others.reverse();
    return first === 'new' || (first === 'turns' && turns % 2 === 0) ? [this.#new, ...others] : [...others, this.#new];
  }

  /** Takes a batch from one queue, so that events that never end do not hold up others. */
  #takeBatch(
    batch: NonNullable<DispatchSettings['batch']>,
    queue: LaneQueue,
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
      lanes.shift();
      const item = begin(next);
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
  }
}

function createLaneQueue(): LaneQueue {
  return { lanes: new FairQueue(), since: 0 };
}

function takeOne({ lanes }: LaneQueue, begin: (lane: Lane) => LaneItem | undefined): readonly LaneItem[] {
  for (let lane = lanes.shift(); lane; lane = lanes.shift()) {
    const item = begin(lane);
    if (item) return [item];
  }
  return [];
}
