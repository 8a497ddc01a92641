// One owner of one partition from the end of its take-over to its end: reads source and lot, and has done what follows.
import { TenfoldError } from '../../core/errors.ts';
import { inStep, type Timer } from '../../core/world.ts';
import { isRecreated, offsetDistance } from '../../drivers/event-log/epochs.ts';
import type { Bounds, LogRecord, OwnedPartition, ReadBatch, Reader } from '../../drivers/event-log/event-log.ts';
import type { Commit } from '../lot/commit.ts';
import { foldRecord, type LotState, lotWatermark } from '../lot/fold-lot.ts';
import { gatherCommit } from '../lot/gather-commit.ts';
import { decodeLotRecord } from '../lot/lot-codec.ts';
import type { Checkpoint } from '../lot/lot-record.ts';
import type { TakenOver } from '../lot/take-over.ts';
import { CommandDesk } from './commands/command-desk.ts';
import { LaneWork } from './lanes/lane-work.ts';
import { Undertaker } from './letters/undertaker.ts';
import type { PartitionContext } from './partition-context.ts';
import { ReadingRoom } from './reading-room.ts';
import { SourceFeed } from './source-feed.ts';
import { tryAgain } from './try-again.ts';
import type { PartitionView } from './view.ts';
import { Committer } from './writes/committer.ts';
import { Compaction } from './writes/compaction.ts';
import { LotWriter } from './writes/lot-writer.ts';

const LOT_LIMITS = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };

export class Tenure {
  readonly #context: PartitionContext;
  readonly #partition: OwnedPartition;
  readonly #ending = new AbortController();
  readonly #state: LotState;
  readonly #writer: LotWriter;
  readonly #work: LaneWork;
  readonly #undertaker: Undertaker;
  readonly #room: ReadingRoom;
  readonly #desk: CommandDesk;
  readonly #compaction: Compaction;
  readonly #committer: Committer;
  readonly #feed: SourceFeed;
  readonly #lotReader: Reader;
  readonly #begun: Commit;
  readonly #claimedAt: number;
  readonly #claimedMonotonic: number;
  #claim: number;
  #lotRead: number;
  #timer: Timer | undefined;

  constructor(context: PartitionContext, partition: OwnedPartition, taken: TakenOver, source: Bounds) {
    const { world, log, limits, lotTopic } = context;
    const { state, claim } = taken;
    const { signal } = this.#ending;
    const { partition: number } = partition;
    const trouble = (error: unknown) => context.listener.trouble(number, error);
    this.#context = context;
    this.#partition = partition;
    this.#state = state;
    this.#claim = claim;
    this.#begun = taken.commit;
    this.#claimedAt = taken.claimedAt;
    this.#claimedMonotonic = world.monotonic();
    this.#lotReader = taken.reader;
    this.#lotRead = claim + 1;
    this.#writer = new LotWriter({ world, log, topic: lotTopic, partition: number, claim, signal, trouble });
    const write: LotWriter['write'] = (record, applied) => this.#writer.write(record, applied);
    const buried = (event: number) => this.#desk.review(event);
    this.#undertaker = new Undertaker({ context, partition: number, state, signal, write, trouble, buried });
    this.#work = new LaneWork({
      context,
      partition: number,
      signal,
      logNow: () => this.logNow(),
      write,
      bury: event => this.#undertaker.add(event),
      changed: event => {
        this.#desk.review(event);
        this.#room.look();
      },
      settled: () => this.#room.look(),
    });
    const work = this.#work;
    const { lanes, steps } = work;
    this.#room = new ReadingRoom(context, work);
    const room = this.#room;
    const hasRead = (offset: number) => offset < this.#feed.read;
    const hasRoom = () => !room.isFull;
    const shared = { context, partition: number, state, lanes, steps, signal, write, trouble };
    this.#desk = new CommandDesk({ ...shared, hasRead, hasRoom });
    const failed = (error: unknown) => this.end(error);
    const newNonce = () => world.id();
    const checkpoint = () => (this.#feed.seen.size > 0 ? undefined : this.#checkpoint());
    this.#compaction = new Compaction({
      ...shared,
      log,
      lotTopic,
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
      committed: ({ by, lot }, bytes) => {
        this.#compaction.committed(by, lot.offset);
        room.committed(bytes);
      },
      trouble,
    });
    this.#feed = new SourceFeed({ context, partition, taken, source, work, room, desk: this.#desk, signal });
  }

  /** Milliseconds since 1970 by the log's clock, which our own may disagree with. */
  logNow(): number {
    return this.#claimedAt + this.#context.world.monotonic() - this.#claimedMonotonic;
  }

  get feed(): SourceFeed {
    return this.#feed;
  }

  /** Resolves with why this owner has to stop: it was superseded. Rejects with the reason of `end` or of the partition's loss. */
  async run(rest: readonly LogRecord[], next: number): Promise<string> {
    const { lost } = this.#partition;
    const lose = () => this.end(lost.reason);
    lost.addEventListener('abort', lose, { once: true });
    if (lost.aborted) lose();
    try {
      this.#restore();
      this.#tick();
      const superseded = this.#foldAll(rest, next) ?? this.#readLot();
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
    this.#lotReader.close();
  }

  /** What was given to the lot has come back, then the last commit; for an orderly end. Not at all once this owner has stopped. */
  async finish(): Promise<void> {
    await this.#writer.drained();
    await this.#committer.commitLast();
  }

  #restore(): void {
    for (const entry of this.#state.entries.values()) {
      if (entry.state !== 'dead') this.#work.restore(entry);
      if (entry.death && !entry.buried) this.#undertaker.add(entry.event);
    }
    this.#feed.begin();
    for (const offset of this.#state.commands.keys()) this.#desk.add(offset);
  }

  async #readLot(): Promise<string> {
    const { world, listener } = this.#context;
    const { signal } = this.#ending;
    const trouble = (error: unknown) => listener.trouble(this.#partition.partition, error);
    const read = () => this.#lotReader.next(LOT_LIMITS, signal);
    for (;;) {
      const { records, next, bounds }: ReadBatch = await tryAgain(world, signal, trouble, read);
      if (isRecreated(this.#lotRead, bounds.start)) this.#beginAnew(bounds.start);
      const superseded = this.#foldAll(records, next);
      if (superseded !== undefined) return superseded;
    }
  }

  /** The lot was deleted and made again. What it held is known here; what comes of ours before a new claim counts for nobody. */
  #beginAnew(start: number): void {
    this.#lotRead = start;
    this.#state.claim = -1;
    this.#compaction.begin();
  }

  /** What is known of the lot from elsewhere. */
  sawLotBounds({ start }: Bounds): void {
    if (isRecreated(this.#lotRead, start)) this.#beginAnew(start);
  }

  /** Why this owner has to stop, when it does. */
  #foldAll(records: readonly LogRecord[], next: number): string | undefined {
    for (const record of records) {
      // Of an earlier lot, which has been told from elsewhere to be gone.
      if (isRecreated(record.offset, this.#lotRead)) continue;
      const decoded = decodeLotRecord(record);
      this.#lotRead = record.offset + 1;
      this.#compaction.read(record.value.length);
      if (decoded === undefined) continue;
      const verdict = foldRecord(this.#state, record.offset, decoded);
      if (verdict === 'counts') this.#writer.readBack();
      else if (verdict === 'command') this.#desk.add(record.offset);
      else if (decoded.type === 'claim') {
        if (!this.#compaction.adopts(decoded.nonce, record.offset))
          return `a newer claim lies in the lot at ${record.offset}`;
        this.#claim = record.offset;
        this.#writer.release(record.offset);
      }
    }
    this.#lotRead = Math.max(this.#lotRead, next);
    return undefined;
  }

  #tick(): void {
    const { world, limits } = this.#context;
    this.#timer = world.after(inStep(world, limits.commitEveryMs), () => {
      this.#room.tick();
      this.#desk.look();
      this.#compaction.tick(this.#claim, lotWatermark(this.#state, this.#lotRead).offset, this.#lotRead);
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
      lotRead: this.#lotRead,
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
    let oldest = lanes.firstOpen?.record.timestamp ?? Number.POSITIVE_INFINITY;
    let held = 0;
    let parkedEvents = 0;
    for (const { record, state } of lanes.inLot.values()) {
      oldest = Math.min(oldest, record.timestamp);
      if (state === 'held') held++;
      if (state !== 'fresh') parkedEvents++;
    }
    const unburied = this.#undertaker.count;
    return {
      partition: this.#partition.partition,
      state: this.#room.isFull ? 'full' : 'running',
      claim: this.#claim,
      watermark: lanes.firstOpen?.offset ?? read,
      read,
      end,
      lag: offsetDistance(read, end) + lanes.freshCount + parkedEvents,
      oldestAgeMs: Number.isFinite(oldest) ? Math.max(0, this.logNow() - oldest) : undefined,
      parkedKeys: lanes.parkedKeys,
      parkedEvents,
      parkedBytes: lanes.parkedBytes,
      held,
      unburied,
      openCommands: this.#state.commands.size,
      lot: { watermark: lotWatermark(this.#state, this.#lotRead).offset, read: this.#lotRead },
      finished: isFinished && lanes.freshCount === 0 && lanes.inLot.size === 0 && unburied === 0,
      trouble: undefined,
    };
  }
}
