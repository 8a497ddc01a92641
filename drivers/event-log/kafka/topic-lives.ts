// Which life of its name each topic is. Kafka tells topics of one name apart by ids alone, so a topic of ours says in which order they came, to all.

import type { AppendedAt, LogRecord, NewRecord, ReadBatch, ReadLimits } from '../event-log.ts';
import { LIFE, lifeOf } from '../lives.ts';
import { Batcher } from './batcher.ts';
import type { Cluster, KafkaLog } from './cluster.ts';
import { KafkaFault } from './kafka-error.ts';
import type { Topics } from './topics.ts';
import type { TopicMetadata } from './wire/metadata.ts';

export interface TopicLivesOptions {
  readonly cluster: Pick<Cluster, 'metadata' | 'refresh' | 'topic'>;
  readonly topics: Pick<Topics, 'ensure'>;
  /** The topic that says so; one partition, its records are kept for ever. */
  readonly name: string;
  append(topic: string, records: readonly NewRecord[]): Promise<readonly AppendedAt[]>;
  read(topic: string, partition: number, from: number, limits: ReadLimits): Promise<ReadBatch>;
  readonly log: KafkaLog;
}

/** What a record says of the name that is its key. */
interface Told {
  readonly name: string;
  readonly id: string;
  readonly life: number;
}

interface Asked {
  readonly topic: TopicMetadata;
  readonly atLeast: number;
}

const MOST_AT_ONCE = 500;
const LIMITS: ReadLimits = { maxRecords: 10_000, maxBytes: 1 << 20 };
/** Id and life: `3f…9c 1`. */
const TOLD = /^(\S+) (\d{1,4})$/;
/** The topic was made anew. */
const MADE_ANEW = 103;

export class TopicLives {
  readonly #options: TopicLivesOptions;
  /** By id of the topic. */
  readonly #lives = new Map<string, Told>();
  /** By name, the last one. */
  readonly #last = new Map<string, number>();
  /** Of the topic that says so: which one it is, and how far it was read. */
  #id: string | undefined;
  #read = 0;
  readonly #asking = new Batcher<Asked, number>(MOST_AT_ONCE, asked => this.#learn(asked));

  constructor(options: TopicLivesOptions) {
    this.#options = options;
  }

  /** The offset that its first record has here; undefined while it is not known. */
  firstOf({ name, id }: TopicMetadata): number | undefined {
    if (name === this.#options.name) return 0;
    const known = this.#lives.get(id);
    return known && known.life * LIFE;
  }

  /** The same once it is known, here and to all. `from`: a position of it or of an earlier one, so that its life is not an earlier one. */
  async learn(topic: TopicMetadata, from = 0): Promise<number> {
    const first = this.firstOf(topic);
    if (first !== undefined && first + LIFE > from) return first;
    // Its position is of a later one than is known of: what had been said of this name is gone.
    const atLeast = first === undefined ? lifeOf(from) : lifeOf(from) + 1;
    return LIFE * (await this.#asking.add({ topic, atLeast }));
  }

  async #learn(asked: readonly Asked[]): Promise<readonly number[]> {
    const { cluster, name, append } = this.#options;
    await this.#readOn();
    const unknown = asked.filter(each => !this.#isKnown(each));
    if (unknown.length > 0) {
      // Of a name that had another one nobody may go by what a broker knew some time ago.
      const now = unknown.some(({ topic }) => this.#last.has(topic.name)) ? await cluster.refresh() : undefined;
      for (const { topic } of unknown)
        if (now && now.topics.get(topic.name)?.id !== topic.id) throw new KafkaFault(MADE_ANEW, topic.name);
      const told = unknown.map(({ topic, atLeast }) => ({
        name: topic.name,
        id: topic.id,
        life: Math.max(atLeast, (this.#last.get(topic.name) ?? -1) + 1),
      }));
      const places = await append(name, told.map(toRecord));
      const news = await this.#readOn();
      for (const [at, { name: of, life }] of told.entries())
        if (life > 0 && news.has(places[at]?.offset ?? -1)) this.#tell(of);
    }
    return asked.map(({ topic }) => {
      const known = this.#lives.get(topic.id);
      if (!known) throw new KafkaFault(7, `what was said of topic ${topic.name} does not show yet`);
      return known.life;
    });
  }

  #isKnown({ topic, atLeast }: Asked): boolean {
    const known = this.#lives.get(topic.id);
    return known !== undefined && known.life >= atLeast;
  }

  /** All that is said by now; answers with the offsets at which that was something new. */
  async #readOn(): Promise<ReadonlySet<number>> {
    const news = new Set<number>();
    const { cluster, topics, name, append, read } = this.#options;
    if (!cluster.metadata?.topics.has(name) && !(await cluster.refresh()).topics.has(name))
      await topics.ensure(name, { partitions: 1 });
    const { id } = await cluster.topic(name);
    if (id !== this.#id) {
      // Deleted: what it had said is known here, and must not be forgotten by others.
      const known = [...this.#lives.values()];
      if (this.#id !== undefined) await append(name, known.map(toRecord));
      this.#id = id;
      this.#read = 0;
    }
    for (;;) {
      const { records, next, bounds } = await read(name, 0, this.#read, LIMITS);
      for (const record of records) {
        const told = readTold(record);
        if (told && this.#take(told)) news.add(record.offset);
      }
      this.#read = next;
      if (next >= bounds.end) return news;
    }
  }

  /** The same for all who read it in this order. False: it was known. */
  #take({ name, id, life }: Told): boolean {
    const known = this.#lives.get(id);
    if (known && known.life >= life) return false;
    const last = this.#last.get(name) ?? -1;
    const taken = known ? life : Math.max(life, last + 1);
    this.#lives.set(id, { name, id, life: taken });
    this.#last.set(name, Math.max(last, taken));
    return true;
  }

  #tell(name: string): void {
    this.#options.log(
      'warn',
      `Topic ${name} was deleted and made again. Its consumers go on at the first record of the new one; what they had not read of the earlier one is gone.`,
    );
  }
}

/** Undefined for what others have put there. */
function readTold({ key, value }: LogRecord): Told | undefined {
  const [, id, life] = TOLD.exec(Buffer.from(value).toString()) ?? [];
  return key === null || id === undefined ? undefined : { name: key, id, life: Number(life) };
}

function toRecord({ name, id, life }: Told): NewRecord {
  return { key: name, value: Buffer.from(`${id} ${life}`), headers: {} };
}
