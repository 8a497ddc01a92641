// Reads what the log has with another client than the platform's own: a driver that passed over a
// record would hide it from both sides.

import { Worker } from 'node:worker_threads';
import { Kafka, logLevel } from 'kafkajs';
import { topicOf } from '../../../core/names.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { eventually } from '../../eventually.ts';
import type { Appended } from '../model/readings.ts';
import type { Site } from '../site/site.ts';

/** What a thread reads. */
export interface Reading {
  readonly clientId: string;
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly groupId: string;
}

/** What it posts. */
export interface Read {
  readonly partition: number;
  readonly records: readonly SeenRecord[];
  readonly lastOffset: number;
}

export type SeenRecord = Pick<LogRecord, 'offset' | 'timestamp' | 'headers' | 'value'>;

export interface Records {
  of(topic: string): Promise<readonly SeenRecord[]>;
  /** The same by partition. */
  byPartition(topic: string): Promise<readonly (readonly SeenRecord[])[]>;
  /** The same of any topic, by its name in the log. */
  inLog(topic: string): Promise<readonly (readonly SeenRecord[])[]>;
  close(): Promise<void>;
}

/** After so long without a record, an observer that misses some begins anew. */
const STALLED_AFTER_MS = 15_000;

export function openRecords(
  site: Pick<Site, 'namespace'> & { readonly brokers: Pick<Site['brokers'], 'addresses'> },
  observer = 'observer',
  stalledAfterMs = STALLED_AFTER_MS,
): Records {
  const where = { clientId: observer, brokers: [...site.brokers.addresses] };
  const observers = new Map<string, Promise<Observer>>();
  const observerOf = (topic: string) => {
    const known = observers.get(topic) ?? observe(where, topic, `${observer}-of-${topic}`, stalledAfterMs);
    observers.set(topic, known);
    known.catch(() => observers.delete(topic));
    return known;
  };
  const inLog = async (topic: string) => (await observerOf(topic)).upToNow();
  const byPartition = (name: string) => inLog(topicOf(site.namespace, name));
  return {
    byPartition,
    inLog,
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

async function observe(
  where: Pick<Reading, 'clientId' | 'brokers'>,
  topic: string,
  groupId: string,
  stalledAfterMs: number,
): Promise<Observer> {
  const kafka = new Kafka({ ...where, brokers: [...where.brokers], logLevel: logLevel.NOTHING });
  const seen = createSeen();
  let life = 0;
  const begin = () => readInto(seen, { ...where, topic, groupId: life === 0 ? groupId : `${groupId}-${life}` });
  let reader = await begin();
  const beginAnew = async () => {
    life++;
    await reader.stop();
    reader = await begin();
  };
  return {
    async upToNow() {
      const ends = await endsOf(kafka, topic);
      const isRead = () => ends.every(({ partition, low, high }) => high === low || seen.next(partition) >= high);
      let before = -1;
      let since = performance.now();
      await eventually(async () => {
        if (isRead()) return true;
        if (seen.count() !== before) {
          before = seen.count();
          since = performance.now();
        } else if (performance.now() - since > stalledAfterMs) {
          since = performance.now();
          await beginAnew();
        }
        return false;
      }, `all of ${topic} is read`);
      return ends.map(({ partition }) => seen.of(partition));
    },
    close: () => reader.stop(),
  };
}

interface Seen {
  /** Counts each once, however often and by whom it is read. */
  add(partition: number, records: readonly SeenRecord[], lastOffset: number): void;
  of(partition: number): readonly SeenRecord[];
  /** Behind the last one that was read. */
  next(partition: number): number;
  count(): number;
}

function createSeen(): Seen {
  const seen = new Map<number, SeenRecord[]>();
  const next = new Map<number, number>();
  let count = 0;
  return {
    add(partition, records, lastOffset) {
      const found = seen.get(partition) ?? [];
      seen.set(partition, found);
      // Whoever joins a group again reads from the beginning.
      const fresh = records.filter(({ offset }) => offset >= (next.get(partition) ?? 0));
      found.push(...fresh);
      count += fresh.length;
      // Compaction may have taken the last ones.
      next.set(partition, Math.max(next.get(partition) ?? 0, lastOffset + 1));
    },
    of: partition => seen.get(partition) ?? [],
    next: partition => next.get(partition) ?? 0,
    count: () => count,
  };
}

/**
 * A consumer of kafkajs in a thread of its own. It ends for good where a broker is gone at a
 * wrong moment, and says nothing of it. Told to disconnect while it waits for such a broker, it
 * may run in circles for ever; the thread ends with it.
 */
async function readInto(seen: Seen, reading: Reading): Promise<{ stop(): Promise<void> }> {
  const thread = new Worker(new URL('records-thread.ts', import.meta.url), { workerData: reading });
  let lost: unknown;
  thread.on('error', error => {
    lost = error;
  });
  const begins = new Promise<void>((resolve, reject) => {
    thread.on('message', (message: Read | 'begins') => {
      if (message === 'begins') resolve();
      else seen.add(message.partition, message.records, message.lastOffset);
    });
    thread.on('exit', () => reject(lost ?? new Error(`nobody reads ${reading.topic}`)));
  });
  await begins;
  return {
    async stop() {
      await thread.terminate();
    },
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
