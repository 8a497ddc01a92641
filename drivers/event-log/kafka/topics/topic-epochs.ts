// Topic epochs in Kafka: how often the topic of each name has been made again. Kafka tells topics
// of one name apart by ids alone, so a topic of ours records their order.

import { epochOf, OFFSETS_PER_EPOCH } from '../../epochs.ts';
import type { AppendedAt, LogRecord, NewRecord, ReadBatch, ReadLimits } from '../../event-log.ts';
import { Batcher } from '../batcher.ts';
import type { Cluster, KafkaLog } from '../brokers/cluster.ts';
import { KafkaFault } from '../kafka-error.ts';
import type { TopicMetadata } from '../wire/metadata.ts';
import type { KafkaTopics } from './topics.ts';

export interface TopicEpochsOptions {
  readonly cluster: Pick<Cluster, 'metadata' | 'refresh' | 'topic'>;
  readonly topics: Pick<KafkaTopics, 'ensure'>;
  /** The topic that says so; one partition, its records are kept for ever. */
  readonly name: string;
  append(topic: string, records: readonly NewRecord[]): Promise<readonly AppendedAt[]>;
  read(topic: string, partition: number, from: number, limits: ReadLimits): Promise<ReadBatch>;
  readonly log: KafkaLog;
}

/** One record of the topic of epochs; its key is the name. */
interface EpochEntry {
  readonly name: string;
  readonly id: string;
  readonly epoch: number;
}

interface EpochRequest {
  readonly topic: TopicMetadata;
  readonly atLeast: number;
}

const MOST_AT_ONCE = 500;
const LIMITS: ReadLimits = { maxRecords: 10_000, maxBytes: 1 << 20 };
/** Id and epoch: `3f…9c 1`. */
const ENTRY = /^(\S+) (\d{1,4})$/;
/** Kafka's error code for a topic that was deleted and made again. */
const INCONSISTENT_TOPIC_ID = 103;

export class TopicEpochs {
  readonly #options: TopicEpochsOptions;
  /** By id of the topic. */
  readonly #epochs = new Map<string, EpochEntry>();
  /** By name, the last one. */
  readonly #last = new Map<string, number>();
  /** The id of the topic of epochs, and the offset up to which it was read. */
  #id: string | undefined;
  #read = 0;
  readonly #asking = new Batcher<EpochRequest, number>(MOST_AT_ONCE, requests => this.#learn(requests));

  constructor(options: TopicEpochsOptions) {
    this.#options = options;
  }

  /** The offset that its first record has here; undefined while it is not known. */
  firstOffsetOf({ name, id }: TopicMetadata): number | undefined {
    if (name === this.#options.name) return 0;
    const known = this.#epochs.get(id);
    return known && known.epoch * OFFSETS_PER_EPOCH;
  }

  /**
   * The same, waiting until all processes can know it. `from`: a position in this topic or an
   * earlier one, so that the epoch is not below that of the position.
   */
  async learn(topic: TopicMetadata, from = 0): Promise<number> {
    const first = this.firstOffsetOf(topic);
    if (first !== undefined && first + OFFSETS_PER_EPOCH > from) return first;
    // Its position is of a later one than is known of: what had been said of this name is gone.
    const atLeast = first === undefined ? epochOf(from) : epochOf(from) + 1;
    return OFFSETS_PER_EPOCH * (await this.#asking.add({ topic, atLeast }));
  }

  async #learn(requests: readonly EpochRequest[]): Promise<readonly number[]> {
    const { cluster, name, append } = this.#options;
    await this.#readOn();
    const unknown = requests.filter(each => !this.#isKnown(each));
    if (unknown.length > 0) {
      // When the name had another topic before, old metadata of a broker is not enough.
      const now = unknown.some(({ topic }) => this.#last.has(topic.name)) ? await cluster.refresh() : undefined;
      for (const { topic } of unknown)
        if (now && now.topics.get(topic.name)?.id !== topic.id) throw new KafkaFault(INCONSISTENT_TOPIC_ID, topic.name);
      const entries = unknown.map(({ topic, atLeast }) => ({
        name: topic.name,
        id: topic.id,
        epoch: Math.max(atLeast, (this.#last.get(topic.name) ?? -1) + 1),
      }));
      const places = await append(name, entries.map(toRecord));
      const fresh = await this.#readOn();
      for (const [at, { name: of, epoch }] of entries.entries())
        if (epoch > 0 && fresh.has(places[at]?.offset ?? -1)) this.#warnRecreated(of);
    }
    return requests.map(({ topic }) => {
      const known = this.#epochs.get(topic.id);
      if (!known) throw new KafkaFault(7, `what was said of topic ${topic.name} does not show yet`);
      return known.epoch;
    });
  }

  #isKnown({ topic, atLeast }: EpochRequest): boolean {
    const known = this.#epochs.get(topic.id);
    return known !== undefined && known.epoch >= atLeast;
  }

  /** All that is said by now; answers with the offsets at which that was something new. */
  async #readOn(): Promise<ReadonlySet<number>> {
    const fresh = new Set<number>();
    const { cluster, topics, name, append, read } = this.#options;
    if (!cluster.metadata?.topics.has(name) && !(await cluster.refresh()).topics.has(name))
      await topics.ensure(name, { partitions: 1 });
    const { id } = await cluster.topic(name);
    if (id !== this.#id) {
      // Deleted: what it had said is known here, and must not be forgotten by others.
      const known = [...this.#epochs.values()];
      if (this.#id !== undefined) await append(name, known.map(toRecord));
      this.#id = id;
      this.#read = 0;
    }
    for (;;) {
      const { records, next, bounds } = await read(name, 0, this.#read, LIMITS);
      for (const record of records) {
        const entry = readEntry(record);
        if (entry && this.#take(entry)) fresh.add(record.offset);
      }
      this.#read = next;
      if (next >= bounds.end) return fresh;
    }
  }

  /** The same for all who read it in this order. False: it was known. */
  #take({ name, id, epoch }: EpochEntry): boolean {
    const known = this.#epochs.get(id);
    if (known && known.epoch >= epoch) return false;
    const last = this.#last.get(name) ?? -1;
    const taken = known ? epoch : Math.max(epoch, last + 1);
    this.#epochs.set(id, { name, id, epoch: taken });
    this.#last.set(name, Math.max(last, taken));
    return true;
  }

  #warnRecreated(name: string): void {
    this.#options.log(
      'warn',
      `Topic ${name} was deleted and made again. Its consumers go on at the first record of the new one; what they had not read of the earlier one is gone.`,
    );
  }
}

/** Undefined for what others have put there. */
function readEntry({ key, value }: LogRecord): EpochEntry | undefined {
  const [, id, epoch] = ENTRY.exec(Buffer.from(value).toString()) ?? [];
  return key === null || id === undefined ? undefined : { name: key, id, epoch: Number(epoch) };
}

function toRecord({ name, id, epoch }: EpochEntry): NewRecord {
  return { key: name, value: Buffer.from(`${id} ${epoch}`), headers: {} };
}
