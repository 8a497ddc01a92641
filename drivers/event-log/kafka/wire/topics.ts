// Requests about topics: made, grown, changed, deleted, and where their partitions begin and end.
import { requests } from 'kafkajs/src/protocol/requests/index.js';
import { WireReader, WireWriter } from './bytes.ts';
import { type KafkaRequest, kafkajsRequest } from './request.ts';

const TOPIC = 2;
const SET = 0;

export interface CreatedTopic {
  readonly name: string;
  readonly partitions: number;
  /** -1: as many as the brokers are set to. */
  readonly replicas: number;
  readonly settings: Readonly<Record<string, string>>;
}

export const createTopics = (topics: readonly CreatedTopic[], timeout: number) =>
  kafkajsRequest(requests.CreateTopics, 3, {
    timeout,
    validateOnly: false,
    topics: topics.map(({ name: topic, partitions, replicas, settings }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
    })),
  });

export const growTopic = (topic: string, count: number, timeout: number) =>
  kafkajsRequest(requests.CreatePartitions, 1, { timeout, validateOnly: false, topicPartitions: [{ topic, count }] });

export const deleteTopics = (topics: readonly string[], timeout: number) =>
  kafkajsRequest(requests.DeleteTopics, 1, { timeout, topics });

export const deleteRecords = (topic: string, partition: number, offset: number, timeout: number) =>
  kafkajsRequest(requests.DeleteRecords, 1, { timeout, topics: [{ topic, partitions: [{ partition, offset }] }] });

/** In place of a time. */
export const EARLIEST = -2;
export const LATEST = -1;

export const listOffsets = (topic: string, partitions: readonly number[], timestamp: number) =>
  kafkajsRequest(requests.ListOffsets, 3, {
    topics: [{ topic, partitions: partitions.map(partition => ({ partition, timestamp })) }],
  });

export const describeTopics = (topics: readonly string[], configNames: readonly string[]) =>
  kafkajsRequest(requests.DescribeConfigs, 1, {
    includeSynonyms: false,
    resources: topics.map(name => ({ type: TOPIC, name, configNames })),
  });

export const initProducerId = () =>
  kafkajsRequest(requests.InitProducerId, 1, { transactionalId: null, transactionTimeout: 0 });

/**
 * Changes these settings and no others, which is what kafkajs cannot ask
 * for. Answers with the error.
 */
export function alterTopic(topic: string, settings: Readonly<Record<string, string>>): KafkaRequest<number> {
  return {
    apiKey: 44,
    apiVersion: 0,
    flexible: false,
    encode() {
      const out = new WireWriter().i32(1).i8(TOPIC).string(topic);
      out.array(Object.entries(settings), ([name, value]) => out.string(name).i8(SET).string(value));
      return out.i8(0).bytes;
    },
    decode(payload) {
      const reader = new WireReader(payload);
      reader.i32();
      return (
        reader.array(() => {
          const error = reader.i16();
          reader.string();
          reader.i8();
          reader.string();
          return error;
        })[0] ?? -1
      );
    },
  };
}
