// The ends of the partitions of a topic, as they were a moment ago: many schedules of one topic ask
// for them at the same time.
import type { World } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';

export interface RecentEnds {
  /** By partition; none where the topic is not there. They are no later than the true ones. */
  of(topic: string): Promise<readonly number[]>;
}

const KEPT_MS = 2_000;

export function createRecentEnds(world: Pick<World, 'monotonic'>, log: Pick<EventLog, 'bounds'>): RecentEnds {
  const known = new Map<string, { readonly at: number; readonly ends: Promise<readonly number[]> }>();
  return {
    of(topic) {
      const now = world.monotonic();
      const before = known.get(topic);
      if (before && now - before.at < KEPT_MS) return before.ends;
      for (const [name, { at }] of known) if (now - at >= KEPT_MS) known.delete(name);
      const ends = log.bounds(topic).then(bounds => (bounds ?? []).map(({ end }) => end));
      known.set(topic, { at: now, ends });
      ends.catch(() => known.delete(topic));
      return ends;
    },
  };
}
