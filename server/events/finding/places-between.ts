// The part of each partition of a topic that lies between two times.
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Place, ScanPosition } from '../topics/scan-position.ts';
import { remaining } from '../topics/topic-places.ts';

interface Times {
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** Nothing of a topic that the log has not made yet. */
export async function placesBetween(
  log: Pick<EventLog, 'bounds' | 'offsetAt'>,
  topic: string,
  { since, until }: Times,
): Promise<ScanPosition> {
  const bounds = (await log.bounds(topic)) ?? [];
  const places = await Promise.all(
    bounds.map(async ({ start, end }, partition): Promise<Place> => {
      const next = since === undefined ? start : Math.max(start, await log.offsetAt(topic, partition, since));
      const last = until === undefined ? end : Math.min(end, await log.offsetAt(topic, partition, until));
      return { partition, next, end: Math.max(next, last) };
    }),
  );
  return { places, total: remaining(places), all: false };
}
