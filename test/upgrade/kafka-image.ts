// What is in a Kafka, as text: its topics with the bytes of their record batches, and
// what groups have committed.
import { Kafka, logLevel } from 'kafkajs';
import { realWorld } from '../../core/world.ts';
import { crc32c } from '../../drivers/crc32c.ts';
import type { TopicSettings } from '../../drivers/event-log/event-log.ts';
import { Cluster } from '../../drivers/event-log/kafka/brokers/cluster.ts';
import { Positions } from '../../drivers/event-log/kafka/group/positions.ts';
import { openKafkaEventLog } from '../../drivers/event-log/kafka/kafka-event-log.ts';
import { fetchRequest } from '../../drivers/event-log/kafka/wire/fetch.ts';
import { fetchPositions } from '../../drivers/event-log/kafka/wire/groups.ts';
import { produceRequest } from '../../drivers/event-log/kafka/wire/produce.ts';
import { unpackBatches } from '../../drivers/event-log/kafka/wire/record-batch.ts';

export interface KafkaImage {
  readonly topics: readonly TopicImage[];
  readonly groups: readonly GroupImage[];
}

interface TopicImage {
  readonly name: string;
  /** Of the topic; one that is made under the name has another. */
  readonly id: string;
  readonly settings: TopicSettings;
  /** Record batches by partition, in base64. */
  readonly batches: readonly (readonly string[])[];
}

interface GroupImage {
  readonly group: string;
  readonly topic: string;
  readonly positions: readonly { readonly partition: number; readonly offset: number; readonly metadata: string }[];
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 16 << 20;
/** Places in a record batch (KIP-98). */
const [BASE_AT, SIZE_AT, CRC_AT, ATTRIBUTES_AT, PRODUCER_AT, EPOCH_AT, SEQUENCE_AT] = [0, 8, 17, 21, 43, 51, 53];
/** Of the first record, and of the newest. */
const TIMES_AT = [27, 35];
const PREFIX = SIZE_AT + 4;
const LOG_APPEND_TIME = 1 << 3;

/**
 * Topics whose names begin with `prefix`, and what groups have committed in one of them each; all
 * of the topics begin with their first records.
 */
export async function dumpKafka(
  brokers: readonly string[],
  prefix: string,
  groups: readonly (readonly [group: string, topic: string])[],
): Promise<KafkaImage> {
  const log = openKafkaEventLog({ world: realWorld, connection: { brokers } });
  const cluster = connect(brokers);
  try {
    const all = (await log.topics())
      .filter(({ name }) => name.startsWith(prefix))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const topics: TopicImage[] = [];
    for (const { name, id, ...settings } of all) {
      const batches: string[][] = [];
      for (let partition = 0; partition < settings.partitions; partition++)
        batches.push((await readBatches(cluster, name, partition)).map(bytes => bytes.toString('base64')));
      topics.push({ name, id, settings, batches });
    }
    const committed: GroupImage[] = [];
    for (const [group, topic] of groups) committed.push(await readGroup(cluster, group, topic));
    return { topics, groups: committed };
  } finally {
    cluster.close();
    await log.close();
  }
}

/**
 * Groups whose names begin with `prefix`, each with every topic that it has committed something of.
 */
export async function groupsOf(brokers: readonly string[], prefix: string): Promise<(readonly [string, string])[]> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    const found: (readonly [string, string])[] = [];
    for (const { groupId } of groups.filter(each => each.groupId.startsWith(prefix)))
      for (const { topic } of await admin.fetchOffsets({ groupId })) found.push([groupId, topic]);
    return found.toSorted();
  } finally {
    await admin.disconnect();
  }
}

/**
 * Into a Kafka that has none of these: offsets are what they were; where ids of topics are told,
 * there are those that they have now. Times of records are `shiftMs` later. Answers with what puts
 * those ids into other bytes.
 */
export async function loadKafka(
  brokers: readonly string[],
  { topics, groups }: KafkaImage,
  shiftMs = 0,
): Promise<(bytes: Buffer) => Buffer> {
  const log = openKafkaEventLog({ world: realWorld, connection: { brokers } });
  const cluster = connect(brokers);
  try {
    for (const { name, settings } of topics) await log.ensureTopic(name, settings);
    const ids = new Map((await log.topics()).map(({ name, id }) => [name, id]));
    const rename = (bytes: Buffer): Buffer => {
      let text = bytes.toString('latin1');
      for (const { name, id } of topics) text = text.replaceAll(id, ids.get(name) ?? id);
      return Buffer.from(text, 'latin1');
    };
    for (const { name, batches } of topics)
      for (const [partition, of] of batches.entries())
        for (const text of of) await produce(cluster, name, partition, rename(Buffer.from(text, 'base64')), shiftMs);
    for (const { group, topic, positions } of groups) {
      const kept = new Map(positions.map(({ partition, ...position }) => [partition, position]));
      await new Positions(cluster).set(group, topic, kept);
    }
    return rename;
  } finally {
    cluster.close();
    await log.close();
  }
}

function connect(brokers: readonly string[]): Cluster {
  return new Cluster({ world: realWorld, connection: { brokers }, requestTimeoutMs: TIMEOUT_MS, log() {} });
}

async function readBatches(cluster: Cluster, topic: string, partition: number): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for (let from = 0; ; ) {
    const data = await cluster.attempt(`Topic ${topic} could not be read`, async () => {
      const broker = cluster.broker((await cluster.topic(topic)).leaders[partition] ?? -1);
      const wanted = [{ topic, partition, from, maxBytes: MAX_BYTES }];
      const { partitions } = await broker.ask(fetchRequest(wanted, { waitMs: 0, maxBytes: MAX_BYTES }));
      if (partitions[0]?.error !== 0) throw new Error(`${topic}/${partition}: error ${partitions[0]?.error}`);
      return partitions[0].data;
    });
    let at = 0;
    while (data.length > at + PREFIX) {
      const bytes = data.subarray(at, at + PREFIX + data.readInt32BE(at + SIZE_AT));
      at += bytes.length;
      found.push(Buffer.from(bytes));
    }
    const { next } = unpackBatches(data, from, []);
    if (data.length === 0) return found;
    from = next;
  }
}

/** As of a producer that nobody knows: brokers would look for what it sent before. */
async function produce(
  cluster: Cluster,
  topic: string,
  partition: number,
  batch: Buffer,
  shiftMs: number,
): Promise<void> {
  for (const at of TIMES_AT) batch.writeBigInt64BE(batch.readBigInt64BE(at) + BigInt(shiftMs), at);
  const base = Number(batch.readBigInt64BE(BASE_AT));
  batch.writeBigInt64BE(0n, BASE_AT);
  batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES_AT) & ~LOG_APPEND_TIME, ATTRIBUTES_AT);
  batch.writeBigInt64BE(-1n, PRODUCER_AT);
  batch.writeInt16BE(-1, EPOCH_AT);
  batch.writeInt32BE(-1, SEQUENCE_AT);
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT);
  await cluster.attempt(`Topic ${topic} could not be loaded`, async () => {
    const broker = cluster.broker((await cluster.topic(topic)).leaders[partition] ?? -1);
    const [at] = await broker.ask(produceRequest([{ topic, partition, bytes: batch }], TIMEOUT_MS));
    if (at?.error !== 0 || at.baseOffset !== base)
      throw new Error(`${topic}/${partition}: error ${at?.error}, at ${at?.baseOffset} instead of ${base}`);
  });
}

async function readGroup(cluster: Cluster, group: string, topic: string): Promise<GroupImage> {
  const partitions = [...(await cluster.topic(topic)).leaders.keys()];
  const { responses } = await cluster.attempt(`Positions of ${group} could not be read`, async () =>
    (await cluster.coordinatorOf(group)).ask(fetchPositions(group, topic, partitions)),
  );
  const positions = (responses[0]?.partitions ?? [])
    .filter(({ offset }) => Number(offset) >= 0)
    .map(({ partition, offset, metadata }) => ({ partition, offset: Number(offset), metadata: metadata ?? '' }));
  return { group, topic, positions: positions.toSorted((a, b) => a.partition - b.partition) };
}
