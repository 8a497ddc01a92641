// Brokers, topics and leaders of a cluster. The request is our own, as kafkajs speaks no version
// that has the ids of topics.
import { WireReader, WireWriter } from './bytes.ts';
import type { KafkaRequest } from './request.ts';

export interface BrokerAddress {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export interface TopicMetadata {
  readonly name: string;
  /** Hexadecimal. */
  readonly id: string;
  /** Id of the leader by partition; -1: none at the moment. */
  readonly leaders: readonly number[];
}

export interface ClusterMetadata {
  readonly brokers: readonly BrokerAddress[];
  readonly controller: number;
  readonly topics: ReadonlyMap<string, TopicMetadata>;
}

/** The answer to one question. It belongs to who asked, who may change its topics. */
export interface MetadataAnswer extends ClusterMetadata {
  readonly topics: Map<string, TopicMetadata>;
}

const LEADERLESS = -1;
/** No cluster has as many; a number beyond it would only fill the memory. */
const MOST_PARTITIONS = 1_000_000;

/** A topic that is asked for by its name has no id in the question. */
const NO_ID = Buffer.alloc(16);

/** All topics that the user may see, but for Kafka's internal ones. */
export const METADATA: KafkaRequest<MetadataAnswer> = metadataOf(undefined);

/** The question is about one topic; the answer has none where there is none of that name. */
export const topicMetadata = (topic: string): KafkaRequest<MetadataAnswer> => metadataOf(topic);

function metadataOf(topic: string | undefined): KafkaRequest<MetadataAnswer> {
  return {
    apiKey: 3,
    apiVersion: 12,
    flexible: true,
    encode() {
      const writer = new WireWriter();
      if (topic === undefined) writer.uvarint(0);
      else writer.uvarint(2).raw(NO_ID).compactString(topic).uvarint(0);
      // None created by asking; without what the user may do; no tags.
      return writer.i8(0).i8(0).uvarint(0).bytes;
    },
    decode: decodeMetadata,
  };
}

function decodeMetadata(payload: Buffer): MetadataAnswer {
  const reader = new WireReader(payload);
  reader.i32();
  const brokers = reader.compactArray(() => {
    const broker = { id: reader.i32(), host: reader.compactString() ?? '', port: reader.i32() };
    reader.compactString();
    reader.skipTags();
    return broker;
  });
  reader.compactString();
  const controller = reader.i32();
  const topics = new Map<string, TopicMetadata>();
  for (const topic of reader.compactArray(() => readTopic(reader))) {
    if (topic) topics.set(topic.name, topic);
  }
  return { brokers, controller, topics };
}

function readTopic(reader: WireReader): TopicMetadata | undefined {
  const error = reader.i16();
  const name = reader.compactString();
  const id = reader.bytes(16).toString('hex');
  const isInternal = reader.i8() !== 0;
  const leaders: number[] = [];
  reader.compactArray(() => {
    reader.i16();
    const index = reader.i32();
    const leader = reader.i32();
    reader.i32();
    for (let list = 0; list < 3; list++) reader.compactArray(() => reader.i32());
    reader.skipTags();
    if (index < 0 || index >= MOST_PARTITIONS) throw new RangeError(`There is no partition ${index}.`);
    leaders[index] = leader;
  });
  reader.i32();
  reader.skipTags();
  if (name === null || isInternal || (error !== 0 && leaders.length === 0)) return undefined;
  return { name, id, leaders: Array.from(leaders, leader => leader ?? LEADERLESS) };
}
