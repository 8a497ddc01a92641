// An internal topic as an outlet: a further stage reads it, or a sink that has an order or retries
// of its own.
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { createGrowth } from '../../dispatch/group/ensure-at-least.ts';
import { appendInParts } from '../../fold/append-in-parts.ts';
import { toClockRecord } from '../../fold/clock-record.ts';
import type { FlowItem } from '../flow/item.ts';
import { toInternal } from '../flow/item-codec.ts';
import { numbered } from './numbered.ts';
import type { Outlet } from './outlet.ts';

export interface InternalOutletOptions {
  readonly log: Pick<EventLog, 'append' | 'ensureTopic'>;
  readonly topic: string;
  /** Name of the appended records, in the marks: nobody else uses it in this topic. */
  readonly feeder: string;
  /** The key by which the next stage works. Undefined: the key that the events came with. */
  readonly keyOf?: ((item: FlowItem) => string) | undefined;
  /**
   * How many partitions the topic has at least. Records from partition n go to its partition n and
   * stay in order. Undefined: the key decides. Every process must put a repeated record where it
   * was before, since each partition knows by itself what it has seen. A process may own a
   * partition that it does not know yet, as a Topic has grown or belongs to others; then it lets
   * the topic grow.
   */
  readonly partitions?: number;
  /** Its reader needs the progress of events that come in any order. */
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
      // This comes before any event, as readers wait for all partitions of the source.
      await growFor(source);
      if (!tellsProgress || told.get(source) === upTo) return;
      const clock = { feeder, source, time: undefined, upTo, silentMs: undefined, ends: undefined };
      await appendInParts(log, topic, [toClockRecord(clock, source)], signal);
      told.set(source, upTo);
    },
  };
}
