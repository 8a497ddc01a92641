// Reads a partition batch by batch, the next one during work on the last. It counts records that
// retention has deleted in between.

import { offsetDistance } from '../../drivers/event-log/epochs.ts';
import type { ReadBatch, ReadLimits } from '../../drivers/event-log/event-log.ts';
import type { StageObserver, StageWork } from './stage.ts';

/** A batch becomes one step of the store, which takes 10,000 changes and 16 MiB. */
const READ_LIMITS: ReadLimits = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };

/**
 * Reads on from `from`; undefined: from the first record. Ends by rejecting: with the reason of the
 * signal, or with the error of the log.
 */
export async function* readAhead(
  { owned, state, totals, signal }: StageWork,
  topic: string,
  from: number | undefined,
  observer: StageObserver,
  limits: ReadLimits = READ_LIMITS,
): AsyncGenerator<ReadBatch, never> {
  const reader = owned.open(topic, from ?? 0);
  let expected = from;
  const read = () => {
    const batch = reader.next(limits, signal);
    // The next turn looks at the promise, or none does.
    batch.catch(() => undefined);
    return batch;
  };
  try {
    for (let pending = read(); ; ) {
      const batch = await pending;
      signal.throwIfAborted();
      const { start, end } = batch.bounds;
      const first = batch.records[0]?.offset ?? batch.next;
      // Records that were deleted after they had been read are no loss.
      const to = Math.min(start, first);
      if (expected !== undefined && to > expected) {
        totals.jumped += offsetDistance(expected, to);
        observer.jumped(owned.partition, expected, to);
      }
      expected = batch.next;
      state.end = end;
      pending = read();
      yield batch;
    }
  } finally {
    reader.close();
  }
}
