// The thread in which an observer's consumer reads one topic; it ends when it is terminated.
import { parentPort, workerData } from 'node:worker_threads';
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import type { Read, Reading, SeenRecord } from './records.ts';

const { clientId, brokers, topic, groupId }: Reading = workerData;
const kafka = new Kafka({ clientId, brokers: [...brokers], logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, retry: { retries: 100 } });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  async eachBatch({ batch }) {
    post({
      partition: batch.partition,
      records: batch.messages.map(toRecord),
      lastOffset: Number(batch.lastOffset()),
    });
  },
});
parentPort?.postMessage('begins');

function post(read: Read): void {
  parentPort?.postMessage(read);
}

function toRecord({ offset, timestamp, headers, value }: KafkaMessage): SeenRecord {
  const texts = Object.entries(headers ?? {}).map(([name, text]) => [name.toLowerCase(), String(text)]);
  return {
    offset: Number(offset),
    timestamp: Number(timestamp),
    headers: Object.fromEntries(texts),
    value: value ?? Buffer.alloc(0),
  };
}
