// The offsets of an internal topic whose windows began over another topic: they come after all of
// that one, so that results keep their order, and none takes the id of another.
import { OFFSETS_PER_EPOCH } from '../../../drivers/event-log/epochs.ts';
import type { EventLog, OwnedPartition, ReadBatch } from '../../../drivers/event-log/event-log.ts';

export type WindowLog = Pick<EventLog, 'join' | 'bounds' | 'read'>;

/** More than any topic comes to that is not deleted a thousand times. */
export const LATER = 1000 * OFFSETS_PER_EPOCH;
/** The beginning of 2026, milliseconds since 1970. */
const SINCE = 1_767_225_600_000;
const PER_MS = 1000;

/**
 * The offset at which a partition goes on that is taken over now. A store may forget that, and the
 * partition is taken over once more, perhaps with other windows: then later offsets name these.
 */
export function laterFrom(now: number): number {
  return LATER + Math.max(0, Math.floor(now) - SINCE) * PER_MS;
}

/**
 * The log as it is, with later offsets in the topic: by `from` in each partition. Positions in the
 * log stay what they are.
 */
export function withLaterOffsets(log: WindowLog, topic: string, from: (partition: number) => number): WindowLog {
  return {
    join: options => log.join({ ...options, assigned: owned => options.assigned(laterOwned(owned, topic, from)) }),
    async bounds(asked) {
      const bounds = await log.bounds(asked);
      return asked === topic ? bounds?.map((each, partition) => later(each, from(partition))) : bounds;
    },
    async read(asked, partition, at, limits) {
      if (asked !== topic) return log.read(asked, partition, at, limits);
      const by = from(partition);
      return laterBatch(await log.read(asked, partition, earlier(at, by), limits), by);
    },
  };
}

function laterOwned(owned: OwnedPartition, topic: string, from: (partition: number) => number): OwnedPartition {
  const { partition } = owned;
  return {
    partition,
    lost: owned.lost,
    async committed() {
      const position = await owned.committed();
      return position && { ...position, offset: position.offset + from(partition) };
    },
    commit: ({ offset, metadata }) => owned.commit({ offset: earlier(offset, from(partition)), metadata }),
    open(asked, at) {
      if (asked !== topic) return owned.open(asked, at);
      const by = from(partition);
      const reader = owned.open(asked, earlier(at, by));
      return {
        next: async (limits, signal) => laterBatch(await reader.next(limits, signal), by),
        close: () => reader.close(),
      };
    },
  };
}

function laterBatch({ records, next, bounds }: ReadBatch, by: number): ReadBatch {
  return {
    records: records.map(record => ({ ...record, offset: record.offset + by })),
    next: next + by,
    bounds: later(bounds, by),
  };
}

function later({ start, end }: ReadBatch['bounds'], by: number): ReadBatch['bounds'] {
  return { start: start + by, end: end + by };
}

/** An offset of the former topic is before all of this one. */
function earlier(offset: number, by: number): number {
  return Math.max(0, offset - by);
}
