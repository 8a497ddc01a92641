// The producer's identity at the brokers: by its id, epoch and sequence they store a batch once,
// however often it is sent.
import type { Cluster } from '../brokers/cluster.ts';
import { assertNone } from '../kafka-error.ts';
import type { ProducerPlace } from '../wire/record-batch.ts';
import { initProducerId } from '../wire/topics.ts';

const LAST_EPOCH = 32_767;

export class Producer {
  readonly #cluster: Cluster;
  #id: number | undefined;
  #epoch = 0;
  #asking: Promise<void> | undefined;
  /** Next sequence by partition. */
  readonly #sequences = new Map<string, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  get isReady(): boolean {
    return this.#id !== undefined;
  }

  /** Makes the producer ready; rejects with the fault. */
  async prepare(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    await this.#asking;
  }

  /**
   * The place of the next records in a partition. Call it once a batch, when the batch is ready.
   */
  place(partition: string, count: number): ProducerPlace {
    const sequence = this.#sequences.get(partition) ?? 0;
    // It goes round.
    this.#sequences.set(partition, (sequence + count) % 2 ** 31);
    return { id: this.#id ?? -1, epoch: this.#epoch, sequence };
  }

  /**
   * Only of a partition that never comes back: from the beginning again, a batch could be taken for
   * one that was sent before.
   */
  forget(partition: string): void {
    this.#sequences.delete(partition);
  }

  /**
   * A later epoch: brokers that have heard of it refuse what still comes of the earlier ones,
   * and sequences begin again.
   */
  renew(): void {
    this.#cluster.counts.renewed++;
    this.#sequences.clear();
    if (this.#epoch < LAST_EPOCH) this.#epoch++;
    else this.#id = undefined;
  }

  async #ask(): Promise<void> {
    const broker = await this.#cluster.anyBroker();
    const { errorCode, producerId, producerEpoch } = await broker.ask(initProducerId());
    assertNone(errorCode);
    this.#id = Number(producerId);
    this.#epoch = producerEpoch;
    this.#sequences.clear();
  }
}
