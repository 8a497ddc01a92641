// An internal topic as an outlet: from there a further stage goes on, or a sink that has an order or retries of its own.
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { appendInParts } from '../../fold/append-in-parts.ts';
import type { Item } from '../flow/item.ts';
import { toInternal } from '../flow/item-codec.ts';
import { numbered } from './numbered.ts';
import type { Outlet } from './outlet.ts';

export interface InternalOutletOptions {
  readonly log: Pick<EventLog, 'append'>;
  readonly topic: string;
  /** Names what is appended, in the marks: nobody else uses it in this topic. */
  readonly feeder: string;
  /** By which the next stage works. Undefined: the key that they came with. */
  readonly keyOf?: ((item: Item) => string) | undefined;
  /** Of the topic: what comes from partition n goes to partition n of these, and stays in its order. Undefined: by its key. */
  readonly partitions?: number;
}

export function createInternalOutlet({ log, topic, feeder, keyOf, partitions }: InternalOutletOptions): Outlet {
  return {
    label: topic,
    async put(items, refuse, signal) {
      const records: NewRecord[] = [];
      for (const { item, index } of numbered(items)) {
        try {
          const { partition, record } = item.cause;
          const key = keyOf ? keyOf(item) : record.key;
          const made = toInternal(item, key, { topic: feeder, partition, offset: record.offset, index });
          records.push(partitions === undefined ? made : { ...made, partition: partition % partitions });
        } catch (error) {
          refuse(item, error);
        }
      }
      await appendInParts(log, topic, records, signal);
    },
  };
}
