// Knows a record that was made of an event: its id is made of the place of its cause. Sums up the
// fates of several that one event became.
import type { StoryWindow } from '../../../admin/story-view.ts';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { DEPTH_HEADER } from '../../../core/wire.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { JOINED } from '../../../worker/pipelines/join/joined-item.ts';
import type { SearchedPart } from './log-scan.ts';
import type { Fated } from './told.ts';

/** The place of an event in its topic. */
export interface CausePlace {
  readonly partition: number;
  readonly offset: number;
}

export interface EventName {
  readonly id: string;
  readonly source: string;
}

/** `source`: resource name of its topic, for a record that is no event. */
export function eventNameAt(record: LogRecord, partition: number, source: string): CloudEvent | undefined {
  try {
    return fromRecord(record, { source: `/topics/${source}`, type: source, partition, ...record });
  } catch {
    return undefined;
  }
}

/** The event of `cause`, gone on as it is under its own id: it has come further than there. */
export function isSameEvent({ headers }: LogRecord, name: EventName | undefined, cause: LogRecord): boolean {
  const { ce_id: id, ce_source: source } = headers;
  return depthOf(headers) > depthOf(cause.headers) && name !== undefined && id === name.id && source === name.source;
}

function depthOf({ [DEPTH_HEADER]: depth = '0' }: LogRecord['headers']): number {
  return Number(depth);
}

/** The id of the event that a consumer's target answered with. */
export function replyIdOf(group: string, { partition, offset }: CausePlace): string {
  return `${group}/${partition}-${offset}`;
}

/** The place of the event that a reply answers; undefined for other ids. */
export function causeOfReply(id: string): (CausePlace & { readonly group: string }) | undefined {
  const [, group, partition, offset] = /^(.+)\/(\d{1,9})-(\d{1,16})$/s.exec(id) ?? [];
  if (group === undefined) return undefined;
  return { group, partition: Number(partition), offset: Number(offset) };
}

/** The place of the event of which a step of the pipeline has made the one with this id. */
export function causeInPipeline(id: string, pipeline: string): CausePlace | undefined {
  if (!id.startsWith(`${pipeline}/`) && !id.startsWith(`${pipeline}.`)) return undefined;
  const [, partition, offset] = /^[^/]+(?:\/[\d.]+)*\/(\d{1,9})-(\d{1,16})(?:-\d+)*$/.exec(id) ?? [];
  return partition === undefined ? undefined : { partition: Number(partition), offset: Number(offset) };
}

/**
 * The places of the events of both Topics of which a join of the pipeline has made the one with
 * this id. An event that stayed alone has one. Undefined for other ids.
 */
export function causesInJoin(id: string, pipeline: string): readonly (CausePlace | undefined)[] | undefined {
  if (!id.startsWith(`${pipeline}/`) && !id.startsWith(`${pipeline}.`)) return undefined;
  const [found, ...numbers] = JOIN_ID.exec(id) ?? [];
  if (found === undefined) return undefined;
  return [0, 2].map(at => {
    const [partition, offset] = numbers.slice(at);
    return partition === undefined ? undefined : { partition: Number(partition), offset: Number(offset) };
  });
}

const PLACE = String.raw`(?:(\d{1,9})-(\d{1,16})(?:-\d+)*)?`;
const JOIN_ID = new RegExp(String.raw`^[^/]+(?:/[\d.]+)*/${PLACE}${JOINED}${PLACE}(?:-\d+)*$`);

/**
 * The place of the event of a published dead letter. `deadid` is
 * `<group>/<partition>-<offset>-<redrives>`.
 */
export function causeOfLetter(deadId: string): (CausePlace & { readonly group: string }) | undefined {
  const [, group, partition, offset] = /^(.+)\/(\d{1,9})-(\d{1,16})-\d+$/s.exec(deadId) ?? [];
  if (group === undefined) return undefined;
  return { group, partition: Number(partition), offset: Number(offset) };
}

/** Windows that a story names. */
const MOST_WINDOWS = 100;
const TRIMMED =
  'Its records there are deleted: what is settled is kept for a day. It was handled, or a step left it out.';
const NOT_LOOKED = 'The search of its internal topic stopped before it was found.';

export function fateOfNone({ isWhole, isTrimmed }: SearchedPart): Fated {
  if (!isWhole) return { fate: 'unknown', note: NOT_LOOKED };
  if (isTrimmed) return { fate: 'done', note: TRIMMED };
  return { fate: 'filtered' };
}

const WORST: readonly Fated['fate'][] = ['held', 'dead', 'purged', 'parked', 'waiting', 'unknown', 'done', 'filtered'];

/** The worst of the fates of several events that one became; the note says how many there are. */
export function worstOf(fates: readonly Fated[], made: number): Fated {
  const [worst = { fate: 'filtered' } as const] = [...fates].sort(
    (a, b) => WORST.indexOf(a.fate) - WORST.indexOf(b.fate),
  );
  if (made === 1) return worst;
  const same = fates.filter(({ fate }) => fate === worst.fate).length;
  const looked = made > fates.length ? `; the first ${fates.length} were looked at` : '';
  const note = `It became ${made} events here, and ${same} of them are ${worst.fate}${looked}.`;
  return { ...worst, note: worst.note === undefined ? note : `${note} ${worst.note}` };
}

export function namesOf(windows: readonly StoryWindow[]): Pick<Fated, 'windows' | 'moreWindows'> {
  if (windows.length <= MOST_WINDOWS) return { windows };
  return { windows: windows.slice(0, MOST_WINDOWS), moreWindows: windows.length - MOST_WINDOWS };
}
