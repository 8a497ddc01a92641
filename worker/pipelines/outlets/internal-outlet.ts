// An internal topic as an outlet: from there a further stage goes on, or a sink that has an order or retries of its own.
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { createGrowth } from '../../dispatch/group/ensure-at-least.ts';
import { appendInParts } from '../../fold/append-in-parts.ts';
import { toClockRecord } from '../../fold/clock-record.ts';
import type { Item } from '../flow/item.ts';
import { toInternal } from '../flow/item-codec.ts';
import { numbered } from './numbered.ts';
import type { Outlet } from './outlet.ts';

export interface InternalOutletOptions {
  readonly log: Pick<EventLog, 'append' | 'ensureTopic'>;
  readonly topic: string;
  /** Names what is appended, in the marks: nobody else uses it in this topic. */
  readonly feeder: string;
  /** By which the next stage works. Undefined: the key that they came with. */
  readonly keyOf?: ((item: Item) => string) | undefined;
  /**
   * How many the topic has at least: what comes from partition n goes to its partition n, and stays in its order. Undefined: by its key.
   *
   * Whoever puts it: what comes again must go where it was before, since each partition knows by itself what it has seen. So a process that owns a
   * partition of which it was not told yet, since a Topic has grown or belongs to others, lets the topic grow.
   */
  readonly partitions?: number;
  /** Its reader is told how far what comes in any order has come. */
  readonly tellsProgress?: boolean;
}

export function createInternalOutlet({
  log,
  topic,
  feeder,
  keyOf,
  partitions,
  tellsProgress = false,
}: InternalOutletOptions): Outlet {
  const told = new Map<number, number>();
  const growFor = createGrowth(log, topic, { partitions: partitions ?? 0 });
  return {
    label: topic,
    async put(items, refuse, signal) {
      const records: NewRecord[] = [];
      for (const { item, index } of numbered(items)) {
        try {
          const { partition, record } = item.cause;
          const key = keyOf ? keyOf(item) : record.key;
          const made = toInternal(item, key, { topic: feeder, partition, offset: record.offset, index });
          records.push(partitions === undefined ? made : { ...made, partition });
        } catch (error) {
          refuse(item, error);
        }
      }
      for (const { partition } of records) if (partition !== undefined) await growFor(partition);
      await appendInParts(log, topic, records, signal);
    },
    async reached(source, upTo, _, signal) {
      if (partitions === undefined) return;
      // Before there is any event: what comes behind may wait to hear of all partitions of the source.
      await growFor(source);
      if (!tellsProgress || told.get(source) === upTo) return;
      const clock = { feeder, source, time: undefined, upTo, silentMs: undefined, ends: undefined };
      await appendInParts(log, topic, [toClockRecord(clock, source)], signal);
      told.set(source, upTo);
    },
  };
}
