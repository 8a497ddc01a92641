// Looks for what an event has led to: each expectation says in which topic a record would be, and
// by what it is known. All that are expected in one topic are looked for together.
import type { StoryLink } from '../../../admin/story-view.ts';
import { formatJobId, JOB_HEADER } from '../../../core/jobs/job-id.ts';
import { mapAtOnce } from '../../../core/map-at-once.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { Bounds, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { LogScan, PartReading, ScannedPart, Verdict } from './log-scan.ts';

export interface Expectation {
  /** In the log. */
  readonly topic: string;
  /** Only this partition; undefined: all. */
  readonly partition?: number;
  /** The partition that the record most likely is in, of so many. */
  readonly likely?: ((partitions: number) => number) | undefined;
  /** True where several records may be made; else the first one that is found is enough. */
  readonly many: boolean;
  judge(record: LogRecord): boolean;
  /** The link without the place of the record. */
  readonly link: Pick<StoryLink, 'how' | 'by' | 'of'>;
  /** The place of the row, for a job of a FanOut. */
  readonly job?: { readonly scope: string; readonly nonce: string };
}

export interface Found {
  readonly links: readonly StoryLink[];
  /** More links that were found and are left out. */
  readonly more: number;
}

/** Links that a story has of one expectation. */
const MOST_LINKS = 100;
const TOPICS_AT_ONCE = 8;
/**
 * The part of the limits for what was appended before the likely time. Without it, a search that
 * ends at its limits would begin anew there.
 */
const KEPT_FOR_BEFORE = 0.25;

interface Open {
  readonly expectation: Expectation;
  readonly links: Map<string, StoryLink>;
  /** More links than it has, of those that were found. */
  more: number;
}

interface Place extends Omit<ScannedPart, 'begin'> {
  readonly wanted: () => readonly Open[];
  /** The partition is the most likely one. */
  readonly isLikely: boolean;
}

/** Milliseconds since 1970. */
export interface SearchTimes {
  /** Nothing that is looked for was appended before. */
  readonly since: number;
  /** All of it was appended later where clocks agree. */
  readonly likely?: number;
}

/**
 * The search begins shortly behind the event, in the partition of its key. Then it goes on in all
 * partitions side by side until everything is found.
 */
export async function search(
  expectations: readonly Expectation[],
  { since, likely = since }: SearchTimes,
  scan: LogScan,
): Promise<Found> {
  const all = expectations.map((expectation): Open => ({ expectation, links: new Map(), more: 0 }));
  const topics = [...Map.groupBy(all, ({ expectation }) => expectation.topic)];
  const bounds = await mapAtOnce(topics, TOPICS_AT_ONCE, ([topic]) => scan.bounds(topic));
  const places = topics.flatMap(([topic, open], index) => placesIn(topic, open, bounds[index] ?? []));
  const giveBack = likely > since ? scan.keep(KEPT_FOR_BEFORE) : undefined;
  const begins = await searchIn(places, likely, scan);
  const before = places.map(place => ({ ...place, end: begins.get(place) ?? place.end }));
  if (giveBack) {
    giveBack();
    await searchIn(
      before.filter(({ start, end }) => end > start),
      since,
      scan,
    );
  }
  return {
    links: all.flatMap(({ links }) => [...links.values()]),
    more: all.reduce((sum, { more }) => sum + more, 0),
  };
}

function placesIn(topic: string, open: readonly Open[], bounds: readonly Bounds[]): Place[] {
  const [first] = open;
  if (first === undefined) return [];
  const isLikely = (at: number) =>
    open.some(({ expectation: { partition, likely } }) => {
      const only = partition ?? likely?.(bounds.length);
      return only === undefined || only === at;
    });
  return bounds.map((each, partition) => ({
    ...each,
    topic,
    of: first.expectation.link.of,
    partition,
    wanted: () => wantedAt(partition, open),
    isLikely: isLikely(partition),
  }));
}

function wantedAt(partition: number, all: readonly Open[]): readonly Open[] {
  return all.filter(({ expectation, links }) => {
    const isHere = expectation.partition === undefined || expectation.partition === partition;
    return isHere && (expectation.many || links.size === 0);
  });
}

/** Resolves with the offsets at which it began, of the places that it has searched. */
async function searchIn(places: readonly Place[], from: number, scan: LogScan): Promise<ReadonlyMap<Place, number>> {
  const begins = new Map<Place, number>();
  const placeOf = new Map<PartReading, Place>();
  const isWanted = (reading: PartReading) => (placeOf.get(reading)?.wanted().length ?? 0) > 0;
  const begin = async (meant: readonly Place[]) => {
    const wanted = meant.filter(place => place.wanted().length > 0);
    const offsets = await scan.begins(wanted, from);
    for (const [index, place] of wanted.entries()) {
      const offset = offsets[index] ?? place.end;
      begins.set(place, offset);
      placeOf.set(
        scan.reading({ ...place, begin: offset }, record => judge(record, place)),
        place,
      );
    }
  };
  const readOn = async (more = 0) => {
    const open = [...placeOf.keys()].filter(reading => !reading.isOver && isWanted(reading));
    await scan.readOn(open, isWanted, more);
    return open.length > 0;
  };
  const others = places.filter(({ isLikely }) => !isLikely);
  await begin(places.filter(({ isLikely }) => isLikely));
  await readOn(others.length);
  await begin(others);
  while (await readOn());
  scan.leaveUnread([...placeOf.keys()].filter(isWanted));
  return begins;
}

function judge(record: LogRecord, { partition, wanted }: Place): Verdict {
  const now = wanted();
  for (const each of now) {
    const { expectation } = each;
    if (!expectation.judge(record)) continue;
    take(each, { ...expectation.link, ...linkOf(record, partition, expectation.link.of) });
  }
  return now.some(({ expectation, links }) => expectation.many || links.size === 0) ? 'skip' : 'past';
}

/** A repeat has the same id, and is no other event. */
function take(open: Open, link: StoryLink): void {
  const id = `${link.eventId ?? ''} ${link.eventId === undefined ? link.id : ''}`;
  if (open.links.has(id)) return;
  if (open.links.size < MOST_LINKS) open.links.set(id, link);
  else open.more++;
}

/** The place of a record, or the id of the job that it is. */
export function linkOf(
  { offset, timestamp, key, headers }: LogRecord,
  partition: number,
  { kind }: StoryLink['of'],
): Pick<StoryLink, 'id' | 'eventId' | 'type' | 'at'> {
  const nonce = kind === 'FanOut' ? key : kind === 'Queue' ? headers[JOB_HEADER] : undefined;
  const { ce_id: eventId, ce_type: type, ce_deadid: deadId } = headers;
  const named = deadId ?? eventId;
  return {
    id: typeof nonce === 'string' ? formatJobId({ partition, offset, nonce }) : `${partition}-${offset}`,
    ...(named === undefined ? {} : { eventId: named }),
    ...(type === undefined ? {} : { type }),
    at: toTimestamp(timestamp),
  };
}
