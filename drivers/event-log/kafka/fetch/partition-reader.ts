// Reads one partition from a position on: keeps what was fetched and not yet
// asked for, and waits for more.
import { TenfoldError } from '../../../../core/errors.ts';
import { epochOf } from '../../epochs.ts';
import type { Bounds, ReadBatch, Reader, ReadLimits } from '../../event-log.ts';
import { noTopic } from '../../no-topic.ts';
import type { Cluster } from '../brokers/cluster.ts';
import { toLogError } from '../kafka-error.ts';
import type { TopicEpochs } from '../topics/topic-epochs.ts';
import type { KafkaTopics } from '../topics/topics.ts';
import type { FetchedFrom } from '../wire/fetch.ts';
import type { ClusterMetadata, TopicMetadata } from '../wire/metadata.ts';
import { batchOf, type FetchedChunk, shiftChunk } from './chunk.ts';

/** Readers that wait for records. */
interface FetchQueue {
  ask(reader: KafkaPartitionReader): void;
  forget(reader: KafkaPartitionReader): void;
}

export interface KafkaReaderContext {
  readonly cluster: Cluster;
  readonly fetcher: FetchQueue;
  readonly topics: KafkaTopics;
  readonly epochs: Pick<TopicEpochs, 'firstOffsetOf' | 'learn'>;
}

interface Waiter {
  readonly limits: ReadLimits;
  readonly signal: AbortSignal | undefined;
  resolve(batch: ReadBatch): void;
  reject(error: unknown): void;
}

/** Smallest and largest that is fetched at once, bytes: brokers hand out whole batches. */
const MIN_FETCH = 64 << 10;
const MAX_FETCH = 1 << 20;
/** Looks at the cluster in which a topic must not be there to be gone. */
const MAX_MISSING = 3;
/** Before it is asked again for what lies beyond the end. */
const BEYOND_MS = 200;

export class KafkaPartitionReader implements Reader {
  readonly topic: string;
  readonly partition: number;
  readonly #context: KafkaReaderContext;
  readonly #lost: AbortSignal;
  readonly #closed = new AbortController();
  /**
   * Which one of its name is read, and what its first offset is here;
   * undefined until that is known.
   */
  #bound: { readonly id: string; readonly first: number } | undefined;
  #from: number;
  #chunk: FetchedChunk | undefined;
  #at = 0;
  #waiter: Waiter | undefined;
  #missing = 0;
  #bounds: Bounds | undefined;
  isUnderWay = false;

  /** `lost`: rejects a read that waits. */
  constructor(context: KafkaReaderContext, topic: string, partition: number, from: number, lost: AbortSignal) {
    this.#context = context;
    this.topic = topic;
    this.partition = partition;
    this.#from = from;
    this.#lost = AbortSignal.any([lost, this.#closed.signal, context.cluster.closed]);
    this.#lost.addEventListener('abort', () => this.fail(this.#lost.reason));
  }

  /** The offset at which the next fetch begins, as the broker counts. */
  get from(): number {
    return this.#from - (this.#bound?.first ?? 0);
  }

  /** Whether the reader has reached the end, as far as it knows. */
  get isAtEnd(): boolean {
    return this.#bounds !== undefined && this.#from >= this.#bounds.end;
  }

  next(limits: ReadLimits, signal?: AbortSignal): Promise<ReadBatch> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#lost.aborted) return Promise.reject(this.#lost.reason);
    return new Promise((resolve, reject) => {
      const abort = () => this.fail(signal?.reason);
      const settle = () => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort);
      this.#waiter = {
        limits,
        signal,
        resolve(batch) {
          settle();
          resolve(batch);
        },
        reject(error) {
          settle();
          reject(error);
        },
      };
      this.#serve();
    });
  }

  close(): void {
    this.#closed.abort(new TenfoldError('conflict', 'The reader was closed.'));
  }

  /** The leader of the partition; -1 when none is known, or another topic has taken the name. */
  leader(): number {
    const topic = this.#context.cluster.metadata?.topics.get(this.topic);
    return topic && topic.id === this.#bound?.id ? (topic.leaders[this.partition] ?? -1) : -1;
  }

  request(): FetchedFrom {
    const maxBytes = Math.min(Math.max(this.#waiter?.limits.maxBytes ?? 0, MIN_FETCH), MAX_FETCH);
    return { topic: this.topic, partition: this.partition, from: this.from, maxBytes };
  }

  /** Fetched from where it stands. */
  take(fetched: FetchedChunk): void {
    const chunk = shiftChunk(fetched, this.#bound?.first ?? 0);
    this.#missing = 0;
    this.#bounds = chunk.bounds;
    if (chunk.damage) {
      this.fail(chunk.damage);
      return;
    }
    // Offsets that hold no record, such as the end of a transaction, are passed on as well: who
    // waits for the end of the topic would otherwise never see it.
    const isFurther = chunk.next > this.#from;
    if (isFurther) this.#chunk = chunk;
    this.#at = 0;
    this.#from = chunk.next;
    this.#serve();
  }

  /**
   * The position is outside of what there is: behind the start it goes on there, beyond the end it
   * waits; or the topic is another one by now.
   */
  async relocate(): Promise<void> {
    this.isUnderWay = true;
    const { topics, cluster, fetcher } = this.#context;
    try {
      const now = await cluster.look(this.topic);
      if (now === undefined || now.id === this.#bound?.id) {
        const { start } = await topics.boundsOf(this.topic, this.partition);
        const first = this.#bound?.first ?? 0;
        if (this.#from < first + start) this.#from = first + start;
        else await new Promise<void>(resolve => cluster.world.after(BEYOND_MS, resolve));
      }
    } catch (error) {
      this.fail(error);
    }
    this.isUnderWay = false;
    if (this.#waiter) fetcher.ask(this);
  }

  /**
   * Whether it is still there, says fresh metadata. One that was made again under its name is read
   * on, from its first record.
   */
  look({ topics }: ClusterMetadata): void {
    const topic = topics.get(this.topic);
    if (topic && topic.id === this.#bound?.id) this.#missing = 0;
    else if (topic && !this.isUnderWay) void this.#bind(topic);
    else if (!topic && ++this.#missing >= MAX_MISSING) this.fail(noTopic(this.topic));
  }

  /** Rejects who waits. */
  fail(error: unknown): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    this.#context.fetcher.forget(this);
    waiter?.reject(toReason(error, this));
  }

  async #bind(topic: TopicMetadata): Promise<void> {
    const { cluster, epochs, fetcher } = this.#context;
    this.isUnderWay = true;
    try {
      const what = `Partition ${this.partition} of topic ${this.topic} could not be read`;
      const { id, first } = await cluster.attempt(what, async () => {
        const now = cluster.metadata?.topics.get(this.topic) ?? topic;
        return { id: now.id, first: await epochs.learn(now, this.#bound ? 0 : this.#from) };
      });
      // From one that it reads already it does not come to an earlier one: a
      // broker that says so is behind.
      if (first >= (this.#bound?.first ?? 0)) this.#adopt(id, first);
      else if (++this.#missing >= MAX_MISSING) this.fail(noTopic(this.topic));
    } catch (error) {
      this.fail(error);
    }
    this.isUnderWay = false;
    if (this.#waiter) fetcher.ask(this);
  }

  #adopt(id: string, first: number): void {
    this.#bound = { id, first };
    this.#from = Math.max(this.#from, first);
    this.#missing = 0;
    this.#bounds = undefined;
  }

  #serve(): void {
    const waiter = this.#waiter;
    if (!waiter) return;
    const batch = this.#next(waiter.limits);
    if (!batch) {
      this.#ask();
      return;
    }
    this.#waiter = undefined;
    this.#context.fetcher.forget(this);
    waiter.resolve(batch);
  }

  #ask(): void {
    const { cluster, epochs, fetcher } = this.#context;
    const topic = this.#bound ? undefined : cluster.metadata?.topics.get(this.topic);
    const first = topic && epochs.firstOffsetOf(topic);
    if (topic && first !== undefined && epochOf(first) >= epochOf(this.#from)) this.#adopt(topic.id, first);
    else if (topic && !this.isUnderWay) {
      void this.#bind(topic);
      return;
    }
    fetcher.ask(this);
  }

  #next(limits: ReadLimits): ReadBatch | undefined {
    const chunk = this.#chunk;
    if (!chunk) return undefined;
    const batch = batchOf(chunk, this.#at, limits);
    this.#at += batch.records.length;
    if (this.#at >= chunk.records.length) this.#chunk = undefined;
    return batch;
  }
}

function toReason(error: unknown, { topic, partition }: KafkaPartitionReader): unknown {
  return error instanceof Error && error.name === 'KafkaFault'
    ? toLogError(error, `Partition ${partition} of topic ${topic} could not be read`)
    : error;
}
