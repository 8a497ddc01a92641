// The way to one broker: one request under way, and all that waits for it goes with the next.
import type { World } from '../../../../core/world.ts';
import type { Broker, ManagedConnection } from '../brokers/broker.ts';
import { FAULT, KafkaFault } from '../kafka-error.ts';
import { type ProducedBatch, produceRequest } from '../wire/produce.ts';
import type { PartitionQueue } from './partition-queue.ts';
import type { Producer } from './producer.ts';

export interface ProduceLaneOptions {
  readonly broker: Broker;
  readonly producer: Producer;
  readonly world: World;
  readonly timeoutMs: number;
  /** Its batch is durable. */
  settled(queue: PartitionQueue): void;
  /** Its batch is as it was. */
  failed(queue: PartitionQueue, error: KafkaFault): void;
}

/** The size of a request; another batch goes into it while it is smaller. */
const MAX_REQUEST_BYTES = 4 << 20;
/** After these it may have taken them. */
const IN_DOUBT = new Set<number>([7, 13, 20, -1, FAULT.connection]);

export class ProduceLane {
  readonly broker: Broker;
  readonly #options: ProduceLaneOptions;
  readonly #connection: ManagedConnection;
  readonly #ready = new Set<PartitionQueue>();
  #isUnderWay = false;

  constructor(options: ProduceLaneOptions) {
    this.#options = options;
    this.broker = options.broker;
    this.#connection = options.broker.newConnection();
  }

  add(queue: PartitionQueue): void {
    this.#ready.add(queue);
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    // Batches that are appended in this turn of the loop go along.
    queueMicrotask(() => void this.#work());
  }

  async #work(): Promise<void> {
    while (this.#ready.size > 0) await this.#send();
    this.#isUnderWay = false;
  }

  async #send(): Promise<void> {
    const { producer, timeoutMs } = this.#options;
    const queues = new Map<string, PartitionQueue>();
    try {
      if (!producer.isReady) await producer.prepare();
      const batches: ProducedBatch[] = [];
      let size = 0;
      for (const queue of this.#ready) {
        if (size >= MAX_REQUEST_BYTES) break;
        const { key, topic, partition } = queue;
        // An answer does not tell two topics apart that had the same name one after the other.
        if (queues.has(key)) continue;
        this.#ready.delete(queue);
        // On its way to another broker, as its leader changed while it waited here: it is given to
        // its lane again when that one has answered.
        if (queue.isEmpty || queue.isUnderWay) continue;
        const bytes = queue.next(producer);
        size += bytes.length;
        batches.push({ topic, partition, bytes });
        queues.set(key, queue);
        queue.isUnderWay = true;
      }
      if (batches.length === 0) return;
      const answers = await this.#connection.send(produceRequest(batches, timeoutMs), timeoutMs + 1000);
      for (const { topic, partition, error, baseOffset } of answers) {
        const queue = queues.get(`${topic}/${partition}`);
        if (!queue) continue;
        queues.delete(`${topic}/${partition}`);
        queue.isUnderWay = false;
        if (error === 0) {
          queue.appended(baseOffset);
          this.#options.settled(queue);
          continue;
        }
        if (IN_DOUBT.has(error)) queue.doubt();
        this.#options.failed(queue, new KafkaFault(error));
      }
      if (queues.size > 0) throw new KafkaFault(-1, 'it did not answer for all partitions');
    } catch (error) {
      const fault = error instanceof KafkaFault ? error : new KafkaFault(FAULT.connection, String(error));
      if (queues.size === 0) this.#failReady(fault);
      for (const queue of queues.values()) {
        queue.isUnderWay = false;
        queue.doubt();
        this.#options.failed(queue, fault);
      }
    }
  }

  /** Nothing could be sent: no producer. */
  #failReady(fault: KafkaFault): void {
    const ready = [...this.#ready];
    this.#ready.clear();
    for (const queue of ready) if (!queue.isUnderWay) this.#options.failed(queue, fault);
  }
}
