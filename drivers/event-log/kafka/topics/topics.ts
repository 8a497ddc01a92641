// Creates, grows, changes, deletes and describes topics. Not all brokers know of a change at once,
// so each change is waited for.

import { TenfoldError } from '../../../../core/errors.ts';
import { counted } from '../../../../core/units/counted.ts';
import { sleep } from '../../../../core/world.ts';
import type { Bounds, TopicSettings, TopicStatus } from '../../event-log.ts';
import { Batcher } from '../batcher.ts';
import type { Cluster } from '../brokers/cluster.ts';
import { assertNone, FAULT, KafkaFault } from '../kafka-error.ts';
import type { TopicMetadata } from '../wire/metadata.ts';
import type { KafkaRequest } from '../wire/request.ts';
import {
  alterTopic,
  type CreatedTopic,
  createTopics,
  deleteRecords,
  deleteTopics,
  describeTopics,
  growTopic,
  LATEST,
  listOffsets,
} from '../wire/topics.ts';
import { boundsIn } from './bounds-in.ts';
import { configsOf, MAX_MESSAGE, MIN_INSYNC } from './topic-configs.ts';

export interface TopicDefaults {
  /** -1: the brokers' default. */
  readonly replicationFactor: number;
  /** Settings of topics that are made, such as `min.insync.replicas`. */
  readonly settings: Readonly<Record<string, string>>;
}

type Retention = Pick<TopicSettings, 'retentionMs' | 'retentionBytes'>;

interface Learned {
  readonly retention: Retention;
  readonly minInsyncReplicas: number | undefined;
  readonly maxMessageBytes: number | undefined;
  readonly at: number;
}

const POLL_MS = 20;
/**
 * Timeout of a change of topics: brokers create files for each partition, and many
 * may be requested at once.
 */
const CHANGE_TIMEOUT_MS = 30_000;
const MAX_BATCH = 25;
/** Changes of others show within that time. */
const RETENTION_AGE_MS = 30_000;
/** `topics()` is asked by many, often. */
const LIST_AGE_MS = 900;

interface TopicError {
  readonly topic: string;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

interface Outcome {
  readonly fault: number;
  readonly detail: string;
}

const NO_OUTCOME: Outcome = { fault: -1, detail: 'nothing was said of it' };

export class KafkaTopics {
  readonly #cluster: Cluster;
  readonly #defaults: TopicDefaults;
  /** By id of the topic. */
  readonly #learned = new Map<string, Learned>();

  readonly #creating = new Batcher<CreatedTopic, Outcome>(MAX_BATCH, async topics => {
    // Each once in a request; who comes second looks at what the first has made.
    const firsts = new Map(topics.toReversed().map(topic => [topic.name, topic]));
    const outcomes = await this.#change(createTopics([...firsts.values()], CHANGE_TIMEOUT_MS));
    return topics.map(topic =>
      firsts.get(topic.name) === topic
        ? (outcomes.get(topic.name) ?? NO_OUTCOME)
        : { fault: FAULT.topicExists, detail: '' },
    );
  });
  readonly #deleting = new Batcher<string, Outcome>(MAX_BATCH, async names => {
    const firsts = [...new Set(names)];
    const outcomes = await this.#change(deleteTopics(firsts, CHANGE_TIMEOUT_MS));
    return names.map(name => outcomes.get(name) ?? NO_OUTCOME);
  });

  constructor(cluster: Cluster, defaults: TopicDefaults) {
    this.#cluster = cluster;
    this.#defaults = defaults;
  }

  ensure(name: string, settings: TopicSettings): Promise<void> {
    return this.#cluster.attempt(`Topic ${name} could not be made ready`, async () => {
      const found = (await this.#cluster.refresh()).topics.get(name);
      if (!found) {
        await this.#create(name, settings);
        if (settings.recordBytes !== undefined) await this.#alter(await this.#cluster.topic(name), settings);
        return;
      }
      const count = found.leaders.length;
      if (settings.partitions < count)
        throw new TenfoldError(
          'conflict',
          `Topic ${name} has ${counted(count, 'partition')} and cannot have ${settings.partitions}: keys would change their partition, and records be lost.`,
        );
      if (settings.partitions > count) await this.#grow(name, settings.partitions);
      await this.#alter(found, settings);
    });
  }

  delete(name: string): Promise<void> {
    return this.#cluster.attempt(`Topic ${name} could not be deleted`, async () => {
      const { fault } = await this.#deleting.add(name);
      if (fault !== FAULT.unknownTopic) assertNone(fault);
      await this.#shows(metadata => metadata === undefined, name);
    });
  }

  async list(): Promise<TopicStatus[]> {
    return this.#cluster.attempt('Topics could not be listed', async () => {
      const { topics } = await this.#cluster.fresh(LIST_AGE_MS);
      const all = [...topics.values()];
      await this.#learn(all);
      return all.map(topic => ({
        name: topic.name,
        id: topic.id,
        partitions: topic.leaders.length,
        ...this.#learned.get(topic.id)?.retention,
      }));
    });
  }

  bounds(name: string): Promise<readonly Bounds[] | undefined> {
    return this.#cluster.attempt(`Topic ${name} could not be measured`, async () => {
      // A topic may have got more partitions meanwhile.
      const topic = (await this.#cluster.fresh(LIST_AGE_MS)).topics.get(name) ?? (await this.#cluster.look(name));
      if (!topic) return undefined;
      const all = topic.leaders.map((_, partition) => partition);
      return boundsIn(topic, all, this);
    });
  }

  boundsOf(name: string, partition: number): Promise<Bounds> {
    return this.#cluster.attempt(`Partition ${partition} of topic ${name} could not be measured`, async () => {
      const topic = await this.#partition(name, partition);
      const [bounds = { start: 0, end: 0 }] = await boundsIn(topic, [partition], this);
      return bounds;
    });
  }

  offsetAt(name: string, partition: number, timeMs: number): Promise<number> {
    return this.#cluster.attempt(`Topic ${name} could not be searched for a time`, async () => {
      const topic = await this.#partition(name, partition);
      const found = (await this.offsets(topic, [partition], Math.max(0, Math.ceil(timeMs)))).get(partition) ?? -1;
      return found >= 0 ? found : ((await this.offsets(topic, [partition], LATEST)).get(partition) ?? 0);
    });
  }

  trim(name: string, partition: number, before: number): Promise<void> {
    return this.#cluster.attempt(`Topic ${name} could not be trimmed`, async () => {
      const topic = await this.#partition(name, partition);
      const broker = this.#cluster.broker(topic.leaders[partition] ?? -1);
      const { start, end } = await this.boundsOf(name, partition);
      if (before <= start) return;
      const { topics } = await broker.ask(deleteRecords(name, partition, Math.min(before, end), this.#timeout));
      assertNone(topics[0]?.partitions[0]?.errorCode ?? -1);
    });
  }

  /** By partition, asked of their leaders. */
  async offsets(topic: TopicMetadata, partitions: readonly number[], time: number): Promise<Map<number, number>> {
    const byLeader = Map.groupBy(partitions, partition => topic.leaders[partition] ?? -1);
    const answers = await Promise.all(
      [...byLeader].map(([leader, those]) => this.#cluster.broker(leader).ask(listOffsets(topic.name, those, time))),
    );
    const found = new Map<number, number>();
    for (const { partition, offset, errorCode } of answers.flatMap(({ responses }) => responses[0]?.partitions ?? [])) {
      assertNone(errorCode);
      found.set(partition, Number(offset));
    }
    return found;
  }

  get #timeout(): number {
    return this.#cluster.requestTimeoutMs;
  }

  async #partition(name: string, partition: number): Promise<TopicMetadata> {
    const topic = await this.#cluster.topic(name);
    if (partition in topic.leaders) return topic;
    const now = await this.#cluster.freshTopic(name);
    if (partition in now.leaders) return now;
    throw noPartition(now, partition);
  }

  async #create(name: string, settings: TopicSettings): Promise<void> {
    const created = {
      name,
      partitions: settings.partitions,
      replicas: settings.replicas ?? this.#defaults.replicationFactor,
      settings: {
        // The time of a record is when it was appended, by the log's clock.
        'message.timestamp.type': 'LogAppendTime',
        ...this.#defaults.settings,
        ...configsOf(settings),
      },
    };
    const { fault, detail } = await this.#creating.add(created);
    // Another process made it: its settings are read from the beginning.
    assertNone(fault, detail);
    await this.#shows(topic => topic?.leaders.length === settings.partitions, name);
  }

  async #grow(name: string, partitions: number): Promise<void> {
    const outcomes = await this.#change(growTopic(name, partitions, CHANGE_TIMEOUT_MS));
    const { fault, detail } = outcomes.get(name) ?? NO_OUTCOME;
    // Another process may have grown it meanwhile.
    if (fault === FAULT.invalidPartitions) throw new KafkaFault(FAULT.topicExists);
    assertNone(fault, detail);
    await this.#shows(topic => (topic?.leaders.length ?? 0) >= partitions, name);
  }

  /** By name, whatever became of each. */
  async #change(request: KafkaRequest<{ readonly topicErrors: readonly TopicError[] }>): Promise<Map<string, Outcome>> {
    const broker = await this.#cluster.anyBroker();
    const { topicErrors } = await broker.askAlone(request, CHANGE_TIMEOUT_MS + this.#timeout);
    return new Map(topicErrors.map(each => [each.topic, { fault: each.errorCode, detail: each.errorMessage ?? '' }]));
  }

  async #alter(topic: TopicMetadata, wanted: TopicSettings): Promise<void> {
    this.#learned.delete(topic.id);
    await this.#learn([topic]);
    const { retention, minInsyncReplicas, maxMessageBytes = 0 } = this.#learned.get(topic.id) ?? {};
    const isSame =
      retention?.retentionMs === wanted.retentionMs &&
      retention?.retentionBytes === wanted.retentionBytes &&
      (wanted.minInsyncReplicas === undefined || wanted.minInsyncReplicas === minInsyncReplicas);
    const broker = await this.#cluster.anyBroker();
    if (!isSame) assertNone(await broker.ask(alterTopic(topic.name, configsOf(wanted))));
    const { recordBytes = 0 } = wanted;
    if (maxMessageBytes < recordBytes) {
      const fault = await broker.ask(alterTopic(topic.name, { [MAX_MESSAGE]: String(recordBytes) }));
      // Without the right to, or against a policy, nearly all records fit all the same.
      if (new KafkaFault(fault).mayPass) throw new KafkaFault(fault);
    }
    this.#learned.delete(topic.id);
  }

  /** Asks for the settings of those of which they are not known, or not lately. */
  async #learn(topics: readonly TopicMetadata[]): Promise<void> {
    const now = this.#cluster.world.monotonic();
    const unknown = topics.filter(
      ({ id }) => !((this.#learned.get(id)?.at ?? -RETENTION_AGE_MS) > now - RETENTION_AGE_MS),
    );
    if (unknown.length === 0) return;
    const broker = await this.#cluster.anyBroker();
    const names = unknown.map(({ name }) => name);
    const settings = ['retention.ms', 'retention.bytes', MIN_INSYNC, MAX_MESSAGE];
    const { resources } = await broker.ask(describeTopics(names, settings));
    const byName = new Map(resources.map(resource => [resource.resourceName, resource]));
    for (const { id, name } of unknown) {
      // Without the right to see it, or gone by now: not known.
      const entries = byName.get(name)?.configEntries ?? [];
      const settingOf = (wanted: string) => {
        const value = Number(entries.find(({ configName }) => configName === wanted)?.configValue ?? -1);
        return value < 0 ? undefined : value;
      };
      const retention = { retentionMs: settingOf('retention.ms'), retentionBytes: settingOf('retention.bytes') };
      const [minInsyncReplicas, maxMessageBytes] = [settingOf(MIN_INSYNC), settingOf(MAX_MESSAGE)];
      this.#learned.set(id, { retention, minInsyncReplicas, maxMessageBytes, at: now });
    }
    for (const id of this.#learned.keys()) {
      if (this.#learned.size > 2 * topics.length + 1000) this.#learned.delete(id);
    }
  }

  /** Until all that is to be known of it is so, with a leader for each partition. */
  async #shows(holds: (topic: TopicMetadata | undefined) => boolean, name: string): Promise<void> {
    const { world } = this.#cluster;
    const end = world.monotonic() + CHANGE_TIMEOUT_MS;
    for (;;) {
      const topic = (await this.#cluster.refresh()).topics.get(name);
      if (holds(topic) && !topic?.leaders.includes(-1)) return;
      if (world.monotonic() > end) throw new KafkaFault(7, 'what was changed does not show yet');
      await sleep(world, POLL_MS, this.#cluster.closed);
    }
  }
}

export function noPartition({ name, leaders }: TopicMetadata, partition: number): TenfoldError {
  return new TenfoldError('not-found', `Topic ${name} has partitions 0 to ${leaders.length - 1}, not ${partition}.`);
}
