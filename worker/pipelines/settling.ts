// Reports the progress of a calling stage to the readers of its results, as it finishes events in
// another order than that of their arrival.
import { every } from '../../core/retry/every.ts';
import type { World } from '../../core/world.ts';
import type { EventLog, LogRecord } from '../../drivers/event-log/event-log.ts';
import type { PartitionView } from '../dispatch/view.ts';
import { markOf } from '../fold/source-mark.ts';
import { createLogEnds, type EndsByTopic, hasReadTo } from './log-ends.ts';
import type { Outlet } from './outlets/outlet.ts';

export interface Settling {
  /** An attempt at a record has begun. */
  began(partition: number, record: LogRecord): void;
  start(partitions: () => readonly PartitionView[]): void;
  close(): void;
}

interface Source {
  /** Offset here of each record that is not known to be settled, with its offset at the origin. */
  readonly open: Map<number, number>;
  /** All below this offset of the source is settled. */
  settled: number;
  /** The highest offset that has begun here. */
  highest: number;
  /** The end of the partition when all of it was settled. */
  lookedAt: number;
}

const EVERY_MS = 1_000;
/** More than the records that are appended again after a failure. */
const REPEATS = 5_000;
const LIMITS = { maxRecords: 1_000, maxBytes: 4 * 1024 * 1024 };

export function createSettling(
  world: World,
  log: Pick<EventLog, 'bounds' | 'read' | 'positions'>,
  topic: string,
  outlets: readonly Outlet[],
  /**
   * The stage that reads the Topic of the pipeline, partition by partition, and fills this topic.
   * `beside`: the topics that its events are joined with.
   */
  before: { readonly group: string; readonly topic: string; readonly beside: readonly string[] },
): Settling {
  const told = outlets.filter(({ reached }) => reached !== undefined);
  const logEnds = createLogEnds(world, log, before.topic, before.beside);
  const sources = new Map<number, Source>();
  const closing = new AbortController();
  const { signal } = closing;
  const sourceOf = (partition: number): Source => {
    const source = sources.get(partition) ?? {
      open: new Map(),
      settled: 0,
      highest: -1,
      lookedAt: 0,
    };
    sources.set(partition, source);
    return source;
  };

  /**
   * The highest offset, at their origin, of the records up to the end. The last of them may be
   * repeats of earlier ones.
   */
  const newest = async (partition: number, end: number): Promise<number> => {
    let highest = -1;
    for (let from = Math.max(0, end - REPEATS); from < end; ) {
      const { records, next } = await log.read(topic, partition, from, LIMITS);
      for (const record of records) {
        // Records that are appended meanwhile are read, too.
        if (record.offset < end) highest = Math.max(highest, markOf(record)?.offset ?? -1);
      }
      if (next <= from) break;
      from = next;
    }
    return highest;
  };

  /**
   * The ends of the source's partitions, as seen before the end of this one was, where all of it
   * has been handed on to this topic. Undefined: it was not.
   */
  const readTo = async (partition: number): Promise<EndsByTopic | undefined> => {
    const look = await logEnds.look();
    const end = look?.after.get(partition);
    if (look === undefined || end === undefined) return undefined;
    const position = (await log.positions(before.group, before.topic))[partition];
    // A group that has no position yet has handed on nothing.
    const from = position?.offset ?? (await log.bounds(before.topic))?.[partition]?.start ?? 0;
    return (await hasReadTo(log, before.topic, partition, from, end)) ? look.before : undefined;
  };

  const look = async ({ partition, state, watermark, parkedEvents }: PartitionView) => {
    // While anything is parked, older events may still come.
    if (state !== 'running' || parkedEvents > 0) return;
    const source = sourceOf(partition);
    // A copy, as the view is live: other attempts begin during the query to the log.
    const { highest } = source;
    for (const [offset, came] of source.open) {
      if (offset >= watermark) continue;
      source.open.delete(offset);
      // Other results of the same event may be behind it.
      source.settled = Math.max(source.settled, came);
    }
    // This comes before the end: the stage before has handed on all that it has read.
    const ends = await readTo(partition);
    // The end is asked for now, as the dispatcher's may be old.
    const end = (await log.bounds(topic))?.[partition]?.end ?? 0;
    const quiet = end <= watermark && source.open.size === 0;
    if (quiet && source.lookedAt !== end) {
      source.settled = Math.max(source.settled, highest + 1, (await newest(partition, end)) + 1);
      source.lookedAt = end;
    }
    const count = await logEnds.partitions();
    for (const outlet of told) await outlet.grew?.(partition, count, signal);
    for (const outlet of told) await outlet.reached?.(partition, source.settled, quiet ? ends : undefined, signal);
  };

  const run = (partitions: () => readonly PartitionView[]) => {
    const lookAtAll = async () => {
      for (const { partition } of partitions()) {
        const view = partitions().find(each => each.partition === partition);
        // The next look reports it again.
        if (view) await look(view).catch(() => undefined);
        signal.throwIfAborted();
      }
    };
    return every(EVERY_MS, lookAtAll, { world, signal });
  };

  return {
    began(partition, record) {
      if (told.length === 0) return;
      const source = sourceOf(partition);
      const mark = markOf(record);
      if (mark === undefined) return;
      source.open.set(record.offset, mark.offset);
      source.highest = Math.max(source.highest, mark.offset);
    },
    start(partitions) {
      if (told.length > 0) run(partitions).catch(() => undefined);
    },
    close: () => closing.abort(),
  };
}
