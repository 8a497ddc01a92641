// Follows the events of a bucket. It reads their topic and goes on only when the blob store has
// taken in what they say.
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { NotifiedBlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { EventLog, ReadLimits } from '../../drivers/event-log/event-log.ts';
import { readAhead } from '../fold/read-ahead.ts';
import { type Stage, type StageObserver, type StageWork, startStage } from '../fold/stage.ts';

export interface FollowBucketOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'bounds' | 'join'>;
  readonly group: string;
  readonly topic: string;
  readonly hear: NotifiedBlobStore['receiveNotification'];
  readonly observer: StageObserver;
}

/** Events of a batch are handled at the same time, and handled again when one of them failed. */
const LIMITS: ReadLimits = { maxRecords: 32, maxBytes: 4 * 1024 * 1024 };

/**
 * Rejects when the topic or the log is not there yet. A group that is new
 * begins with the oldest event.
 */
export async function followBucket(options: FollowBucketOptions): Promise<Stage> {
  const { world, log, group, topic, observer } = options;
  if ((await log.bounds(topic)) === undefined)
    throw new TenfoldError(
      'not-found',
      `There is no topic ${topic} in the log for events of the bucket (blobs.s3.events.topic). Make it, or name another.`,
    );
  return startStage({ world, log, group, topic, observer, work: work => hearAll(options, work) });
}

async function hearAll({ topic, hear, observer }: FollowBucketOptions, work: StageWork): Promise<never> {
  const { owned, state, totals, signal } = work;
  const commit = async (offset: number) => {
    await owned.commit({ offset, metadata: '' });
    state.position = offset;
  };
  const position = await owned.committed();
  state.position = position?.offset ?? 0;
  for await (const { records, next } of readAhead(work, topic, position?.offset, observer, LIMITS)) {
    const results = await Promise.allSettled(records.map(({ value }) => hear(value)));
    signal.throwIfAborted();
    for (const [index, record] of records.entries()) {
      const result = results[index];
      if (result?.status !== 'rejected') continue;
      if (!isHopeless(result.reason)) {
        if (index > 0) await commit(record.offset);
        throw result.reason;
      }
      totals.refused++;
      observer.refused(owned.partition, record, result.reason);
    }
    await commit(next);
    totals.handled += records.length;
    state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
    state.trouble = undefined;
  }
  throw new Error('A partition never ends.');
}

function isHopeless(error: unknown): boolean {
  return error instanceof TenfoldError && error.code === 'invalid-input';
}
