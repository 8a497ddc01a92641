// The offsets of an internal topic whose windows began over another topic: they come after all of
// that one, so that results keep their order, and none takes the id of another.
import { OFFSETS_PER_EPOCH } from '../../../drivers/event-log/epochs.ts';
import type { EventLog, OwnedPartition, ReadBatch } from '../../../drivers/event-log/event-log.ts';

export type WindowLog = Pick<EventLog, 'join' | 'bounds' | 'read'>;

/** More than any topic comes to that is not deleted a thousand times. */
export const LATER = 1000 * OFFSETS_PER_EPOCH;

/** The log as it is, with later offsets in the topic. Positions in the log stay what they are. */
export function withLaterOffsets(log: WindowLog, topic: string): WindowLog {
  return {
    join: options => log.join({ ...options, assigned: owned => options.assigned(laterOwned(owned, topic)) }),
    async bounds(asked) {
      const bounds = await log.bounds(asked);
      return asked === topic ? bounds?.map(later) : bounds;
    },
    async read(asked, partition, from, limits) {
      if (asked !== topic) return log.read(asked, partition, from, limits);
      return laterBatch(await log.read(asked, partition, earlier(from), limits));
    },
  };
}

function laterOwned(owned: OwnedPartition, topic: string): OwnedPartition {
  return {
    partition: owned.partition,
    lost: owned.lost,
    async committed() {
      const position = await owned.committed();
      return position && { ...position, offset: position.offset + LATER };
    },
    commit: ({ offset, metadata }) => owned.commit({ offset: earlier(offset), metadata }),
    open(asked, from) {
      if (asked !== topic) return owned.open(asked, from);
      const reader = owned.open(asked, earlier(from));
      return {
        next: async (limits, signal) => laterBatch(await reader.next(limits, signal)),
        close: () => reader.close(),
      };
    },
  };
}

function laterBatch({ records, next, bounds }: ReadBatch): ReadBatch {
  return {
    records: records.map(record => ({ ...record, offset: record.offset + LATER })),
    next: next + LATER,
    bounds: later(bounds),
  };
}

function later({ start, end }: ReadBatch['bounds']): ReadBatch['bounds'] {
  return { start: start + LATER, end: end + LATER };
}

/** An offset of the former topic is before all of this one. */
function earlier(offset: number): number {
  return Math.max(0, offset - LATER);
}
