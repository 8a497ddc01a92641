// One owner of one partition from the end of its take-over to its end: reads source and lot, commits.
import { TenfoldError } from '../../core/errors.ts';
import type { Timer } from '../../core/world.ts';
import type { LogRecord, OwnedPartition, ReadBatch, Reader } from '../../drivers/event-log/event-log.ts';
import { composeCommit } from '../lot/commit.ts';
import { foldRecord, type LotState, lotWatermark } from '../lot/fold-lot.ts';
import { decodeLotRecord } from '../lot/lot-codec.ts';
import type { TakenOver } from '../lot/take-over.ts';
import { createTold, type Told } from '../lot/told.ts';
import { LaneWork } from './lane-work.ts';
import { LotWriter } from './lot-writer.ts';
import type { PartitionContext } from './partition-context.ts';
import { ReadingRoom } from './reading-room.ts';
import { tryAgain } from './try-again.ts';
import { Undertaker } from './undertaker.ts';
import type { PartitionView } from './view.ts';

const LOT_LIMITS = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };
/** After a commit whose outcome is not known. */
const REPEAT_COMMITS_MS = 60_000;
const MOST_SOURCE_BYTES = 1024 * 1024;

export class Tenure {
  readonly #context: PartitionContext;
  readonly #partition: OwnedPartition;
  readonly #ending = new AbortController();
  readonly #state: LotState;
  readonly #writer: LotWriter;
  readonly #work: LaneWork;
  readonly #undertaker: Undertaker;
  readonly #room: ReadingRoom;
  readonly #lotReader: Reader;
  readonly #source: Reader;
  readonly #told: Told;
  readonly #seen: Set<number>;
  readonly #claimedAt: number;
  readonly #claimedMonotonic: number;
  /** Where the source held nothing more when this owner began. */
  readonly #sourceEnd: number;
  #claim: number;
  #lotRead: number;
  #sourceRead: number;
  #end: number | undefined;
  #committed = '';
  /** Until when a commit is repeated, since an earlier one, whose outcome is not known, may arrive late and overwrite it. */
  #repeatUntil = 0;
  #committing: Promise<void> | undefined;
  #timer: Timer | undefined;

  constructor(context: PartitionContext, partition: OwnedPartition, taken: TakenOver, sourceEnd: number) {
    const { world, log, settings, lotTopic } = context;
    const { commit, state, claim } = taken;
    const signal = this.#ending.signal;
    const write: LotWriter['write'] = (record, applied) => this.#writer.write(record, applied);
    const trouble = (error: unknown) => context.listener.trouble(partition.partition, error);
    const { partition: number } = partition;
    this.#context = context;
    this.#partition = partition;
    this.#state = state;
    this.#claim = claim;
    this.#claimedAt = taken.claimedAt;
    this.#claimedMonotonic = world.monotonic();
    this.#lotReader = taken.reader;
    this.#lotRead = claim + 1;
    this.#told = createTold(commit);
    this.#seen = taken.seen;
    this.#sourceRead = commit.position;
    this.#sourceEnd = sourceEnd;
    this.#source = partition.open(settings.topic, commit.position);
    this.#writer = new LotWriter({ world, log, topic: lotTopic, partition: number, claim, signal, trouble });
    this.#undertaker = new Undertaker({ context, partition: number, state, signal, write, trouble, buried: () => {} });
    this.#work = new LaneWork({
      context,
      partition: number,
      signal,
      logNow: () => this.logNow(),
      write,
      bury: event => this.#undertaker.add(event),
      moved: () => this.#room.look(),
    });
    this.#room = new ReadingRoom(context, this.#work);
  }

  get view(): PartitionView {
    const { lanes } = this.#work;
    const watermark = lanes.firstOpen?.offset ?? this.#sourceRead;
    let oldest = lanes.firstOpen?.record.timestamp ?? Number.POSITIVE_INFINITY;
    let held = 0;
    let parkedEvents = 0;
    for (const { record, state } of lanes.inLot.values()) {
      oldest = Math.min(oldest, record.timestamp);
      if (state === 'held') held++;
      if (state !== 'fresh') parkedEvents++;
    }
    const unread = this.#end === undefined ? undefined : Math.max(0, this.#end - this.#sourceRead);
    return {
      partition: this.#partition.partition,
      state: this.#room.isFull ? 'full' : 'running',
      claim: this.#claim,
      watermark,
      read: this.#sourceRead,
      end: this.#end,
      lag: unread === undefined ? undefined : unread + lanes.freshCount + parkedEvents,
      oldestAgeMs: Number.isFinite(oldest) ? Math.max(0, this.logNow() - oldest) : undefined,
      parkedKeys: lanes.parkedKeys,
      parkedEvents,
      parkedBytes: lanes.parkedBytes,
      held,
      unburied: this.#undertaker.count,
      openCommands: this.#state.commands.size,
      lot: { watermark: lotWatermark(this.#state, this.#lotRead).offset, read: this.#lotRead },
      trouble: undefined,
    };
  }

  /** Milliseconds since 1970 by the log's clock, which our own may disagree with. */
  logNow(): number {
    return this.#claimedAt + this.#context.world.monotonic() - this.#claimedMonotonic;
  }

  /** Resolves with the reason when this owner has to stop: superseded. Rejects with the reason of `end` or of the partition's loss. */
  async run(rest: readonly LogRecord[], next: number): Promise<string> {
    const lost = () => this.end(this.#partition.lost.reason);
    this.#partition.lost.addEventListener('abort', lost, { once: true });
    if (this.#partition.lost.aborted) lost();
    try {
      this.#restore();
      this.#tick();
      const superseded = this.#foldAll(rest, next) ?? this.#readLot();
      return await Promise.race([superseded, this.#readSource()]);
    } finally {
      this.#partition.lost.removeEventListener('abort', lost);
      this.end(new TenfoldError('shutting-down', 'the owner has stopped'));
    }
  }

  end(reason: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#timer?.cancel();
    this.#ending.abort(reason);
    this.#source.close();
    this.#lotReader.close();
  }

  /** What was given to the lot has come back, then the last commit; for an orderly end. */
  async finish(): Promise<void> {
    await this.#writer.drained();
    await this.#committing;
    await this.commit();
  }

  #restore(): void {
    for (const entry of this.#state.entries.values()) {
      if (entry.state !== 'dead') this.#work.restore(entry);
      if (entry.death && !entry.buried) this.#undertaker.add(entry.event);
    }
    this.#sourceReadTo(this.#sourceRead);
  }

  async #readLot(): Promise<string> {
    for (;;) {
      const batch = await this.#next(this.#lotReader, () => LOT_LIMITS);
      const superseded = this.#foldAll(batch.records, batch.next);
      if (superseded !== undefined) return superseded;
    }
  }

  /** Why this owner has to stop, when it does. */
  #foldAll(records: readonly LogRecord[], next: number): string | undefined {
    for (const record of records) {
      const decoded = decodeLotRecord(record);
      this.#lotRead = record.offset + 1;
      if (decoded === undefined) continue;
      const verdict = foldRecord(this.#state, record.offset, decoded);
      if (verdict === 'claim') return `a newer claim lies in the lot at ${record.offset}`;
      if (verdict === 'counts') this.#writer.readBack();
    }
    this.#lotRead = Math.max(this.#lotRead, next);
    return undefined;
  }

  async #readSource(): Promise<never> {
    for (;;) {
      await this.#room.enter(this.#ending.signal);
      const batch = await this.#next(this.#source, () => ({
        maxRecords: Math.max(1, Math.min(this.#context.limits.readRecords, this.#room.free)),
        maxBytes: MOST_SOURCE_BYTES,
      }));
      this.#takeSource(batch);
    }
  }

  #takeSource({ records, next, bounds }: ReadBatch): void {
    if (bounds.start > this.#sourceRead) {
      this.#context.totals.jumped += bounds.start - this.#sourceRead;
      this.#context.listener.jumped(this.#partition.partition, this.#sourceRead, bounds.start);
    }
    this.#end = bounds.end;
    for (const record of records) {
      if (!this.#told.passed && this.#told.isDone(record.offset)) continue;
      if (this.#seen.size > 0 && this.#seen.delete(record.offset)) continue;
      // Behind a rewound position: the lot is responsible for it.
      if (this.#work.lanes.inLot.size > 0 && this.#work.lanes.inLot.has(record.offset)) continue;
      this.#work.read(record);
    }
    this.#sourceReadTo(next);
  }

  #sourceReadTo(offset: number): void {
    this.#sourceRead = offset;
    if (offset >= this.#sourceEnd) this.#seen.clear();
    this.#work.sourceReadTo(offset >= this.#sourceEnd ? Number.POSITIVE_INFINITY : offset);
  }

  #next(reader: Reader, limits: () => { maxRecords: number; maxBytes: number }): Promise<ReadBatch> {
    const { world, listener } = this.#context;
    const { signal } = this.#ending;
    return tryAgain(
      world,
      signal,
      error => listener.trouble(this.#partition.partition, error),
      () => reader.next(limits(), signal),
    );
  }

  #tick(): void {
    this.#timer = this.#context.world.after(this.#context.limits.commitEveryMs, () => {
      this.#room.tick();
      this.#committing ??= this.commit().finally(() => {
        this.#committing = undefined;
      });
      this.#tick();
    });
  }

  /** Never rejects: what could not be committed is committed the next time. */
  async commit(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    const { lanes } = this.#work;
    const position = lanes.firstOpen?.offset ?? this.#sourceRead;
    const { position: composed } = composeCommit(
      {
        position,
        top: this.#sourceRead,
        holes: lanes.holes(),
        lot: lotWatermark(this.#state, this.#lotRead),
        by: this.#claim,
      },
      this.#context.limits.metadataBytes,
    );
    this.#room.committed(composed.metadata.length);
    const text = `${composed.offset} ${composed.metadata}`;
    const now = this.#context.world.monotonic();
    if (text === this.#committed && now > this.#repeatUntil) return;
    try {
      await this.#partition.commit(composed);
      this.#committed = text;
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      this.#repeatUntil = now + REPEAT_COMMITS_MS;
      this.#context.listener.trouble(this.#partition.partition, error);
    }
  }
}
