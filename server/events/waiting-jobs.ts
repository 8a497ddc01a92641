// How many jobs of a queue are not done yet: what its dispatcher knows of them, and those
// that came since it last read.

import { offsetDistance } from '../../drivers/event-log/epochs.ts';
import type { Bounds, EventLog } from '../../drivers/event-log/event-log.ts';
import type { PartitionView } from '../../worker/dispatch/view.ts';
import type { ConsumerState } from '../../worker/event-plane.ts';

/** `views`: of the partitions that this process works. Undefined when there is no such topic. */
export async function countWaitingJobs(
  log: Pick<EventLog, 'bounds' | 'positions'>,
  group: string,
  topic: string,
  views: readonly Pick<PartitionView, 'partition' | 'lag' | 'end'>[],
): Promise<number | undefined> {
  const bounds = await log.bounds(topic);
  if (bounds === undefined) return undefined;
  const known = new Map(views.map(view => [view.partition, view]));
  const positions = bounds.every((_, partition) => isKnown(known.get(partition)))
    ? []
    : await log.positions(group, topic);
  let waiting = 0;
  for (const [partition, held] of bounds.entries()) {
    const view = known.get(partition);
    waiting += isKnown(view)
      ? view.lag + offsetDistance(view.end, held.end)
      : behind(held, positions[partition]?.offset);
  }
  return waiting;
}

/** Partitions of the dispatcher of a group in this process; none while it starts. */
export function partitionsOf(consumers: readonly ConsumerState[], group: string): readonly PartitionView[] {
  return consumers.find(({ plan }) => plan.settings.group === group)?.runner.running?.view.partitions ?? [];
}

function isKnown<V extends Pick<PartitionView, 'lag' | 'end'>>(
  view: V | undefined,
): view is V & { lag: number; end: number } {
  return view?.lag !== undefined && view.end !== undefined;
}

/**
 * Another process works it: jobs that were done out of order count until
 * those before them are done.
 */
function behind({ start, end }: Bounds, position: number | undefined): number {
  return end - Math.max(start, Math.min(position ?? start, end));
}
