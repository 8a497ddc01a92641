// Reads for all open readers together: from each broker with a few long polls, each with every
// reader that waits and is in no other.
import { pauseAfter } from '../../../../core/retry/backoff.ts';
import { sleep } from '../../../../core/world.ts';
import type { Broker, ManagedConnection } from '../brokers/broker.ts';
import type { Cluster } from '../brokers/cluster.ts';
import { FAULT, KafkaFault } from '../kafka-error.ts';
import { type FetchedPartition, fetchRequest } from '../wire/fetch.ts';
import { toChunk } from './chunk.ts';
import type { KafkaPartitionReader } from './partition-reader.ts';

/**
 * Connections for reading from one broker: one is free for readers that come
 * while others wait for news.
 */
const CONNECTIONS = 3;
/**
 * The wait of a poll while another connection is free. The poll that takes the last free one is
 * short, as new readers wait for its end.
 */
const LONG_WAIT_MS = 5000;
const SHORT_WAIT_MS = 100;
/** Of one answer. */
const MAX_ANSWER_BYTES = 8 << 20;
const PAUSES = { base: 50, max: 500 };

export class Fetcher {
  readonly #cluster: Cluster;
  readonly #waiting = new Set<KafkaPartitionReader>();
  readonly #pollers = new Map<Broker, Poller>();
  /** The waiting readers that are paused at the moment. */
  readonly #resting = new Set<KafkaPartitionReader>();
  #isScheduled = false;
  /** Since a partition was read. */
  #failures = 0;
  #isPausing = false;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** It has nothing left and somebody waits for more. */
  ask(reader: KafkaPartitionReader): void {
    this.#waiting.add(reader);
    this.#schedule();
  }

  /** It needs nothing any more. */
  forget(reader: KafkaPartitionReader): void {
    this.#waiting.delete(reader);
    this.#resting.delete(reader);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    // All that ask in this turn of the loop go together.
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    const byBroker = new Map<Broker, KafkaPartitionReader[]>();
    for (const reader of this.#waiting) {
      if (reader.isUnderWay || this.#resting.has(reader)) continue;
      try {
        const broker = this.#cluster.broker(reader.leader());
        const those = byBroker.get(broker);
        if (those) those.push(reader);
        else byBroker.set(broker, [reader]);
      } catch {
        this.#rest([reader]);
      }
    }
    for (const [broker, readers] of byBroker) this.#pollerOf(broker).add(readers);
  }

  #pollerOf(broker: Broker): Poller {
    let poller = this.#pollers.get(broker);
    if (!poller) {
      for (const known of this.#pollers.keys()) if (known.id === broker.id) this.#pollers.delete(known);
      poller = new Poller(broker, this.#cluster.requestTimeoutMs, {
        answered: (readers, partition) => this.#answered(readers, partition),
        failed: readers => this.#rest(readers),
        ended: () => this.#schedule(),
      });
      this.#pollers.set(broker, poller);
    }
    return poller;
  }

  #answered(readers: readonly KafkaPartitionReader[], partition: FetchedPartition): void {
    if (partition.error === 0) {
      this.#failures = 0;
      const chunk = toChunk(partition, readers[0]?.from ?? 0);
      for (const reader of readers) reader.take(chunk);
    } else if (partition.error === FAULT.offsetOutOfRange) for (const reader of readers) void reader.relocate();
    else if (new KafkaFault(partition.error).mayPass) this.#rest(readers);
    else for (const reader of readers) reader.fail(new KafkaFault(partition.error));
  }

  /** They are tried again after a pause, with fresh metadata; the others go on. */
  #rest(readers: Iterable<KafkaPartitionReader>): void {
    for (const reader of readers) this.#resting.add(reader);
    if (this.#isPausing) return;
    this.#isPausing = true;
    void this.#restFor(pauseAfter(++this.#failures, PAUSES, this.#cluster.world.random()));
  }

  async #restFor(pause: number): Promise<void> {
    try {
      await sleep(this.#cluster.world, pause, this.#cluster.closed);
    } catch {
      return;
    }
    const metadata = await this.#cluster.refresh().catch(() => undefined);
    this.#isPausing = false;
    const readers = [...this.#resting];
    this.#resting.clear();
    if (!metadata) {
      this.#rest(readers);
      return;
    }
    for (const reader of readers) reader.look(metadata);
    this.#schedule();
  }
}

interface PollerListener {
  answered(readers: readonly KafkaPartitionReader[], partition: FetchedPartition): void;
  /** Nothing is known of them. */
  failed(readers: readonly KafkaPartitionReader[]): void;
  ended(): void;
}

/** The polls of one broker. */
class Poller {
  readonly #connections: ManagedConnection[];
  readonly #free: ManagedConnection[];
  readonly #timeoutMs: number;
  readonly #listener: PollerListener;
  /** The number of short polls under way. */
  #short = 0;

  constructor(broker: Broker, timeoutMs: number, listener: PollerListener) {
    this.#connections = Array.from({ length: CONNECTIONS }, () => broker.newConnection());
    this.#free = [...this.#connections];
    this.#timeoutMs = timeoutMs;
    this.#listener = listener;
  }

  /** Readers that find no free connection still wait when one becomes free. */
  add(readers: readonly KafkaPartitionReader[]): void {
    // Readers without new records wait for the short poll that is about to end, so that a
    // connection stays free.
    if (this.#short > 0 && readers.every(reader => reader.isAtEnd)) return;
    const connection = this.#free.pop();
    if (!connection) return;
    void this.#poll(connection, readers);
  }

  async #poll(connection: ManagedConnection, readers: readonly KafkaPartitionReader[]): Promise<void> {
    // Readers of the same partition and offset share an answer; a partition
    // can be in a request once.
    const asked = new Map<string, KafkaPartitionReader[]>();
    // Readers that are behind come first: they get an answer at once, and room in it.
    for (const reader of readers.toSorted((a, b) => Number(a.isAtEnd) - Number(b.isAtEnd))) {
      const key = `${reader.topic}/${reader.partition}`;
      const others = asked.get(key);
      if (others && others[0]?.from !== reader.from) continue;
      if (others) others.push(reader);
      else asked.set(key, [reader]);
      reader.isUnderWay = true;
    }
    const isShort = this.#free.length === 0;
    if (isShort) this.#short++;
    try {
      const wanted = [...asked.values()].flatMap(([first]) => (first ? [first.request()] : []));
      const waitMs = isShort ? SHORT_WAIT_MS : LONG_WAIT_MS;
      const request = fetchRequest(wanted, { waitMs, maxBytes: MAX_ANSWER_BYTES });
      const answer = await connection.send(request, waitMs + this.#timeoutMs);
      for (const those of asked.values()) for (const reader of those) reader.isUnderWay = false;
      if (answer.error !== 0) throw new KafkaFault(answer.error);
      for (const partition of answer.partitions) {
        const those = asked.get(`${partition.topic}/${partition.partition}`);
        if (those) this.#listener.answered(those, partition);
      }
    } catch {
      const all = [...asked.values()].flat();
      for (const reader of all) reader.isUnderWay = false;
      this.#listener.failed(all);
    }
    if (isShort) this.#short--;
    this.#free.push(connection);
    this.#listener.ended();
  }
}
