// Records that wait to be appended to one partition, and the batch of them that is under way.
import type { TenfoldError } from '../../../../core/errors.ts';
import type { World } from '../../../../core/world.ts';
import type { NewRecord } from '../../event-log.ts';
import { KafkaFault } from '../kafka-error.ts';
import type { TopicMetadata } from '../wire/metadata.ts';
import { type Compression, encodedSizeOf, type ProducerPlace, packBatch } from '../wire/record-batch.ts';
import type { Producer } from './producer.ts';

export interface AppendCall {
  /** Until when it waits, by the monotonic clock. */
  readonly until: number;
  done(index: number, partition: number, offset: number): void;
  failed(error: TenfoldError): void;
}

export interface QueuedRecord {
  readonly call: AppendCall;
  readonly record: NewRecord;
  /** Place in its call. */
  readonly index: number;
}

interface Batch {
  readonly records: readonly QueuedRecord[];
  place: ProducerPlace | undefined;
  bytes: Buffer | undefined;
  /** Whether it was sent, and may be there although nobody said so. */
  isInDoubt: boolean;
}

/**
 * Brokers take no batch above 1,048,588 bytes unless told otherwise; a record that is larger goes
 * alone, and may be refused.
 */
const MAX_BATCH_BYTES = 900_000;

export class PartitionQueue {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly #first: number;
  readonly #compression: Compression;
  readonly #world: World;
  #waiting: QueuedRecord[] = [];
  /** First of `#waiting` that is in no batch; so that long queues are not moved for each. */
  #next = 0;
  #batch: Batch | undefined;
  /** Records that a batch may have; fewer after one was too large. */
  #maxRecords = Number.POSITIVE_INFINITY;
  isUnderWay = false;
  lastFault: KafkaFault | undefined;
  /** How often in a row its topic was not there. */
  missing = 0;
  /**
   * Since when its topic is not among those of the cluster, by the monotonic clock,
   * while it has nothing to do.
   */
  goneSince: number | undefined;

  /** `first`: what the first offset of the topic is here. */
  constructor({ name, id }: TopicMetadata, first: number, partition: number, compression: Compression, world: World) {
    this.topic = name;
    this.topicId = id;
    this.partition = partition;
    this.#first = first;
    this.#compression = compression;
    this.#world = world;
  }

  /**
   * The producer's name for the partition. Brokers go by the name of a topic. A batch that arrives
   * in the next topic of that name has used sequences there, so that a producer that began again at
   * 0 would be taken for a duplicate.
   */
  get key(): string {
    return `${this.topic}/${this.partition}`;
  }

  get isEmpty(): boolean {
    return this.#batch === undefined && this.#next === this.#waiting.length;
  }

  /** Whether a batch has been made of what comes next. */
  get hasBatch(): boolean {
    return this.#batch !== undefined;
  }

  get isInDoubt(): boolean {
    return this.#batch?.isInDoubt === true;
  }

  add(record: QueuedRecord): void {
    this.#waiting.push(record);
  }

  /**
   * The batch to send: the one that has to be sent again, or a new one. The same bytes each time,
   * so that the broker knows it again.
   */
  next(producer: Producer): Buffer {
    this.#batch ??= this.#form();
    const batch = this.#batch;
    batch.place ??= producer.place(this.key, batch.records.length);
    batch.bytes ??= packBatch(
      batch.records.map(({ record }) => record),
      batch.place,
      this.#compression,
      this.#world.now(),
    );
    return batch.bytes;
  }

  /** It was sent, and nobody said what became of it. */
  doubt(): void {
    if (this.#batch) this.#batch.isInDoubt = true;
  }

  appended(baseOffset: number): void {
    const records = this.#take();
    this.lastFault = undefined;
    this.missing = 0;
    for (const [at, { call, index }] of records.entries())
      call.done(index, this.partition, this.#first + baseOffset + at);
  }

  giveUp(error: TenfoldError): void {
    for (const { call } of this.#take()) call.failed(error);
  }

  /** Another producer may send it. */
  forgetPlace(): void {
    if (!this.#batch) return;
    this.#batch.place = undefined;
    this.#batch.bytes = undefined;
  }

  /** Its records are tried in smaller batches; false when it has but one. */
  divide(): boolean {
    const count = this.#batch?.records.length ?? 0;
    if (count < 2) return false;
    this.#maxRecords = Math.ceil(count / 2);
    this.#waiting = [...(this.#batch?.records ?? []), ...this.#waiting.slice(this.#next)];
    this.#next = 0;
    this.#batch = undefined;
    return true;
  }

  /** Whether the time of the call that has waited for longest is over. */
  isLate(now: number): boolean {
    return (this.#waiting[this.#next]?.call.until ?? now + 1) <= now;
  }

  /** Fails the calls whose time is over. True when some of them were sent, and may be there. */
  expire(now: number, error: (fault: KafkaFault) => TenfoldError): boolean {
    const fault = this.lastFault ?? new KafkaFault(7);
    const { isInDoubt } = this;
    let late = false;
    if (this.#batch?.records.some(({ call }) => call.until <= now)) {
      this.giveUp(error(fault));
      late = isInDoubt;
    }
    if (this.#waiting.slice(this.#next).some(({ call }) => call.until <= now)) {
      const left = this.#waiting.slice(this.#next);
      this.#waiting = left.filter(({ call }) => call.until > now);
      this.#next = 0;
      for (const { call } of left) if (call.until <= now) call.failed(error(fault));
    }
    return late;
  }

  failAll(error: TenfoldError): void {
    this.giveUp(error);
    for (const { call } of this.#waiting.slice(this.#next)) call.failed(error);
    this.#waiting = [];
    this.#next = 0;
  }

  #take(): readonly QueuedRecord[] {
    const records = this.#batch?.records ?? [];
    this.#batch = undefined;
    return records;
  }

  #form(): Batch {
    const from = this.#next;
    let bytes = 0;
    let to = from;
    for (const { record } of this.#waiting.slice(from, from + this.#maxRecords)) {
      bytes += encodedSizeOf(record);
      if (to > from && bytes > MAX_BATCH_BYTES) break;
      to++;
    }
    const records = this.#waiting.slice(from, to);
    if (to === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    } else this.#next = to;
    return { records, place: undefined, bytes: undefined, isInDoubt: false };
  }
}
