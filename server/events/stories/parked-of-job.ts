// Finds what waits for another attempt of a FanOut's job: its items, or the task of dividing or
// gathering it.
import type { ParkedItem } from '../../../admin/story-view.ts';
import { parkingLogTopicOf } from '../../../core/names.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { ParkingLogEntry } from '../../../worker/parking-log/fold-parking-log.ts';
import { parkedLanesOf } from '../../../worker/parking-log/parked-lanes.ts';
import { openParkedReaders } from '../../../worker/parking-log/parked-reader.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { fateOfEntry } from './dispatched-fate.ts';
import type { Fated } from './told.ts';

export interface JobPart {
  readonly plan: Pick<ConsumerPlan, 'settings'>;
  readonly log: Pick<EventLog, 'bounds' | 'positions' | 'read'>;
  readonly signal: AbortSignal;
}

export interface ParkedPart {
  readonly parked: readonly (ParkedItem & Pick<Fated, 'because'>)[];
  readonly moreParked?: number;
}

interface Parked {
  readonly partition: number;
  readonly entry: ParkingLogEntry;
  readonly head: ParkingLogEntry;
}

/** The items with the most attempts come first; there are at most `most`. */
export async function parkedItemsOf(part: JobPart, nonce: string, most: number): Promise<ParkedPart> {
  const begin = `${nonce}-`;
  const all = await parkedWhere(part, ({ headers }) => headers['ce_id']?.startsWith(begin) ?? false);
  const sorted = all.toSorted((a, b) => b.entry.attempts - a.entry.attempts || indexOf(a) - indexOf(b));
  const parked = sorted.slice(0, most).map(each => {
    const { fate: _, since: _2, redriven: _3, ...rest } = fateOfEntry(each.entry, each.head, each.partition);
    return { index: indexOf(each), ...rest };
  });
  const more = all.length - parked.length;
  return { parked, ...(more === 0 ? {} : { moreParked: more }) };
}

/** Undefined where it is not parked. */
export async function parkedTaskOf(part: JobPart, nonce: string): Promise<Fated | undefined> {
  const [first] = await parkedWhere(part, ({ key }) => key === nonce);
  return first && fateOfEntry(first.entry, first.head, first.partition);
}

async function parkedWhere(
  { plan: { settings }, log, signal }: JobPart,
  isMeant: (record: LogRecord) => boolean,
): Promise<Parked[]> {
  const { group, topic, order } = settings;
  const found: Parked[] = [];
  for (const reader of await openParkedReaders(log, { group, topic, parkingLog: parkingLogTopicOf(group) })) {
    const { entries } = await reader.read(signal);
    for (const { head, entries: lane } of parkedLanesOf(order, entries.values())) {
      for (const entry of lane) if (isMeant(entry.record)) found.push({ partition: reader.partition, entry, head });
    }
  }
  return found;
}

function indexOf({ entry }: Parked): number {
  const id = entry.record.headers['ce_id'] ?? '';
  return Number(id.slice(id.lastIndexOf('-') + 1));
}
