// Reads what the log has with another client than the platform's own: a driver that passed over a
// record would hide it from both sides.

import { Kafka, logLevel } from 'kafkajs';
import { topicOf } from '../../../core/names.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { eventually } from '../../eventually.ts';
import type { Appended } from '../model/readings.ts';
import type { Site } from '../site/site.ts';

export type SeenRecord = Pick<LogRecord, 'offset' | 'timestamp' | 'headers' | 'value'>;

export interface Records {
  of(topic: string): Promise<readonly SeenRecord[]>;
  /** The same by partition. */
  byPartition(topic: string): Promise<readonly (readonly SeenRecord[])[]>;
  close(): Promise<void>;
}

export function openRecords(
  site: Pick<Site, 'namespace'> & { readonly brokers: Pick<Site['brokers'], 'addresses'> },
): Records {
  const kafka = new Kafka({ clientId: 'observer', brokers: [...site.brokers.addresses], logLevel: logLevel.NOTHING });
  const observers = new Map<string, Promise<Observer>>();
  const observerOf = (topic: string) => {
    const known = observers.get(topic) ?? observe(kafka, topic, `observer-of-${topic}`);
    observers.set(topic, known);
    known.catch(() => observers.delete(topic));
    return known;
  };
  const byPartition = async (name: string) => (await observerOf(topicOf(site.namespace, name))).upToNow();
  return {
    byPartition,
    of: async name => (await byPartition(name)).flat(),
    async close() {
      for (const observer of await Promise.allSettled(observers.values()))
        if (observer.status === 'fulfilled') await observer.value.close();
    },
  };
}

interface Observer {
  /** All that was in the topic when it was asked, by partition. */
  upToNow(): Promise<readonly (readonly SeenRecord[])[]>;
  close(): Promise<void>;
}

async function observe(kafka: Kafka, topic: string, groupId: string): Promise<Observer> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, retry: { retries: 100 } });
  const seen = new Map<number, SeenRecord[]>();
  /** Behind the last one that was read. */
  const next = new Map<number, number>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    async eachBatch({ batch }) {
      const { partition, messages } = batch;
      const found = seen.get(partition) ?? [];
      seen.set(partition, found);
      for (const { offset, timestamp, headers, value } of messages) {
        // Whoever joins the group again reads from the beginning.
        if (Number(offset) < (next.get(partition) ?? 0)) continue;
        const texts = Object.entries(headers ?? {}).map(([name, text]) => [name.toLowerCase(), String(text)]);
        found.push({
          offset: Number(offset),
          timestamp: Number(timestamp),
          headers: Object.fromEntries(texts),
          value: value ?? Buffer.alloc(0),
        });
      }
      next.set(partition, Math.max(next.get(partition) ?? 0, Number(batch.lastOffset()) + 1));
    },
  });
  return {
    async upToNow() {
      const ends = await endsOf(kafka, topic);
      await eventually(
        () => ends.every(({ partition, low, high }) => high === low || (next.get(partition) ?? 0) >= high),
        `all of ${topic} is read`,
      );
      return ends.map(({ partition }) => seen.get(partition) ?? []);
    },
    close: () => consumer.disconnect(),
  };
}

interface Ends {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

async function endsOf(kafka: Kafka, topic: string): Promise<readonly Ends[]> {
  const found: Ends[] = [];
  await eventually(async () => {
    found.push(...(await askForEnds(kafka, topic)));
    return found.length > 0;
  }, `the brokers say where ${topic} ends`);
  return found.sort((one, other) => one.partition - other.partition);
}

/**
 * Nothing while leaders change: kafkajs gives up then, and its next client
 * asks anew which broker leads.
 */
async function askForEnds(kafka: Kafka, topic: string): Promise<readonly Ends[]> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }));
  } catch (error) {
    if (error instanceof Error && 'retriable' in error && error.retriable) return [];
    throw error;
  } finally {
    await admin.disconnect();
  }
}

/** Its id and data. */
export function eventOf<Data>(record: SeenRecord): { readonly id: string; readonly data: Data } {
  return { id: String(record.headers['ce_id']), data: JSON.parse(Buffer.from(record.value).toString()) };
}

/** The same, with when it was appended. */
export function appendedOf<Data>(record: SeenRecord): Appended<Data> {
  return { ...eventOf<Data>(record), timestamp: record.timestamp };
}
