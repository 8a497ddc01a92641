// Reads one partition from a position on: keeps what was fetched and not yet asked for, and waits for more.
import { TenfoldError } from '../../../core/errors.ts';
import type { Bounds, ReadBatch, Reader, ReadLimits } from '../event-log.ts';
import { batchOf, type Chunk } from './chunk.ts';
import { type Cluster, noTopic } from './cluster.ts';
import type { Fetcher } from './fetcher.ts';
import { toLogError } from './kafka-error.ts';
import type { Topics } from './topics.ts';
import type { FetchedFrom } from './wire/fetch.ts';
import type { ClusterMetadata, TopicMetadata } from './wire/metadata.ts';

export interface ReaderContext {
  readonly cluster: Cluster;
  readonly fetcher: Fetcher;
  readonly topics: Topics;
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

export class PartitionReader implements Reader {
  readonly topic: string;
  readonly partition: number;
  readonly #context: ReaderContext;
  readonly #lost: AbortSignal;
  readonly #closed = new AbortController();
  /** Undefined until the brokers that were asked have heard of it. */
  #topicId: string | undefined;
  #from: number;
  #chunk: Chunk | undefined;
  #at = 0;
  #waiter: Waiter | undefined;
  #missing = 0;
  #bounds: Bounds | undefined;
  isUnderWay = false;

  /** `lost`: rejects a read that waits. */
  constructor(context: ReaderContext, topic: string, partition: number, from: number, lost: AbortSignal) {
    this.#context = context;
    this.topic = topic;
    this.#topicId = context.cluster.metadata?.topics.get(topic)?.id;
    this.partition = partition;
    this.#from = from;
    this.#lost = AbortSignal.any([lost, this.#closed.signal, context.cluster.closed]);
    this.#lost.addEventListener('abort', () => this.fail(this.#lost.reason));
  }

  /** Where the next fetch begins. */
  get from(): number {
    return this.#from;
  }

  /** As far as is known. */
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

  /** Who leads the partition; -1 when nobody is known to, or another topic has taken the name. */
  leader(): number {
    const topic = this.#context.cluster.metadata?.topics.get(this.topic);
    return topic && this.#reads(topic) ? (topic.leaders[this.partition] ?? -1) : -1;
  }

  request(): FetchedFrom {
    const maxBytes = Math.min(Math.max(this.#waiter?.limits.maxBytes ?? 0, MIN_FETCH), MAX_FETCH);
    return { topic: this.topic, partition: this.partition, from: this.#from, maxBytes };
  }

  /** Fetched from where it stands. */
  take(chunk: Chunk): void {
    this.#missing = 0;
    this.#bounds = chunk.bounds;
    if (chunk.damage) {
      this.fail(chunk.damage);
      return;
    }
    this.#chunk = chunk;
    this.#at = 0;
    this.#from = chunk.next;
    this.#serve();
  }

  /** The position is outside of what there is: behind the start it goes on there, beyond the end it waits. */
  async relocate(): Promise<void> {
    this.isUnderWay = true;
    const { topics, cluster, fetcher } = this.#context;
    try {
      const { start } = await topics.boundsOf(this.topic, this.partition);
      if (this.#from < start) this.#from = start;
      else await new Promise<void>(resolve => cluster.world.after(BEYOND_MS, resolve));
    } catch (error) {
      this.fail(error);
    }
    this.isUnderWay = false;
    if (this.#waiter) fetcher.ask(this);
  }

  /** Whether it is still there, says fresh metadata. */
  look({ topics }: ClusterMetadata): void {
    const topic = topics.get(this.topic);
    if (topic && this.#reads(topic)) this.#missing = 0;
    else if (++this.#missing >= MAX_MISSING) this.fail(noTopic(this.topic));
  }

  /** Rejects who waits. */
  fail(error: unknown): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    this.#context.fetcher.forget(this);
    waiter?.reject(toReason(error, this));
  }

  /** Brokers learn of topics at different times: the first of its name that is seen is the one. */
  #reads({ id }: TopicMetadata): boolean {
    this.#topicId ??= id;
    return this.#topicId === id;
  }

  #serve(): void {
    const waiter = this.#waiter;
    if (!waiter) return;
    const batch = this.#next(waiter.limits);
    if (!batch) {
      this.#context.fetcher.ask(this);
      return;
    }
    this.#waiter = undefined;
    this.#context.fetcher.forget(this);
    waiter.resolve(batch);
  }

  #next(limits: ReadLimits): ReadBatch | undefined {
    const chunk = this.#chunk;
    if (!chunk) return undefined;
    const batch = batchOf(chunk, this.#at, limits);
    this.#at += batch.records.length;
    if (this.#at >= chunk.records.length) this.#chunk = undefined;
    return batch.records.length > 0 ? batch : undefined;
  }
}

function toReason(error: unknown, { topic, partition }: PartitionReader): unknown {
  return error instanceof Error && error.name === 'KafkaFault'
    ? toLogError(error, `Partition ${partition} of topic ${topic} could not be read`)
    : error;
}
