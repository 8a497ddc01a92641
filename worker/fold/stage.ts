// One stage of a fold: a member of a group. A loop works on each of its partitions, and begins
// again after any stop.
import { sleep, type World } from '../../core/world.ts';
import type { EventLog, LogRecord, OwnedPartition } from '../../drivers/event-log/event-log.ts';
import { keepOwning } from '../owner-loop.ts';

/** Reports of failures. An observer must not throw and must be quick. */
export interface StageObserver {
  /** The stage tries again by itself. */
  trouble(partition: number, error: unknown): void;
  /**
   * Another process works on the partition, or the store has lost its newest changes. The stage
   * goes on from the stored position.
   */
  superseded(partition: number, why: string): void;
  /**
   * Records from `from` up to but not including `to` were deleted before they were read: by
   * retention, or with their topic (`isRecreated`).
   */
  jumped(partition: number, from: number, to: number): void;
  /** A record is unusable for ever. */
  refused(partition: number, record: LogRecord, error: unknown): void;
  /**
   * The stage begins to work on a batch. It calls the result at the end of that. Absent where no
   * spans are recorded.
   */
  began?(batch: StageBatch): (end: BatchEnd) => void;
}

export interface StageBatch {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
}

export interface BatchEnd {
  /** The error of work that failed by itself. */
  readonly failure?: unknown;
  /** The stage closed or lost the partition meanwhile. Its owner does the work again. */
  readonly isGivenUp?: boolean;
}

/**
 * Does the work on a batch, and tells the observer of its begin and its end. `signal` aborts when
 * the work is to stop.
 */
export async function observed<T>(
  observer: StageObserver,
  batch: StageBatch,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const ended = observer.began?.(batch);
  if (ended === undefined) return work();
  let end: BatchEnd = {};
  try {
    return await work();
  } catch (error) {
    end = signal.aborted ? { isGivenUp: true } : { failure: error ?? new Error('The work failed without an error.') };
    throw error;
  } finally {
    ended(end);
  }
}

export interface StagePartition {
  readonly partition: number;
  /** The next offset that the stage needs. */
  position: number | undefined;
  /** The end of the partition at the last read. */
  end: number | undefined;
  /** Append time of the newest handled record, by the log's clock. */
  newestMs: number | undefined;
  trouble: string | undefined;
}

export interface StageTotals {
  handled: number;
  /** Records that came a second time. */
  repeated: number;
  refused: number;
  /** Offsets that were gone before they were read. */
  jumped: number;
}

export interface Stage {
  /** The partitions that this process owns. */
  readonly partitions: readonly Readonly<StagePartition>[];
  readonly totals: Readonly<StageTotals>;
  /**
   * Ends the work under way, within at most so long, and leaves the group. Nothing is lost:
   * unfinished work is done again.
   */
  close(graceMs: number): Promise<void>;
}

export interface StageWork {
  readonly owned: OwnedPartition;
  readonly state: StagePartition;
  readonly totals: StageTotals;
  readonly signal: AbortSignal;
}

export interface StageOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'join'>;
  readonly group: string;
  readonly topic: string;
  readonly observer: StageObserver;
  /**
   * Works on a partition until it must stop, and returns the reason; or rejects. Called again while
   * the partition is owned.
   */
  work(work: StageWork): Promise<string>;
}

export async function startStage(options: StageOptions): Promise<Stage> {
  const { world, log, group, topic, observer, work } = options;
  const stopping = new AbortController();
  const totals: StageTotals = { handled: 0, repeated: 0, refused: 0, jumped: 0 };
  const running = new Map<StagePartition, Promise<void>>();
  const assigned = (owned: OwnedPartition) => {
    const { partition } = owned;
    const state: StagePartition = {
      partition,
      position: undefined,
      end: undefined,
      newestMs: undefined,
      trouble: undefined,
    };
    const signal = AbortSignal.any([owned.lost, stopping.signal]);
    const each: StageWork = { owned, state, totals, signal };
    const run = keepOwning({
      world,
      signal,
      own: () => work(each),
      superseded(why) {
        state.trouble = why;
        observer.superseded(partition, why);
      },
      trouble(error, message) {
        state.trouble = message;
        observer.trouble(partition, error);
      },
    });
    running.set(
      state,
      run.finally(() => running.delete(state)),
    );
  };
  const member = await log.join({ group, topics: [topic], assigned });
  return {
    get partitions() {
      return [...running.keys()];
    },
    totals,
    async close(graceMs) {
      stopping.abort(new Error('The stage is closed.'));
      const grace = new AbortController();
      const late = sleep(world, graceMs, grace.signal).catch(() => undefined);
      await Promise.race([Promise.all(running.values()), late]);
      grace.abort();
      await member.leave();
    },
  };
}
