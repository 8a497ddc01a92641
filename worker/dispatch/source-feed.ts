// Reads the source of a partition in order, as far as there is room, and leaves out events that are
// done already.

import { isRecreated, offsetDistance } from '../../drivers/event-log/epochs.ts';
import type { Bounds, OwnedPartition, ReadBatch, Reader } from '../../drivers/event-log/event-log.ts';
import { type CommittedOffsets, committedOffsetsOf } from '../parking-log/committed-offsets.ts';
import type { TakenOver } from '../parking-log/take-over.ts';
import type { CommandHandler } from './commands/command-handler.ts';
import type { LaneWork } from './lanes/lane-work.ts';
import type { PartitionContext } from './partition-context.ts';
import type { ReadLimit } from './read-limit.ts';
import { tryAgain } from './try-again.ts';

export interface SourceFeedOptions {
  readonly context: PartitionContext;
  readonly partition: OwnedPartition;
  readonly taken: TakenOver;
  /** The bounds of the source when its owner began. */
  readonly source: Bounds;
  readonly work: LaneWork;
  readonly readLimit: ReadLimit;
  readonly commandHandler: CommandHandler;
  readonly signal: AbortSignal;
}

const MOST_BYTES = 1024 * 1024;

export class SourceFeed {
  readonly #options: SourceFeedOptions;
  readonly #reader: Reader;
  readonly #committed: CommittedOffsets;
  /** Source offsets of which the parking log spoke when it was replayed. */
  readonly #seen: Set<number>;
  /** The end of a replay: events from here on are not wanted. */
  readonly #until: number;
  #read: number;
  #end: number;

  constructor(options: SourceFeedOptions) {
    const { context, partition, taken, source } = options;
    this.#options = options;
    this.#committed = committedOffsetsOf(taken.commit);
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

  /** The end of the source, as far as known. */
  get end(): number {
    return Math.min(this.#end, this.#until);
  }

  /** Source offsets of which the replayed parking log spoke and that have not been read yet. */
  get seen(): ReadonlySet<number> {
    return this.#seen;
  }

  /** All wanted events have been read. */
  get isFinished(): boolean {
    return this.#read >= this.#until;
  }

  /** Newer bounds than those of the last read: while nothing is read, the source goes on. */
  sawBounds(start: number, end: number): void {
    this.#end = Math.max(this.#end, end);
    // The source was deleted to its end. There may be nothing to read for long, and parked events
    // must not wait for that.
    if (start > this.#read && start >= end) this.#goOn(start, start);
  }

  /** Runs after the lanes are restored. */
  begin(): void {
    const { start, end } = this.#options.source;
    this.sawBounds(start, end);
    this.#readTo(this.#read);
  }

  async run(): Promise<never> {
    const { context, partition, readLimit, signal } = this.#options;
    const trouble = (error: unknown) => context.observer.trouble(partition.partition, error);
    const next = () => {
      const maxRecords = Math.max(1, Math.min(context.limits.readRecords, readLimit.free));
      return this.#reader.next({ maxRecords, maxBytes: MOST_BYTES }, signal);
    };
    while (!this.isFinished) {
      await readLimit.enter(signal);
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
    const { work, commandHandler } = this.#options;
    this.#end = bounds.end;
    for (const record of records) {
      const { offset } = record;
      if (offset >= this.#until) break;
      if (!this.#committed.passed && this.#committed.isDone(offset)) continue;
      if (this.#seen.size > 0 && this.#seen.delete(offset)) continue;
      // The position was set back: the parking log is responsible for this event.
      if (work.lanes.inParkingLog.size > 0 && work.lanes.inParkingLog.has(offset)) continue;
      work.read(record, commandHandler.cancelOf(offset));
    }
    this.#goOn(bounds.start, next);
    if (commandHandler.isWaiting) for (const { offset } of records) commandHandler.review(offset);
  }

  #goOn(start: number, next: number): void {
    const { context, partition } = this.#options;
    if (start > this.#read) {
      context.totals.jumped += offsetDistance(this.#read, start);
      if (isRecreated(this.#read, start)) context.totals.madeAgain++;
      context.observer.jumped(partition.partition, this.#read, start);
    }
    this.#readTo(Math.max(this.#read, next));
  }

  #readTo(offset: number): void {
    this.#read = Math.min(offset, this.#until);
    // Events in the parking log have been read once. Past the end that the source had when its
    // owner began, nothing earlier can come any more.
    const all = offset >= this.#options.source.end;
    if (all) this.#seen.clear();
    this.#options.work.sourceReadTo(all ? Number.POSITIVE_INFINITY : offset);
  }
}
