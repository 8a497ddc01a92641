// The lanes of one partition that can go on, in the order in which they do.
import { FairQueue } from '../../../core/fair-queue.ts';
import type { Lane, LaneItem } from './lanes.ts';

export interface LaneQueue {
  readonly length: number;
  /** Whether one of them may go now; one whose share has all that it may have does not. */
  readonly hasOpen: boolean;
  /** The place of the next one among those of other partitions: the least goes first. */
  readonly rank: number;
  push(lane: Lane): void;
  /** The lane that `take` takes next. */
  peek(): Lane | undefined;
  /** `begin` gives the event of a lane, or undefined when it has none to give now. */
  take(begin: (lane: Lane) => LaneItem | undefined): LaneItem | undefined;
  close(): void;
}

/** Parties take turns in one partition; partitions take turns by themselves. */
export class TurnQueue implements LaneQueue {
  readonly rank = 0;
  readonly #lanes = new FairQueue<Lane>();
  readonly #partyOf: (lane: Lane) => string;

  constructor(partyOf: (lane: Lane) => string) {
    this.#partyOf = partyOf;
  }

  get length(): number {
    return this.#lanes.length;
  }

  get hasOpen(): boolean {
    return this.#lanes.length > 0;
  }

  push(lane: Lane): void {
    this.#lanes.push(this.#partyOf(lane), lane);
  }

  peek(): Lane | undefined {
    return this.#lanes.peek();
  }

  take(begin: (lane: Lane) => LaneItem | undefined): LaneItem | undefined {
    const lane = this.#lanes.shift();
    return lane && begin(lane);
  }

  close(): void {}
}
