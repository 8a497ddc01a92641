// Appends: what comes while a broker has not answered yet goes to it together and in order,
// one batch a partition.
import { TenfoldError } from '../../../../core/errors.ts';
import { FairShare } from '../../../../core/fair-share.ts';
import { pauseAfter } from '../../../../core/retry/backoff.ts';
import { sleep } from '../../../../core/world.ts';
import type { AppendedAt, NewRecord } from '../../event-log.ts';
import { noTopic } from '../../no-topic.ts';
import { partitionFor } from '../../partitioner.ts';
import { type Cluster, PATIENCE_MS } from '../brokers/cluster.ts';
import { FAULT, KafkaFault, toLogError } from '../kafka-error.ts';
import type { TopicEpochs } from '../topics/topic-epochs.ts';
import { noPartition } from '../topics/topics.ts';
import type { TopicMetadata } from '../wire/metadata.ts';
import { type Compression, encodedSizeOf } from '../wire/record-batch.ts';
import { PartitionQueue } from './partition-queue.ts';
import { ProduceLane } from './produce-lane.ts';
import { Producer } from './producer.ts';

export interface AppenderOptions {
  readonly cluster: Cluster;
  readonly epochs: () => Pick<TopicEpochs, 'firstOffsetOf' | 'learn'>;
  readonly compression: Compression;
  /**
   * Bytes of records that are not durable yet; beyond it appends are refused. Topics share them, so
   * that one whose leader is away leaves room for the others.
   */
  readonly maxPendingBytes: number;
  /** Beyond it an append fails with `log-unavailable`. */
  readonly deliveryTimeoutMs: number;
}

const PAUSES = { base: 20, max: 500 };
/** Looks at the cluster in which a topic must not be there to be gone. */
const MAX_MISSING = 3;
/** Brokers learn of topics at different times; one away for so long does not come back. */
const GONE_FOR_MS = 60_000;

export class KafkaAppender {
  readonly #options: AppenderOptions;
  readonly #cluster: Cluster;
  readonly #producer: Producer;
  readonly #lanes = new Map<number, ProduceLane>();
  /** By id of the topic and partition. */
  readonly #queues = new Map<string, PartitionQueue>();
  /** Topics that are being asked for: who comes later stands behind who waits. */
  readonly #gates = new Map<string, Promise<TopicMetadata>>();
  /** Queues that wait for a leader, or for a moment after a failure. */
  readonly #resting = new Set<PartitionQueue>();
  readonly #pending: FairShare;
  #turn = 0;
  /** Since something was appended. */
  #failures = 0;
  #isPausing = false;
  /** When something was appended last, by the monotonic clock. */
  #appendedAt = Number.NEGATIVE_INFINITY;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#cluster = options.cluster;
    this.#producer = new Producer(options.cluster);
    this.#pending = new FairShare(options.maxPendingBytes);
    this.#cluster.closed.addEventListener('abort', () => this.#failAll());
  }

  /** Why nothing has got through for some time. One partition that takes nothing is no reason. */
  get outage(): string | undefined {
    if (this.#cluster.world.monotonic() - this.#appendedAt < PATIENCE_MS) return undefined;
    for (const queue of this.#resting) if (queue.lastFault) return queue.lastFault.message;
    return undefined;
  }

  /** Partitions of which something is kept. */
  get remembered(): number {
    return this.#queues.size;
  }

  /** Resolves when nothing is under way any more. */
  async drain(): Promise<void> {
    while (this.#pending.taken > 0) await sleep(this.#cluster.world, 5);
  }

  append(name: string, records: readonly NewRecord[]): Promise<readonly AppendedAt[]> {
    if (records.length === 0) return Promise.resolve([]);
    let bytes = 0;
    for (const record of records) bytes += encodedSizeOf(record);
    const { closed, outage } = this.#cluster;
    if (closed.aborted) return Promise.reject(closed.reason);
    if (outage && outage.forMs > PATIENCE_MS) {
      // No other caller may be checking whether a broker can be reached again.
      void this.#cluster.refresh().catch(() => {});
      return Promise.reject(
        toLogError(new KafkaFault(FAULT.connection, outage.reason), `Topic ${name} cannot be reached`),
      );
    }
    const pending = this.#pending.taken;
    if (!this.#pending.take(name, bytes))
      return Promise.reject(
        new TenfoldError(
          'overloaded',
          `${pending} bytes are on their way to Kafka already, and topic ${name} has its share of ${this.#options.maxPendingBytes}.`,
        ),
      );
    const done = this.#append(name, records);
    const give = () => this.#pending.give(name, bytes);
    done.then(give, give);
    return done;
  }

  #append(name: string, records: readonly NewRecord[]): Promise<readonly AppendedAt[]> {
    const known = this.#gates.has(name) ? undefined : this.#cluster.metadata?.topics.get(name);
    if (known && this.#options.epochs().firstOffsetOf(known) !== undefined) return this.#enqueue(known, records);
    return this.#gate(name).then(topic => this.#enqueue(topic, records));
  }

  #gate(name: string): Promise<TopicMetadata> {
    const waiting = this.#gates.get(name);
    if (waiting) return waiting;
    const asked = this.#ask(name, () => this.#cluster.topic(name));
    this.#gates.set(name, asked);
    // Only when all who wait have had their turn.
    const leave = () => void this.#cluster.world.after(0, () => this.#gates.delete(name));
    asked.then(leave, leave);
    return asked;
  }

  #ask(name: string, question: () => Promise<TopicMetadata>): Promise<TopicMetadata> {
    return this.#cluster.attempt(`Nothing could be appended to topic ${name}`, async () => {
      const topic = await question();
      await this.#options.epochs().learn(topic);
      return topic;
    });
  }

  #enqueue(topic: TopicMetadata, records: readonly NewRecord[]): Promise<readonly AppendedAt[]> {
    const count = topic.leaders.length;
    const places = records.map(record => partitionFor(record, count) ?? this.#turn++ % count);
    const wrong = places.find(place => !(place in topic.leaders));
    if (wrong !== undefined) return this.#enqueueInNew(topic, wrong, records);
    return new Promise((resolve, reject) => {
      const answer = new Array<AppendedAt>(records.length);
      let left = records.length;
      const call = {
        until: this.#cluster.world.monotonic() + this.#options.deliveryTimeoutMs,
        done(index: number, partition: number, offset: number) {
          answer[index] = { partition, offset };
          if (--left === 0) resolve(answer);
        },
        failed: reject,
      };
      const touched = new Set<PartitionQueue>();
      for (const [index, record] of records.entries()) {
        const queue = this.#queueOf(topic, places[index] ?? 0);
        queue.add({ call, record, index });
        touched.add(queue);
      }
      for (const queue of touched) this.#dispatch(queue);
    });
  }

  /** The partition may have been added a moment ago. */
  async #enqueueInNew(
    topic: TopicMetadata,
    partition: number,
    records: readonly NewRecord[],
  ): Promise<readonly AppendedAt[]> {
    const now = await this.#ask(topic.name, () => this.#cluster.freshTopic(topic.name));
    if (!(partition in now.leaders)) throw noPartition(now, partition);
    return this.#enqueue(now, records);
  }

  #queueOf(topic: TopicMetadata, partition: number): PartitionQueue {
    const key = `${topic.id}/${partition}`;
    let queue = this.#queues.get(key);
    if (!queue) {
      this.#forgetGone();
      const first = this.#options.epochs().firstOffsetOf(topic) ?? 0;
      queue = new PartitionQueue(topic, first, partition, this.#options.compression, this.#cluster.world);
      this.#queues.set(key, queue);
    }
    return queue;
  }

  /** Topics come and go, as those of rebuilt views do; what is kept of each must not. */
  #forgetGone(): void {
    const { metadata, world } = this.#cluster;
    if (metadata === undefined) return;
    const now = world.monotonic();
    for (const [key, queue] of this.#queues) {
      const isIdle = queue.isEmpty && !queue.isUnderWay && !this.#resting.has(queue);
      if (!isIdle || metadata.topics.get(queue.topic)?.id === queue.topicId) queue.goneSince = undefined;
      else if (queue.goneSince === undefined) queue.goneSince = now;
      else if (now - queue.goneSince >= GONE_FOR_MS) {
        this.#queues.delete(key);
        if (!metadata.topics.has(queue.topic)) this.#producer.forget(queue.key);
      }
    }
  }

  /** Gives it to the lane of its leader. */
  #dispatch(queue: PartitionQueue): void {
    if (queue.isEmpty || queue.isUnderWay || this.#resting.has(queue)) return;
    const topic = this.#cluster.metadata?.topics.get(queue.topic);
    const leader = topic?.id === queue.topicId ? (topic.leaders[queue.partition] ?? -1) : -1;
    try {
      this.#laneOf(leader).add(queue);
    } catch (error) {
      this.#rest(queue, error);
    }
  }

  #laneOf(leader: number): ProduceLane {
    const broker = this.#cluster.broker(leader);
    const known = this.#lanes.get(leader);
    if (known?.broker === broker) return known;
    const lane = new ProduceLane({
      broker,
      producer: this.#producer,
      timeoutMs: this.#cluster.requestTimeoutMs,
      world: this.#cluster.world,
      settled: queue => {
        this.#failures = 0;
        this.#appendedAt = this.#cluster.world.monotonic();
        // This expires what waited behind it. The queue is empty, so none of that is in doubt.
        if (queue.isLate(this.#appendedAt)) this.#expire(queue);
        this.#dispatch(queue);
      },
      failed: (queue, error) => this.#failed(queue, error),
    });
    this.#lanes.set(leader, lane);
    return lane;
  }

  #failed(queue: PartitionQueue, error: KafkaFault): void {
    const what = `Nothing could be appended to partition ${queue.partition} of topic ${queue.topic}`;
    switch (error.fault) {
      case FAULT.messageTooLarge:
      case FAULT.recordListTooLarge:
        // When several were sent, the others may fit.
        if (!queue.divide()) queue.giveUp(toLogError(error, what));
        break;
      case FAULT.outOfOrderSequence:
      case FAULT.unknownProducer:
      case FAULT.invalidProducerEpoch:
        // The broker forgot the producer. A new one can resend what was never in doubt.
        this.#producer.renew();
        if (queue.isInDoubt) queue.giveUp(toLogError(error, what));
        else queue.forgetPlace();
        break;
      default:
        if (error.mayPass) this.#rest(queue, error);
        else if (queue.hasBatch) queue.giveUp(toLogError(error, what));
        // Not even that could be made: whoever appends next asks for a producer again.
        else queue.failAll(toLogError(error, what));
    }
    this.#dispatch(queue);
  }

  #rest(queue: PartitionQueue, error: unknown): void {
    queue.lastFault = error instanceof KafkaFault ? error : new KafkaFault(FAULT.connection, String(error));
    this.#resting.add(queue);
    this.#wake();
  }

  /** All of them together, after a pause and with fresh metadata. */
  #wake(): void {
    if (this.#isPausing || this.#resting.size === 0) return;
    this.#isPausing = true;
    const { world } = this.#cluster;
    world.after(pauseAfter(++this.#failures, PAUSES, world.random()), async () => {
      const metadata = await this.#cluster.refresh().catch(() => undefined);
      this.#isPausing = false;
      const queues = [...this.#resting];
      this.#resting.clear();
      for (const queue of queues) {
        // Brokers learn of topics at different times: one alone may not know it yet.
        if (metadata && metadata.topics.get(queue.topic)?.id !== queue.topicId) {
          if (++queue.missing >= MAX_MISSING) queue.failAll(noTopic(queue.topic));
        } else if (metadata) queue.missing = 0;
        // What it sent may still arrive; by another epoch of the producer brokers refuse it.
        if (this.#expire(queue)) this.#producer.renew();
        if (metadata) this.#dispatch(queue);
        else if (!queue.isEmpty) this.#resting.add(queue);
      }
      this.#wake();
    });
  }

  #expire(queue: PartitionQueue): boolean {
    return queue.expire(this.#cluster.world.monotonic(), fault =>
      toLogError(fault, `Nothing could be appended to topic ${queue.topic}`),
    );
  }

  #failAll(): void {
    const closed = new TenfoldError('log-unavailable', 'The log is closed.');
    for (const queue of this.#queues.values()) queue.failAll(closed);
  }
}
