// One owner of one partition from the end of its take-over to its end. It reads the source and the
// parking log, and acts on both.
import { TenfoldError } from '../../core/errors.ts';
import { inStep, type Timer } from '../../core/world.ts';
import { isRecreated, offsetDistance } from '../../drivers/event-log/epochs.ts';
import type { Bounds, LogRecord, OwnedPartition, ReadBatch, Reader } from '../../drivers/event-log/event-log.ts';
import type { Commit } from '../parking-log/commit.ts';
import { foldRecord, type ParkingLogState, parkingLogWatermark } from '../parking-log/fold-parking-log.ts';
import { gatherCommit } from '../parking-log/gather-commit.ts';
import { decodeParkingLogRecord } from '../parking-log/parking-log-codec.ts';
import type { Checkpoint } from '../parking-log/parking-log-record.ts';
import type { TakenOver } from '../parking-log/take-over.ts';
import { CommandHandler } from './commands/command-handler.ts';
import { DeadLetterWriter } from './dead-letters/dead-letter-writer.ts';
import { LaneWork } from './lanes/lane-work.ts';
import { parkedFiguresOf } from './lanes/parked-figures.ts';
import type { PartitionContext } from './partition-context.ts';
import { ReadLimit } from './read-limit.ts';
import { SourceFeed } from './source-feed.ts';
import { tryAgain } from './try-again.ts';
import type { PartitionView } from './view.ts';
import { Committer } from './writes/committer.ts';
import { Compaction } from './writes/compaction.ts';
import { ParkingLogWriter } from './writes/parking-log-writer.ts';

const READ_LIMITS = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };

export class PartitionSession {
  readonly #context: PartitionContext;
  readonly #partition: OwnedPartition;
  readonly #ending = new AbortController();
  readonly #state: ParkingLogState;
  readonly #writer: ParkingLogWriter;
  readonly #work: LaneWork;
  readonly #deadLetterWriter: DeadLetterWriter;
  readonly #readLimit: ReadLimit;
  readonly #commandHandler: CommandHandler;
  readonly #compaction: Compaction;
  readonly #committer: Committer;
  readonly #feed: SourceFeed;
  readonly #parkingLogReader: Reader;
  readonly #begun: Commit;
  readonly #claimedAt: number;
  readonly #claimedMonotonic: number;
  #claim: number;
  #parkingLogRead: number;
  #timer: Timer | undefined;

  constructor(context: PartitionContext, partition: OwnedPartition, taken: TakenOver, source: Bounds) {
    const { world, log, limits, parkingLogTopic } = context;
    const { state, claim } = taken;
    const { signal } = this.#ending;
    const { partition: number } = partition;
    const trouble = (error: unknown) => context.observer.trouble(number, error);
    this.#context = context;
    this.#partition = partition;
    this.#state = state;
    this.#claim = claim;
    this.#begun = taken.commit;
    this.#claimedAt = taken.claimedAt;
    this.#claimedMonotonic = world.monotonic();
    this.#parkingLogReader = taken.reader;
    this.#parkingLogRead = claim + 1;
    const own = { partition: number, signal, trouble };
    this.#writer = new ParkingLogWriter({ ...own, world, log, topic: parkingLogTopic, claim });
    const write: ParkingLogWriter['write'] = (record, applied) => this.#writer.write(record, applied);
    const deadLettered = (event: number) => this.#commandHandler.review(event);
    this.#deadLetterWriter = new DeadLetterWriter({ ...own, context, state, write, deadLettered });
    this.#work = new LaneWork({
      context,
      partition: number,
      signal,
      logNow: () => this.logNow(),
      write,
      writeDeadLetter: event => this.#deadLetterWriter.add(event),
      changed: event => {
        this.#commandHandler.review(event);
        this.#readLimit.look();
      },
      settled: () => this.#readLimit.look(),
    });
    const work = this.#work;
    const { lanes, steps } = work;
    this.#readLimit = new ReadLimit(context, work);
    const readLimit = this.#readLimit;
    const hasRead = (offset: number) => offset < this.#feed.read;
    const hasRoom = () => !readLimit.isFull;
    const shared = { ...own, context, state, lanes, steps, write };
    const commandHandler = new CommandHandler({ ...shared, hasRead, hasRoom });
    this.#commandHandler = commandHandler;
    const failed = (error: unknown) => this.end(error);
    const newNonce = () => world.id();
    const checkpoint = () => (this.#feed.seen.size > 0 ? undefined : this.#checkpoint());
    this.#compaction = new Compaction({
      ...shared,
      log,
      parkingLogTopic,
      limits,
      writer: this.#writer,
      newNonce,
      checkpoint,
      failed,
    });
    this.#committer = new Committer({
      world,
      partition,
      metadataBytes: limits.metadataBytes,
      signal,
      begun: taken.commit,
      gather: () => this.#commit(),
      committed: ({ by, parkingLog }, bytes) => {
        this.#compaction.committed(by, parkingLog.offset);
        readLimit.committed(bytes);
      },
      trouble,
    });
    this.#feed = new SourceFeed({ context, partition, taken, source, work, readLimit, commandHandler, signal });
  }

  /** Milliseconds since 1970 by the log's clock, which may differ from our own. */
  logNow(): number {
    return this.#claimedAt + this.#context.world.monotonic() - this.#claimedMonotonic;
  }

  get feed(): SourceFeed {
    return this.#feed;
  }

  /**
   * Resolves with the reason why this owner has to stop: it was superseded. Rejects with the reason
   * of `end` or of the partition's loss.
   */
  async run(rest: readonly LogRecord[], next: number): Promise<string> {
    const { lost } = this.#partition;
    const lose = () => this.end(lost.reason);
    lost.addEventListener('abort', lose, { once: true });
    if (lost.aborted) lose();
    try {
      this.#restore();
      this.#tick();
      const superseded = this.#foldAll(rest, next) ?? this.#readParkingLog();
      return await Promise.race([superseded, this.#feed.run()]);
    } finally {
      lost.removeEventListener('abort', lose);
      this.end(new TenfoldError('shutting-down', 'the owner has stopped'));
    }
  }

  end(reason: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#timer?.cancel();
    this.#ending.abort(reason);
    this.#feed.close();
    this.#parkingLogReader.close();
  }

  /**
   * Waits until the records given to the parking log have come back, then makes the last commit,
   * for an orderly end. Does nothing once this owner has stopped.
   */
  async finish(): Promise<void> {
    await this.#writer.drained();
    await this.#committer.commitLast();
  }

  #restore(): void {
    for (const entry of this.#state.entries.values()) {
      if (entry.state !== 'dead') this.#work.restore(entry);
      if (entry.death && !entry.deadLettered) this.#deadLetterWriter.add(entry.event);
    }
    this.#feed.begin();
    for (const offset of this.#state.commands.keys()) this.#commandHandler.add(offset);
  }

  async #readParkingLog(): Promise<string> {
    const { world, observer } = this.#context;
    const { signal } = this.#ending;
    const trouble = (error: unknown) => observer.trouble(this.#partition.partition, error);
    const read = () => this.#parkingLogReader.next(READ_LIMITS, signal);
    for (;;) {
      const { records, next, bounds }: ReadBatch = await tryAgain(world, signal, trouble, read);
      if (isRecreated(this.#parkingLogRead, bounds.start)) this.#beginAnew(bounds.start);
      const superseded = this.#foldAll(records, next);
      if (superseded !== undefined) return superseded;
    }
  }

  /**
   * The parking log was deleted and made again. This owner knows what it held. Records of ours
   * before a new claim count for nobody.
   */
  #beginAnew(start: number): void {
    this.#parkingLogRead = start;
    this.#state.claim = -1;
    this.#compaction.begin();
  }

  /** The bounds of the parking log, seen by another part of the process. */
  sawParkingLogBounds({ start }: Bounds): void {
    if (isRecreated(this.#parkingLogRead, start)) this.#beginAnew(start);
  }

  /** The reason why this owner has to stop, when it does. */
  #foldAll(records: readonly LogRecord[], next: number): string | undefined {
    for (const record of records) {
      // This record is of an earlier parking log that is known to be gone.
      if (isRecreated(record.offset, this.#parkingLogRead)) continue;
      const decoded = decodeParkingLogRecord(record);
      this.#parkingLogRead = record.offset + 1;
      this.#compaction.read(record.value.length);
      if (decoded === undefined) continue;
      const verdict = foldRecord(this.#state, record.offset, decoded);
      if (verdict === 'counts') this.#writer.readBack();
      else if (verdict === 'command') this.#commandHandler.add(record.offset);
      else if (decoded.type === 'claim') {
        if (!this.#compaction.adopts(decoded.nonce, record.offset))
          return `a newer claim lies in the parking log at ${record.offset}`;
        this.#claim = record.offset;
        this.#writer.release(record.offset);
      }
    }
    this.#parkingLogRead = Math.max(this.#parkingLogRead, next);
    return undefined;
  }

  #tick(): void {
    const { world, limits } = this.#context;
    this.#timer = world.after(inStep(world, limits.commitEveryMs), () => {
      this.#readLimit.tick();
      this.#commandHandler.look();
      this.#compaction.tick(
        this.#claim,
        parkingLogWatermark(this.#state, this.#parkingLogRead).offset,
        this.#parkingLogRead,
      );
      void this.#committer.commit();
      this.#tick();
    });
  }

  #commit(): Commit {
    const { read, seen } = this.#feed;
    const open = this.#work.lanes.holes();
    return gatherCommit({
      begun: this.#begun,
      read,
      open,
      seen,
      state: this.#state,
      parkingLogRead: this.#parkingLogRead,
      claim: this.#claim,
    });
  }

  #checkpoint(): Checkpoint {
    const { position, top, holes } = this.#commit();
    return { position, top, holes };
  }

  get view(): PartitionView {
    const { lanes } = this.#work;
    const { read, end, isFinished } = this.#feed;
    const { parkedEvents, failingKeys, failedFirst, held, heldFirst, oldest } = parkedFiguresOf(lanes);
    const unwrittenDeadLetters = this.#deadLetterWriter.count;
    return {
      partition: this.#partition.partition,
      state: this.#readLimit.isFull ? 'full' : 'running',
      claim: this.#claim,
      watermark: lanes.firstOpen?.offset ?? read,
      read,
      end,
      lag: offsetDistance(read, end) + lanes.freshCount + parkedEvents,
      oldestAgeMs: Number.isFinite(oldest) ? Math.max(0, this.logNow() - oldest) : undefined,
      parkedKeys: lanes.parkedKeys,
      parkedEvents,
      parkedBytes: lanes.parkedBytes,
      failingKeys,
      failedFirst,
      held,
      heldFirst,
      unwrittenDeadLetters,
      openCommands: this.#state.commands.size,
      parkingLog: {
        watermark: parkingLogWatermark(this.#state, this.#parkingLogRead).offset,
        read: this.#parkingLogRead,
      },
      finished: isFinished && lanes.freshCount === 0 && lanes.inParkingLog.size === 0 && unwrittenDeadLetters === 0,
      trouble: undefined,
    };
  }
}
