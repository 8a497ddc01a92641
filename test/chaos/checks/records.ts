// Reads what the log has, without the platform: by its driver, from the first record to the last.

import { topicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import type { Site } from '../site/site.ts';

export interface Records {
  of(topic: string): Promise<readonly LogRecord[]>;
  /** The same by partition. */
  byPartition(topic: string): Promise<readonly (readonly LogRecord[])[]>;
  close(): Promise<void>;
}

const LIMITS = { maxRecords: 5000, maxBytes: 16 << 20 };

export function openRecords(site: Site): Records {
  const log = openKafkaEventLog({ world: realWorld, connection: { brokers: site.brokers.addresses }, log: () => {} });
  /** By topic and partition: what was read before is not read again. */
  const read = new Map<string, { readonly records: LogRecord[]; next: number }>();
  const readOn = async (topic: string, partition: number): Promise<readonly LogRecord[]> => {
    const place = `${topic} ${partition}`;
    const found = read.get(place) ?? { records: [], next: 0 };
    read.set(place, found);
    for (;;) {
      const { records, next, bounds } = await log.read(topic, partition, found.next, LIMITS);
      found.records.push(...records);
      found.next = next;
      if (next >= bounds.end) return found.records;
    }
  };
  const readTopic = async (name: string) => {
    const topic = topicOf(site.namespace, name);
    const found = (await log.topics()).find(each => each.name === topic);
    const all: (readonly LogRecord[])[] = [];
    for (let partition = 0; partition < (found?.partitions ?? 0); partition++) all.push(await readOn(topic, partition));
    return all;
  };
  let before: Promise<unknown> = Promise.resolve();
  const byPartition = (name: string) => {
    // One after the other, as they go on from the same place.
    const now = before.then(
      () => readTopic(name),
      () => readTopic(name),
    );
    before = now;
    return now;
  };
  return {
    byPartition,
    of: async name => (await byPartition(name)).flat(),
    close: () => log.close(),
  };
}

/** Its id and data. */
export function eventOf<Data>(record: LogRecord): { readonly id: string; readonly data: Data } {
  return { id: String(record.headers['ce_id']), data: JSON.parse(Buffer.from(record.value).toString()) };
}
