// The lanes of one partition that can go on, by shares: the share whose turn it is goes first, and
// one that has all the calls that it may have waits.
import { TimeHeap } from '../../time-heap.ts';
import { Fifo } from '../fifo.ts';
import type { LaneQueue } from './lane-queue.ts';
import type { Lane, LaneItem } from './lanes.ts';
import type { HoldingQueue, Party, Share, Shares } from './shares.ts';

/** The waiting lanes of one share. */
interface Line {
  readonly share: Share;
  readonly lanes: Fifo<Lane>;
  /** The begin and the end of its first event, by virtual time. */
  begin: number;
  finish: number;
}

export class ShareQueue implements LaneQueue, HoldingQueue {
  readonly #shares: Shares;
  readonly #partyOf: (item: LaneItem) => Party;
  readonly #lines = new Map<string, Line>();
  /** Lines by the ends of their first events, without those that are held back. */
  readonly #order = new TimeHeap<Line>();
  #length = 0;
  #closed = false;

  constructor(shares: Shares, partyOf: (item: LaneItem) => Party) {
    this.#shares = shares;
    this.#partyOf = partyOf;
  }

  get length(): number {
    return this.#length;
  }

  get hasOpen(): boolean {
    return this.#first() !== undefined;
  }

  get rank(): number {
    return this.#first()?.finish ?? Number.POSITIVE_INFINITY;
  }

  push(lane: Lane): void {
    const [head] = lane.items;
    if (head === undefined || this.#closed) return;
    const { name } = this.#partyOf(head);
    this.#length++;
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = { share: this.#shares.enter(name), lanes: new Fifo(), begin: 0, finish: 0 };
      this.#lines.set(name, line);
      line.lanes.push(lane);
      this.#place(line);
    } else line.lanes.push(lane);
  }

  peek(): Lane | undefined {
    return this.#first()?.lanes.peek();
  }

  take(begin: (lane: Lane) => LaneItem | undefined): LaneItem | undefined {
    const line = this.#first();
    const lane = line?.lanes.shift();
    if (line === undefined || lane === undefined) return undefined;
    this.#length--;
    this.#order.take();
    const [head] = lane.items;
    const isOfLine = head === undefined || this.#partyOf(head).name === line.share.name;
    const item = isOfLine ? begin(lane) : undefined;
    if (item) this.#shares.began(line.share, line.finish);
    // The event that it came with has left it since, or another one has come before that.
    if (!isOfLine) this.push(lane);
    if (line.lanes.length > 0) this.#place(line);
    else this.#remove(line);
    return item;
  }

  freed(share: Share): void {
    share.heldIn.delete(this);
    const line = this.#lines.get(share.name);
    if (line) this.#place(line);
  }

  close(): void {
    this.#closed = true;
    for (const line of this.#lines.values()) this.#remove(line);
    this.#order.clear();
    this.#length = 0;
  }

  /** The line whose turn it is. Others may have called for its share since it was placed. */
  #first(): Line | undefined {
    for (;;) {
      const line = this.#order.peek();
      if (line === undefined) return undefined;
      if (this.#shares.isFull(line.share)) {
        this.#order.take();
        line.share.heldIn.add(this);
      } else if (line.share.finish > line.begin) {
        this.#order.take();
        this.#place(line);
      } else return line;
    }
  }

  #place(line: Line): void {
    const head = line.lanes.peek()?.items[0];
    line.begin = this.#shares.beginOf(line.share);
    line.finish = line.begin + 1 / (head ? this.#partyOf(head).weight : 1);
    this.#order.add(line.finish, line);
  }

  #remove(line: Line): void {
    line.share.heldIn.delete(this);
    this.#lines.delete(line.share.name);
    this.#shares.leave(line.share);
  }
}
