// One stage of a fold: a member of a group. A loop works on each of its partitions, and begins
// again after any stop.
import { sleep, type World } from '../../core/world.ts';
import type { EventLog, LogRecord, OwnedPartition } from '../../drivers/event-log/event-log.ts';

/** Reports of failures. An observer must not throw and must be quick. */
export interface StageObserver {
  /** The stage tries again by itself. */
  trouble(partition: number, error: unknown): void;
  /**
   * Another process works on the partition, or the store has lost its newest changes. The stage
   * goes on from the stored position.
   */
  superseded(partition: number, why: string): void;
  /** Records from `from` up to but not including `to` were deleted before they were read: by retention, or with their topic (`isRecreated`). */
  jumped(partition: number, from: number, to: number): void;
  /** A record is unusable for ever. */
  refused(partition: number, record: LogRecord, error: unknown): void;
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

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;
/** After work that lasted this long the next failure counts as a new one. */
const LASTED_MS = 30_000;

export async function startStage(options: StageOptions): Promise<Stage> {
  const { world, log, group, topic } = options;
  const stopping = new AbortController();
  const totals: StageTotals = { handled: 0, repeated: 0, refused: 0, jumped: 0 };
  const running = new Map<StagePartition, Promise<void>>();
  const assigned = (owned: OwnedPartition) => {
    const { partition } = owned;
    const state = { partition, position: undefined, end: undefined, newestMs: undefined, trouble: undefined };
    const signal = AbortSignal.any([owned.lost, stopping.signal]);
    const run = keepWorking(options, { owned, state, totals, signal }).finally(() => running.delete(state));
    running.set(state, run);
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

/** Resolves when the partition is lost or the stage is closed; never rejects. */
async function keepWorking({ world, observer, work }: StageOptions, owned: StageWork): Promise<void> {
  const { state, signal } = owned;
  const { partition } = state;
  let wait = FIRST_WAIT_MS;
  while (!signal.aborted) {
    const since = world.monotonic();
    try {
      const why = await work(owned);
      if (signal.aborted) return;
      state.trouble = why;
      observer.superseded(partition, why);
    } catch (error) {
      if (signal.aborted) return;
      state.trouble = error instanceof Error ? error.message : String(error);
      observer.trouble(partition, error);
    }
    if (world.monotonic() - since > LASTED_MS) wait = FIRST_WAIT_MS;
    // Two processes that both believe to be the owner take turns. Jitter and growing pauses let one
    // of them get something done.
    await sleep(world, wait * (0.5 + world.random()), signal).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}
