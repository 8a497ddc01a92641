// Events on their way to be counted in windows: brought to the partition of their key, with the
// progress of their source.
import { EVENT_TIME_HEADER } from '../../../core/wire.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { appendInParts } from '../../fold/append-in-parts.ts';
import { type Clock, type Ends, toClockRecords } from '../../fold/clock-record.ts';
import type { FlowItem } from '../flow/item.ts';
import { toInternal } from '../flow/item-codec.ts';
import type { EndsByTopic } from '../log-ends.ts';
import { sourceNumber } from '../window/watermark.ts';
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
  /** The topics of the log whose events come there, in the order of their numbers. */
  readonly sources: readonly string[];
}

/**
 * How often every partition hears of every source while events come. It hears of the ends of others
 * as often at most, or less.
 */
const TELL_EVERY_MS = 1_000;
const TELL_ENDS_MS = 10_000;

type Refuse = Parameters<Outlet['put']>[1];

/** One partition of the source, as far as it has been put. */
interface Source {
  /** The newest time; where events are put in another order, the newest settled one. */
  time: number | undefined;
  /** Time when the last event was put. */
  lastAt: number;
  toldAt: number;
  /** The last record of progress that was sent. */
  told: number | undefined;
  toldUpTo: number;
  toldEnds: Ends;
  saidSilent: boolean;
  toldSources: number;
  /** Offsets with their times, of events that are not settled. */
  readonly open: { readonly offset: number; readonly time: number }[];
}

export function createWindowOutlet(options: WindowOutletOptions): Outlet {
  return new WindowOutlet(options);
}

class WindowOutlet implements Outlet {
  readonly label: string;
  readonly #options: WindowOutletOptions;
  readonly #timeOf: ReturnType<typeof compileTime>;
  readonly #sources = new Map<number, Source>();

  constructor(options: WindowOutletOptions) {
    this.label = options.topic;
    this.#options = options;
    this.#timeOf = compileTime(options.time);
  }

  async put(items: readonly FlowItem[], refuse: Refuse, signal: AbortSignal): Promise<void> {
    const { world, log, topic, feeder, plan, ordered } = this.#options;
    const records: NewRecord[] = [];
    let last: { readonly known: Source; readonly source: number; readonly offset: number } | undefined;
    for (const { item, index } of numbered(items)) {
      try {
        const { partition, record } = item.cause;
        const happened = this.#timeOf(item.event, record);
        const mark = { topic: feeder, partition, offset: record.offset, index };
        const made = toInternal(item, plan.keyOf(item.event), mark);
        records.push({ ...made, headers: { ...made.headers, [EVENT_TIME_HEADER]: String(happened) } });
        const known = this.#knownOf(partition);
        if (ordered) known.time = Math.max(known.time ?? happened, happened);
        else known.open.push({ offset: record.offset, time: happened });
        last = { known, source: partition, offset: record.offset };
      } catch (error) {
        refuse(item, error);
      }
    }
    if (last) last.known.lastAt = world.monotonic();
    if (last && ordered) {
      const { known, source, offset } = last;
      const due = world.monotonic() - known.toldAt >= TELL_EVERY_MS && known.time !== known.told;
      if (due || known.saidSilent) {
        await this.#tell(known, { source, upTo: offset + 1, silentMs: undefined, ends: undefined }, records, signal);
        return;
      }
    }
    await appendInParts(log, topic, records, signal);
  }

  began(source: number): void {
    if (this.#options.ordered) this.#sources.delete(source);
  }

  async grew(source: number, count: number, signal: AbortSignal): Promise<void> {
    const { log, topic, partitions, feeder } = this.#options;
    const known = this.#knownOf(source);
    if (count <= known.toldSources) return;
    const clock = { feeder, source, time: undefined, upTo: 0, silentMs: undefined, ends: undefined, sources: count };
    await appendInParts(log, topic, toClockRecords(clock, partitions), signal);
    known.toldSources = count;
  }

  async reached(source: number, upTo: number, seen: EndsByTopic | undefined, signal: AbortSignal): Promise<void> {
    const { world, plan, ordered, sources } = this.#options;
    const ends = seen && endsOf(seen, sources);
    const known = this.#knownOf(source);
    if (!ordered) settle(known, upTo);
    const quietMs = world.monotonic() - known.lastAt;
    const isSilent = ends !== undefined && quietMs >= plan.idle;
    const fresh = isSilent ? newIn(ends, known.toldEnds) : undefined;
    // A new owner says where it begins, though it does not know the time:
    // windows that do tell the others.
    const isFurther = upTo !== known.toldUpTo && (!ordered || known.toldUpTo === 0);
    const isNews = known.time !== known.told || isFurther;
    const sinceMs = world.monotonic() - known.toldAt;
    let pauseMs = Number.POSITIVE_INFINITY;
    if (isNews) pauseMs = ordered ? TELL_EVERY_MS : 0;
    else if (fresh && fresh.size > 0) pauseMs = Math.min(Math.max(TELL_EVERY_MS, plan.idle / 10), TELL_ENDS_MS);
    // Sent less and less often, and then in full.
    else if (isSilent) pauseMs = Math.max(TELL_EVERY_MS, quietMs / 8);
    if (sinceMs < pauseMs) return;
    const told = fresh && fresh.size > 0 ? fresh : ends;
    const progress = { source, upTo, silentMs: isSilent ? quietMs : undefined, ends: isSilent ? told : undefined };
    await this.#tell(known, progress, [], signal);
  }

  #knownOf(source: number): Source {
    const known = this.#sources.get(source) ?? {
      time: undefined,
      lastAt: this.#options.world.monotonic(),
      toldAt: Number.NEGATIVE_INFINITY,
      told: undefined,
      toldUpTo: 0,
      toldEnds: new Map(),
      saidSilent: false,
      toldSources: 0,
      open: [],
    };
    this.#sources.set(source, known);
    return known;
  }

  /** `records` go before the progress, which counts as sent once it is there. */
  async #tell(
    known: Source,
    { source, upTo, silentMs, ends }: Pick<Clock, 'source' | 'upTo' | 'silentMs' | 'ends'>,
    records: readonly NewRecord[],
    signal: AbortSignal,
  ): Promise<void> {
    const { world, log, topic, partitions, feeder } = this.#options;
    const { time } = known;
    const clock = { feeder, source, time, upTo, silentMs, ends };
    const at = world.monotonic();
    await appendInParts(log, topic, [...records, ...toClockRecords(clock, partitions)], signal);
    known.toldAt = at;
    known.told = time;
    known.toldUpTo = upTo;
    known.saidSilent = silentMs !== undefined;
    if (ends) known.toldEnds = new Map([...known.toldEnds, ...ends]);
  }
}

/** Events below the offset are settled, so their times count. */
function settle(known: Source, upTo: number): void {
  for (let index = known.open.length - 1; index >= 0; index--) {
    const each = known.open[index];
    if (each === undefined || each.offset >= upTo) continue;
    known.time = Math.max(known.time ?? each.time, each.time);
    known.open.splice(index, 1);
  }
}

/** By the number of the source. */
function endsOf(seen: EndsByTopic, sources: readonly string[]): Ends {
  const ends = new Map<number, number>();
  for (const [index, topic] of sources.entries()) {
    for (const [of, end] of seen.get(topic) ?? []) ends.set(sourceNumber(of, index, sources.length), end);
  }
  return ends;
}

function newIn(ends: Ends, told: Ends): Ends {
  return new Map([...ends].filter(([of, end]) => told.get(of) !== end));
}
