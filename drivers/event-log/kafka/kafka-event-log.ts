// EventLog over Kafka: the cluster, and what appends to it, reads from it and shares it, composed.

import { TOPIC_EPOCHS_TOPIC } from '../../../core/names.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, ReadLimits } from '../event-log.ts';
import { Cluster, type KafkaLog } from './brokers/cluster.ts';
import type { KafkaConnection } from './brokers/connection-options.ts';
import type { KafkaCounts } from './counts.ts';
import { shiftBatch, shiftBounds } from './fetch/chunk.ts';
import { Fetcher } from './fetch/fetcher.ts';
import { readNow } from './fetch/read-now.ts';
import { GroupMember } from './group/group-member.ts';
import type { MemberContext } from './group/member-context.ts';
import { Positions } from './group/positions.ts';
import { KafkaAppender } from './produce/appender.ts';
import { TopicEpochs } from './topics/topic-epochs.ts';
import { KafkaTopics } from './topics/topics.ts';
import type { Compression } from './wire/record-batch.ts';

export interface KafkaEventLogOptions {
  readonly world: World;
  readonly connection: KafkaConnection;
  /** Told of changes of state, once each. */
  readonly log?: KafkaLog | undefined;
  readonly topics?:
    | {
        /**
         * Replicas of new topics; the brokers' default
         * (`default.replication.factor`) when left out.
         */
        readonly replicationFactor?: number | undefined;
        /** Settings of topics that are made, such as `min.insync.replicas`. */
        readonly settings?: Readonly<Record<string, string>> | undefined;
        /**
         * The topic that says which topics were made again under their names;
         * `topic.epochs` when left out.
         */
        readonly epochs?: string | undefined;
      }
    | undefined;
  /** `none` when left out. */
  readonly compression?: Compression | undefined;
  /**
   * Beyond it a broker is asked anew or given up, and calls fail with
   * `log-unavailable`; 5,000 when left out.
   */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * Beyond it an append fails with `log-unavailable`; 10,000 when left out. Brokers that are lost
   * are replaced by others meanwhile.
   */
  readonly deliveryTimeoutMs?: number | undefined;
  /**
   * Bytes of records that are not durable yet; beyond it appends fail with
   * `overloaded`. 64 MiB when left out.
   */
  readonly maxPendingBytes?: number | undefined;
  /**
   * After it the members of a group give up on one that they have not heard
   * of; 10,000 when left out.
   */
  readonly sessionTimeoutMs?: number | undefined;
  /** 1,000 when left out. Others that join or leave are noticed with it. */
  readonly heartbeatMs?: number | undefined;
  /** Goes on counting there. */
  readonly counts?: KafkaCounts | undefined;
}

const HEALTH_AGE_MS = 1000;
const DRAIN_WITHIN_MS = 5000;

/**
 * Opens at once, whether anybody can be reached or not: it is tried for as long as the log is open.
 */
export function openKafkaEventLog(options: KafkaEventLogOptions): EventLog {
  const { world, connection, requestTimeoutMs = 5000, log = () => {}, counts } = options;
  const cluster = new Cluster({ world, connection, requestTimeoutMs, log, counts });
  const topics = new KafkaTopics(cluster, {
    replicationFactor: options.topics?.replicationFactor ?? -1,
    settings: options.topics?.settings ?? {},
  });
  const appender = new KafkaAppender({
    cluster,
    epochs: () => epochs,
    compression: options.compression ?? 'none',
    maxPendingBytes: options.maxPendingBytes ?? 64 << 20,
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? 10_000,
  });
  const positions = new Positions(cluster);
  const epochs = new TopicEpochs({
    cluster,
    topics,
    name: options.topics?.epochs ?? TOPIC_EPOCHS_TOPIC,
    append: (topic, records) => appender.append(topic, records),
    read: (topic, partition, from, limits) => readNow(context, topic, partition, from, limits),
    log,
  });
  const firstOffsetOf = (topic: string) =>
    cluster.attempt(`Topic ${topic} could not be looked up`, async () => epochs.learn(await cluster.topic(topic)));
  const members = new Set<GroupMember>();
  const context: MemberContext = {
    cluster,
    topics,
    positions,
    epochs,
    log,
    fetcher: new Fetcher(cluster),
    times: { sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000, heartbeatMs: options.heartbeatMs ?? 1000 },
  };
  void cluster.refresh().catch(() => {});

  return {
    ensureTopic: (name, settings) => topics.ensure(name, settings),
    deleteTopic: name => topics.delete(name),
    topics: () => topics.list(),
    async bounds(name) {
      const bounds = await topics.bounds(name);
      if (bounds === undefined) return undefined;
      const first = await firstOffsetOf(name);
      return bounds.map(each => shiftBounds(each, first));
    },
    append: (topic, records) => appender.append(topic, records),
    async read(topic: string, partition: number, from: number, limits: ReadLimits) {
      const first = await firstOffsetOf(topic);
      return shiftBatch(await readNow(context, topic, partition, Math.max(0, from - first), limits), first);
    },
    async offsetAt(topic, partition, timeMs) {
      const first = await firstOffsetOf(topic);
      return first + (await topics.offsetAt(topic, partition, timeMs));
    },
    async trim(topic, partition, before) {
      await topics.trim(topic, partition, Math.max(0, before - (await firstOffsetOf(topic))));
    },
    async join(given) {
      await cluster.attempt(`Group ${given.group} could not be joined`, async () => {
        for (const topic of given.topics) await cluster.topic(topic);
        await cluster.coordinatorOf(given.group);
      });
      const member = new GroupMember(context, given);
      members.add(member);
      const running = member.run();
      return {
        async leave() {
          members.delete(member);
          await member.leave();
          await running;
        },
      };
    },
    async positions(group, topic) {
      const found = await cluster.attempt(`Positions of group ${group} could not be read`, async () => {
        const known = cluster.metadata?.topics.get(topic) ?? (await cluster.look(topic));
        return known?.leaders.map((_, partition) => partition);
      });
      return found ? positions.read(group, topic, found) : [];
    },
    seek: (group, topic, wanted) => positions.set(group, topic, wanted),
    async health() {
      try {
        await cluster.fresh(HEALTH_AGE_MS);
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
      return appender.outage === undefined ? { ok: true } : { ok: false, reason: appender.outage };
    },
    async close() {
      if (cluster.closed.aborted) return;
      await Promise.all([...members].map(member => member.leave()));
      await Promise.race([appender.drain(), new Promise<void>(resolve => world.after(DRAIN_WITHIN_MS, resolve))]);
      cluster.close();
    },
  };
}
