// Finds out whether a generation has all that its topics had a moment ago.

import { pauseAfter } from '../../../core/retry/backoff.ts';
import { VIEW_CONSUMER, type ViewLayout } from '../../../core/views/view-layout.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { Bounds, EventLog } from '../../../drivers/event-log/event-log.ts';
import { hasRecord } from '../../../drivers/event-log/has-record.ts';
import type { Folds } from '../../../drivers/store/store.ts';

export interface CaughtUpOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'bounds' | 'positions' | 'read'>;
  readonly store: Pick<Folds, 'position'>;
}

/** A generation, and the topics that it folds. */
export interface FoldedTopics {
  readonly layout: ViewLayout;
  readonly sources: readonly string[];
}

/**
 * A batch that takes longer than this is followed by another look, as more records have come
 * meanwhile.
 */
const BEHIND_MS = 2_000;
const LOOKS = { base: 10, max: 200 };

/** False when it is further behind than two seconds. */
export function hasCaughtUp(options: CaughtUpOptions, view: FoldedTopics, signal: AbortSignal): Promise<boolean> {
  return catchesUp(options, view, BEHIND_MS, signal);
}

/** Whether it has folded within that time all records that are in its topics now. */
export async function catchesUp(
  options: CaughtUpOptions,
  { layout, sources }: FoldedTopics,
  withinMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { world, log, store } = options;
  const until = world.monotonic() + withinMs;
  const holds = async (what: () => Promise<boolean>) => {
    for (let looks = 1; !(await what()); looks++) {
      if (world.monotonic() >= until) return false;
      await sleep(world, pauseAfter(looks, LOOKS, world.random()), signal);
    }
    return true;
  };
  const isThrough = async (topic: string, ends: readonly Bounds[], positions: readonly (number | undefined)[]) => {
    const open = ends.map(({ start, end }, partition) =>
      hasRecord(log, topic, partition, Math.max(start, positions[partition] ?? 0), end),
    );
    return (await Promise.all(open)).every(has => !has);
  };
  for (const topic of [...sources, layout.projected]) {
    // The ends of the moment, and from then on only positions: these get there, however much comes
    // meanwhile.
    const ends = (await log.bounds(topic)) ?? [];
    if (ends.length === 0) continue;
    const keyed = await holds(async () => {
      const positions = await log.positions(layout.rekeyGroupOf(topic), topic);
      return isThrough(
        topic,
        ends,
        positions.map(position => position?.offset),
      );
    });
    if (!keyed) return false;
  }
  const ends = (await log.bounds(layout.topic)) ?? [];
  return holds(async () => {
    const positions = await Promise.all(
      ends.map((_, partition) => store.position(layout.scopeOf(partition), VIEW_CONSUMER, partition)),
    );
    return isThrough(layout.topic, ends, positions);
  });
}
