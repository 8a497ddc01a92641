// Events on their way to be counted in windows: brought to the partition of their key, with how far their source has come.
import { EVENT_TIME_HEADER } from '../../../core/wire.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { appendInParts } from '../../fold/append-in-parts.ts';
import { toInternal } from '../flow/item-codec.ts';
import { toClockRecord } from '../window/clock-record.ts';
import { compileTime, type WindowPlan } from '../window/window-plan.ts';
import { numbered } from './numbered.ts';
import type { Outlet } from './outlet.ts';

export interface WindowOutletOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'append'>;
  readonly topic: string;
  readonly partitions: number;
  readonly feeder: string;
  readonly plan: Pick<WindowPlan, 'keyOf' | 'idle'>;
  /** Expression in `${…}`. */
  readonly time: string;
}

/** Every partition is told of every source so often, while events come. */
const TELL_EVERY_MS = 1_000;

interface Known {
  time: number | undefined;
  toldAt: number;
  /** What was told. */
  told: number | undefined;
}

export function createWindowOutlet(options: WindowOutletOptions): Outlet {
  const { world, log, topic, partitions, feeder, plan, time } = options;
  const timeOf = compileTime(time);
  const sources = new Map<number, Known>();
  const knownOf = (source: number): Known => {
    const known = sources.get(source) ?? { time: undefined, toldAt: Number.NEGATIVE_INFINITY, told: undefined };
    sources.set(source, known);
    return known;
  };
  const clocks = (source: number, known: Known, upTo: number, silentMs: number | undefined): NewRecord[] => {
    known.toldAt = world.monotonic();
    known.told = known.time;
    const clock = { source, time: known.time, upTo, silentMs };
    return Array.from({ length: partitions }, (_, partition) => toClockRecord(clock, partition));
  };

  return {
    label: topic,
    async put(items, refuse, signal) {
      const records: NewRecord[] = [];
      let source: number | undefined;
      let last = 0;
      for (const { item, index } of numbered(items)) {
        try {
          const { partition, record } = item.cause;
          const happened = timeOf(item.event, record);
          const mark = { topic: feeder, partition, offset: record.offset, index };
          const made = toInternal(item, plan.keyOf(item.event), mark);
          records.push({ ...made, headers: { ...made.headers, [EVENT_TIME_HEADER]: String(happened) } });
          const known = knownOf(partition);
          known.time = Math.max(known.time ?? happened, happened);
          source = partition;
          last = record.offset;
        } catch (error) {
          refuse(item, error);
        }
      }
      const known = source === undefined ? undefined : knownOf(source);
      if (
        source !== undefined &&
        known &&
        world.monotonic() - known.toldAt >= TELL_EVERY_MS &&
        known.time !== known.told
      ) {
        records.push(...clocks(source, known, last + 1, undefined));
      }
      await appendInParts(log, topic, records, signal);
    },
    async silent(source, upTo, silentMs, signal) {
      const known = knownOf(source);
      // One that has never had any event holds nobody back.
      if (silentMs < plan.idle && upTo > 0) return;
      // Told less and less often.
      const pause = Math.max(TELL_EVERY_MS, silentMs / 8);
      if (world.monotonic() - known.toldAt < pause) return;
      await appendInParts(log, topic, clocks(source, known, upTo, silentMs), signal);
    },
  };
}
