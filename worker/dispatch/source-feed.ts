// Reads the source of a partition in order, as far as there is room, and leaves out what is done already.

import { isRecreated, offsetDistance } from '../../drivers/event-log/epochs.ts';
import type { Bounds, OwnedPartition, ReadBatch, Reader } from '../../drivers/event-log/event-log.ts';
import type { TakenOver } from '../lot/take-over.ts';
import { createTold, type Told } from '../lot/told.ts';
import type { CommandDesk } from './commands/command-desk.ts';
import type { LaneWork } from './lanes/lane-work.ts';
import type { PartitionContext } from './partition-context.ts';
import type { ReadingRoom } from './reading-room.ts';
import { tryAgain } from './try-again.ts';

export interface SourceFeedOptions {
  readonly context: PartitionContext;
  readonly partition: OwnedPartition;
  readonly taken: TakenOver;
  /** What the source held when its owner began. */
  readonly source: Bounds;
  readonly work: LaneWork;
  readonly room: ReadingRoom;
  readonly desk: CommandDesk;
  readonly signal: AbortSignal;
}

const MOST_BYTES = 1024 * 1024;

export class SourceFeed {
  readonly #options: SourceFeedOptions;
  readonly #reader: Reader;
  readonly #told: Told;
  /** Source offsets that the lot spoke of when it was replayed. */
  readonly #seen: Set<number>;
  /** Nothing from here on is wanted: the end of a replay. */
  readonly #until: number;
  #read: number;
  #end: number;

  constructor(options: SourceFeedOptions) {
    const { context, partition, taken, source } = options;
    this.#options = options;
    this.#told = createTold(taken.commit);
    this.#seen = taken.seen;
    this.#read = taken.commit.position;
    this.#end = source.end;
    this.#until = context.until?.get(partition.partition) ?? Number.POSITIVE_INFINITY;
    this.#reader = partition.open(context.settings.topic, this.#read);
  }

  /** All offsets below have been read. */
  get read(): number {
    return this.#read;
  }

  /** Where the source ends, as far as known. */
  get end(): number {
    return Math.min(this.#end, this.#until);
  }

  /** Source offsets that the replayed lot spoke of and that have not been read yet. */
  get seen(): ReadonlySet<number> {
    return this.#seen;
  }

  /** All that is wanted has been read. */
  get isFinished(): boolean {
    return this.#read >= this.#until;
  }

  /** Newer bounds than the last read gave: while nothing is read, the source goes on. */
  sawBounds(start: number, end: number): void {
    this.#end = Math.max(this.#end, end);
    // Deleted to its end: there may be nothing to read for long, and what waits for the source to be read must not wait for that.
    if (start > this.#read && start >= end) this.#goOn(start, start);
  }

  /** After the lanes are restored. */
  begin(): void {
    const { start, end } = this.#options.source;
    this.sawBounds(start, end);
    this.#readTo(this.#read);
  }

  async run(): Promise<never> {
    const { context, partition, room, signal } = this.#options;
    const trouble = (error: unknown) => context.listener.trouble(partition.partition, error);
    const next = () => {
      const maxRecords = Math.max(1, Math.min(context.limits.readRecords, room.free));
      return this.#reader.next({ maxRecords, maxBytes: MOST_BYTES }, signal);
    };
    while (!this.isFinished) {
      await room.enter(signal);
      this.#take(await tryAgain(context.world, signal, trouble, next));
    }
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  close(): void {
    this.#reader.close();
  }

  #take({ records, next, bounds }: ReadBatch): void {
    const { work, desk } = this.#options;
    this.#end = bounds.end;
    for (const record of records) {
      const { offset } = record;
      if (offset >= this.#until) break;
      if (!this.#told.passed && this.#told.isDone(offset)) continue;
      if (this.#seen.size > 0 && this.#seen.delete(offset)) continue;
      // Behind a position that was set back: the lot is responsible for it.
      if (work.lanes.inLot.size > 0 && work.lanes.inLot.has(offset)) continue;
      work.read(record, desk.cancelOf(offset));
    }
    this.#goOn(bounds.start, next);
    if (desk.isWaiting) for (const { offset } of records) desk.review(offset);
  }

  #goOn(start: number, next: number): void {
    const { context, partition } = this.#options;
    if (start > this.#read) {
      context.totals.jumped += offsetDistance(this.#read, start);
      if (isRecreated(this.#read, start)) context.totals.madeAgain++;
      context.listener.jumped(partition.partition, this.#read, start);
    }
    this.#readTo(Math.max(this.#read, next));
  }

  #readTo(offset: number): void {
    this.#read = Math.min(offset, this.#until);
    // What the lot holds was read once; where the source ended when its owner began, nothing earlier can come any more.
    const all = offset >= this.#options.source.end;
    if (all) this.#seen.clear();
    this.#options.work.sourceReadTo(all ? Number.POSITIVE_INFINITY : offset);
  }
}
