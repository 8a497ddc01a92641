// Events on their way to be counted in windows: brought to the partition of their key, with how far their source has come.
import { EVENT_TIME_HEADER } from '../../../core/wire.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { appendInParts } from '../../fold/append-in-parts.ts';
import { toClockRecord } from '../../fold/clock-record.ts';
import { toInternal } from '../flow/item-codec.ts';
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
  /** False where events are put in another order than that of their places. */
  readonly ordered: boolean;
}

/** Every partition is told of every source so often, while events come. */
const TELL_EVERY_MS = 1_000;

interface Known {
  /** The newest time; where events are put in another order, of those that are settled. */
  time: number | undefined;
  toldAt: number;
  /** What was told. */
  told: number | undefined;
  toldUpTo: number;
  saidSilent: boolean;
  /** Offsets with their times, of what is not settled. */
  readonly open: { readonly offset: number; readonly time: number }[];
}

export function createWindowOutlet(options: WindowOutletOptions): Outlet {
  const { world, log, topic, partitions, feeder, plan, time, ordered } = options;
  const timeOf = compileTime(time);
  const sources = new Map<number, Known>();
  const knownOf = (source: number): Known => {
    const known = sources.get(source) ?? {
      time: undefined,
      toldAt: Number.NEGATIVE_INFINITY,
      told: undefined,
      toldUpTo: 0,
      saidSilent: false,
      open: [],
    };
    sources.set(source, known);
    return known;
  };
  const clocks = (source: number, known: Known, upTo: number, silentMs: number | undefined): NewRecord[] => {
    known.toldAt = world.monotonic();
    known.told = known.time;
    known.toldUpTo = upTo;
    known.saidSilent = silentMs !== undefined;
    const clock = { feeder, source, time: known.time, upTo, silentMs };
    return Array.from({ length: partitions }, (_, partition) => toClockRecord(clock, partition));
  };
  const settle = (known: Known, upTo: number) => {
    for (let index = known.open.length - 1; index >= 0; index--) {
      const each = known.open[index];
      if (each === undefined || each.offset >= upTo) continue;
      known.time = Math.max(known.time ?? each.time, each.time);
      known.open.splice(index, 1);
    }
  };

  return {
    label: topic,
    async put(items, refuse, signal) {
      const records: NewRecord[] = [];
      let last: { readonly known: Known; readonly source: number; readonly offset: number } | undefined;
      for (const { item, index } of numbered(items)) {
        try {
          const { partition, record } = item.cause;
          const happened = timeOf(item.event, record);
          const mark = { topic: feeder, partition, offset: record.offset, index };
          const made = toInternal(item, plan.keyOf(item.event), mark);
          records.push({ ...made, headers: { ...made.headers, [EVENT_TIME_HEADER]: String(happened) } });
          const known = knownOf(partition);
          if (ordered) known.time = Math.max(known.time ?? happened, happened);
          else known.open.push({ offset: record.offset, time: happened });
          last = { known, source: partition, offset: record.offset };
        } catch (error) {
          refuse(item, error);
        }
      }
      if (last && ordered) {
        const { known, source, offset } = last;
        const due = world.monotonic() - known.toldAt >= TELL_EVERY_MS && known.time !== known.told;
        // One that was left out holds the others back again at once.
        if (due || known.saidSilent) records.push(...clocks(source, known, offset + 1, undefined));
      }
      await appendInParts(log, topic, records, signal);
    },
    async silent(source, upTo, silentMs, signal) {
      const known = knownOf(source);
      if (!ordered) settle(known, upTo);
      const silent = silentMs !== undefined && silentMs >= plan.idle;
      if (!silent && (ordered || (known.time === known.told && upTo === known.toldUpTo))) return;
      // Told less and less often.
      const pause = silent ? Math.max(TELL_EVERY_MS, silentMs / 8) : 0;
      if (world.monotonic() - known.toldAt < pause) return;
      await appendInParts(log, topic, clocks(source, known, upTo, silent ? silentMs : undefined), signal);
    },
  };
}
