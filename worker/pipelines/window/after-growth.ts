// Tells a person what to do once a Topic has grown whose events were counted in place: where
// another Pipeline begins, and which of its results have been given already.
import { toTimestamp } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Tables } from '../../../drivers/store/tables.ts';
import { isPoison } from '../../fold/poison.ts';
import { readClock } from './saved-clock.ts';
import type { WindowPlan } from './window-plan.ts';

export interface Growth {
  readonly log: Pick<EventLog, 'bounds' | 'positions' | 'read'>;
  readonly store: Pick<Tables, 'row'>;
  readonly group: string;
  /** In the log. */
  readonly topic: string;
  readonly plan: Pick<WindowPlan, 'shape' | 'lateness' | 'disorder'>;
  scopeOf(partition: number): string;
  /** When an event happened, milliseconds since 1970. */
  timeOf(record: LogRecord, partition: number): number;
}

/** Clocks of those who publish differ by less than this from the log's. */
const CLOCKS_MS = 300_000;
const SOME = { maxRecords: 1_000, maxBytes: 4 * 1024 * 1024 };

/** A sentence. Its times are such that no window is lost, and none is given in part. */
export async function whatToDo(growth: Growth): Promise<string> {
  const open = await openSince(growth);
  const begin =
    'Put a Pipeline of another name in its place, with "by" in other words than "key" of the Topic, such as "${string(…)}" around it,';
  if (open === undefined) return `${begin} and "from.start: earliest".`;
  const { size } = growth.plan.shape;
  // A session that was cut off where the other Pipeline begins is over before those that count.
  const cut = growth.plan.shape.kind === 'session' ? size : 0;
  const since = toTimestamp(open);
  const start = toTimestamp(open - cut - CLOCKS_MS);
  return `${begin} "from.start: ${start}", and behind the window the step { filter: "\${timestamp(event.data.start) >= timestamp('${since}')}" }. Results of windows before that have been given.`;
}

/** The start of the first window of which no result may have been given; undefined: none was. */
async function openSince(growth: Growth): Promise<number | undefined> {
  const { log, group, topic, plan } = growth;
  const { shape, lateness } = plan;
  const [bounds = [], positions] = await Promise.all([log.bounds(topic), log.positions(group, topic)]);
  const times = await Promise.all(
    bounds.map(({ start }, partition) => timeIn(growth, partition, positions[partition]?.offset ?? start)),
  );
  const least = Math.min(...times.map(time => time ?? Number.POSITIVE_INFINITY));
  if (!Number.isFinite(least)) return undefined;
  const closed = least - lateness - shape.size;
  return shape.kind === 'session' ? closed : (Math.floor(closed / shape.every) + 1) * shape.every;
}

/** How far event time has come in a partition: by its windows, or by the first unread event. */
async function timeIn(growth: Growth, partition: number, position: number): Promise<number | undefined> {
  const { store, log, topic, plan, scopeOf, timeOf } = growth;
  const saved = await readClock(store, scopeOf(partition));
  const [watermark = null] = saved?.watermark ?? [];
  if (watermark !== null) return watermark;
  for (let from = saved?.offset ?? position; ; ) {
    const { records, next } = await log.read(topic, partition, from, SOME);
    if (records.length === 0) return undefined;
    for (const record of records) {
      const time = attempt(() => timeOf(record, partition));
      if (time !== undefined) return time - plan.disorder;
    }
    from = next;
  }
}

function attempt(timeOf: () => number): number | undefined {
  try {
    return timeOf();
  } catch (error) {
    // No window counts it.
    if (isPoison(error)) return undefined;
    throw error;
  }
}
