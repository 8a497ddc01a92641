// From where a person wants to read a topic, in words, to a place in each of its partitions.
import { TenfoldError } from '../../../core/errors.ts';
import { parseTimestamp } from '../../../core/world.ts';
import { offsetDistance } from '../../../drivers/event-log/epochs.ts';
import type { Bounds, EventLog } from '../../../drivers/event-log/event-log.ts';
import { decodePosition, type Place, type ScanPosition } from './scan-position.ts';

export interface PlaceRequest {
  readonly log: Pick<EventLog, 'bounds' | 'offsetAt'>;
  /** In the log. */
  readonly topic: string;
  readonly from: string;
  readonly partition: number | undefined;
}

/** Partitions that are asked for a time together. */
const ASKED_AT_ONCE = 32;
const EVENT_PLACE = /^(\d{1,9})-(\d{1,16})$/;

/** A new list begins here, and ends with what is there now. Throws `bad-request`, `not-ready`. */
export async function placesFrom({ log, topic, from, partition }: PlaceRequest): Promise<ScanPosition> {
  const bounds = await boundsOf(log, topic);
  const given = decodePosition(topic, from);
  const [, lane, offset] = EVENT_PLACE.exec(from) ?? [];
  const only = partition ?? (lane === undefined ? undefined : Number(lane));
  if (only !== undefined && only >= bounds.length) {
    throw new TenfoldError('bad-request', `The topic has no partition ${only}: its last one is ${bounds.length - 1}.`);
  }
  if (lane !== undefined && partition !== undefined && Number(lane) !== partition) {
    throw new TenfoldError('bad-request', `"from" names partition ${lane}, and "partition" another one.`);
  }
  const all = only === undefined && (given?.all ?? true);
  const known = new Map(given?.places.map(place => [place.partition, place.next]));
  const startOf = startIn(log, topic, from);
  const places: Place[] = [];
  for (let at = 0; at < bounds.length; at += ASKED_AT_ONCE) {
    const those = bounds.slice(at, at + ASKED_AT_ONCE).map(async (each, index): Promise<Place | undefined> => {
      const number = at + index;
      if (only !== undefined && number !== only) return undefined;
      if (given && !all && !known.has(number)) return undefined;
      const start = given ? (known.get(number) ?? each.start) : offset === undefined ? undefined : Number(offset);
      const next = Math.max(each.start, start ?? (await startOf(number, each)));
      return { partition: number, next, end: Math.max(next, each.end) };
    });
    places.push(...(await Promise.all(those)).filter(place => place !== undefined));
  }
  return withTotal(places, all);
}

/** So many offsets before these places, or the start of their partitions. */
export function placesBefore(
  { places }: ScanPosition,
  bounds: readonly Bounds[],
  count: number,
): { readonly places: readonly Place[]; readonly atStart: boolean } {
  const startOf = (partition: number) => bounds[partition]?.start ?? 0;
  const before = places.map(({ partition, next }) => {
    return { partition, next: Math.min(next, Math.max(startOf(partition), next - count)), end: next };
  });
  return { places: before, atStart: before.every(({ partition, next }) => next <= startOf(partition)) };
}

/** The same places with the ends of now, and the partitions that were added since. */
export function upTo({ places, all }: ScanPosition, bounds: readonly Bounds[]): ScanPosition {
  const grown = places.map(place => ({ ...place, end: Math.max(place.next, bounds[place.partition]?.end ?? 0) }));
  const known = new Set(places.map(({ partition }) => partition));
  for (const [partition, { start, end }] of bounds.entries()) {
    if (all && !known.has(partition)) grown.push({ partition, next: start, end });
  }
  return withTotal(grown, all);
}

export async function boundsOf(log: Pick<EventLog, 'bounds'>, topic: string): Promise<readonly Bounds[]> {
  const bounds = await log.bounds(topic);
  if (bounds !== undefined) return bounds;
  throw new TenfoldError('not-ready', `The log has no topic ${topic} yet. See why with "tenfold get topics".`);
}

function startIn(
  log: Pick<EventLog, 'offsetAt'>,
  topic: string,
  from: string,
): (partition: number, bounds: Bounds) => number | Promise<number> {
  if (from === 'earliest') return (_, { start }) => start;
  if (from === 'latest') return (_, { end }) => end;
  const time = parseTimestamp(from);
  if (time !== undefined) return partition => log.offsetAt(topic, partition, time);
  if (EVENT_PLACE.test(from) || from.startsWith('at_')) return (_, { start }) => start;
  throw new TenfoldError(
    'bad-request',
    'This is no place to begin: say earliest, latest, a time such as 2026-11-24T08:00:00Z, the place of an event such as 3-17, or the position of an earlier answer.',
  );
}

function withTotal(places: readonly Place[], all: boolean): ScanPosition {
  return { places, all, total: remaining(places) };
}

export function remaining(places: readonly Place[]): number {
  return places.reduce((sum, { next, end }) => sum + offsetDistance(next, end), 0);
}
