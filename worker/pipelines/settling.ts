// Tells what reads the results of a calling stage how far that has come: events are done in another order than they came in.
import { sleep, type World } from '../../core/world.ts';
import type { EventLog, LogRecord } from '../../drivers/event-log/event-log.ts';
import type { PartitionView } from '../dispatch/view.ts';
import { markOf } from '../fold/source-mark.ts';
import type { Outlet } from './outlets/outlet.ts';

export interface Settling {
  /** An attempt at a record has begun. */
  began(partition: number, record: LogRecord): void;
  start(partitions: () => readonly PartitionView[]): void;
  close(): void;
}

interface Source {
  /** Offset here of what is not known to be settled, with the offset that it had where it came from. */
  readonly open: Map<number, number>;
  /** All below this offset of the source is settled. */
  settled: number;
  lastAt: number;
}

const EVERY_MS = 1_000;

export function createSettling(
  world: World,
  log: Pick<EventLog, 'bounds' | 'read'>,
  topic: string,
  outlets: readonly Outlet[],
): Settling {
  const told = outlets.filter(({ silent }) => silent !== undefined);
  const sources = new Map<number, Source>();
  const closing = new AbortController();
  const { signal } = closing;
  const sourceOf = (partition: number): Source => {
    const source = sources.get(partition) ?? { open: new Map(), settled: 0, lastAt: world.monotonic() };
    sources.set(partition, source);
    return source;
  };

  /** The newest that the partition holds came from this offset. */
  const newest = async (partition: number): Promise<number | undefined> => {
    const end = (await log.bounds(topic))?.[partition]?.end ?? 0;
    if (end === 0) return undefined;
    const { records } = await log.read(topic, partition, end - 1, { maxRecords: 1, maxBytes: 1 });
    const [record] = records;
    return record && markOf(record)?.offset;
  };

  const look = async ({ partition, state, watermark, lag, parkedEvents }: PartitionView) => {
    // While anything is parked, what is older than it may come still.
    if (state !== 'running' || parkedEvents > 0) return;
    const source = sourceOf(partition);
    for (const [offset, before] of source.open) {
      if (offset >= watermark) continue;
      source.open.delete(offset);
      // Others of the same event may be behind it.
      source.settled = Math.max(source.settled, before);
    }
    const quiet = lag === 0 && source.open.size === 0;
    if (quiet) source.settled = Math.max(source.settled, ((await newest(partition)) ?? -1) + 1);
    const silentMs = quiet ? world.monotonic() - source.lastAt : undefined;
    for (const outlet of told) await outlet.silent?.(partition, source.settled, silentMs, signal);
  };

  const run = async (partitions: () => readonly PartitionView[]) => {
    while (!signal.aborted) {
      await sleep(world, EVERY_MS, signal);
      for (const view of partitions()) {
        // Told again the next time.
        await look(view).catch(() => undefined);
        signal.throwIfAborted();
      }
    }
  };

  return {
    began(partition, record) {
      if (told.length === 0) return;
      const source = sourceOf(partition);
      source.lastAt = world.monotonic();
      const mark = markOf(record);
      if (mark) source.open.set(record.offset, mark.offset);
    },
    start(partitions) {
      if (told.length > 0) run(partitions).catch(() => undefined);
    },
    close: () => closing.abort(),
  };
}
