// Looks, before any window counts, whether the oldest events of a Topic are where their keys
// belong. They are not where it got more partitions before its Pipeline began.
import type { EventLog, LogRecord, ReadLimits } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import { isPoison } from '../../fold/poison.ts';
import { beganAt, type CountedBefore } from './in-place.ts';

export interface OldestEvents {
  readonly log: Pick<EventLog, 'bounds' | 'positions' | 'read'>;
  readonly group: string;
  /** In the log. */
  readonly topic: string;
  /** Of the window. */
  readonly id: string;
  /** The id of the same window over a Topic whose resource declares so many partitions. */
  idWith(partitions: number): string;
  /** Undefined: no window counts the record. */
  keyOf(record: LogRecord, partition: number): string | undefined;
}

/**
 * Of each partition. Where a Topic has grown, most keys have moved: one of them is among so many.
 */
const OLDEST: ReadLimits = { maxRecords: 1_000, maxBytes: 1024 * 1024 };

/**
 * How windows go on that have counted nothing yet, as keys have moved; undefined: they count in
 * place. A stray event that is not among the oldest is found when it is read. The id is that of
 * the partitions in the log: processes agree on them before they agree on the resource.
 */
export async function whatHasStrayed(oldest: OldestEvents): Promise<CountedBefore | undefined> {
  const { log, group, topic, id, idWith } = oldest;
  const [bounds = [], positions] = await Promise.all([log.bounds(topic), log.positions(group, topic)]);
  const hasBegun = positions.some(position => position?.metadata.startsWith(`${id} `));
  if (hasBegun) return undefined;
  for (const [partition, { start, end }] of bounds.entries()) {
    const from = positions[partition] === undefined ? start : beganAt(positions[partition], id);
    if (from >= end) continue;
    const { records } = await log.read(topic, partition, from, OLDEST);
    const isStray = (record: LogRecord) => {
      const key = keyOf(oldest, record, partition);
      return key !== undefined && partitionOf(key, bounds.length) !== partition;
    };
    if (records.some(isStray)) return { partitions: bounds.length, id: idWith(bounds.length) };
  }
  return undefined;
}

function keyOf(oldest: OldestEvents, record: LogRecord, partition: number): string | undefined {
  try {
    return oldest.keyOf(record, partition);
  } catch (error) {
    // It is a dead letter when it is read.
    if (isPoison(error)) return undefined;
    throw error;
  }
}
