// Counts what a partition has parked, for its view.
import type { FailedEvent } from '../view.ts';
import type { Lane, LaneItem, Lanes } from './lanes.ts';

export interface ParkedFigures {
  readonly parkedEvents: number;
  /** Keys whose first failed event is tried again. */
  readonly failingKeys: number;
  /** The first failed event of the key that has failed for longest. */
  readonly failedFirst: FailedEvent | undefined;
  /** Keys whose first failed event waits for a person. */
  readonly held: number;
  readonly heldFirst: FailedEvent | undefined;
  /** Time of the oldest event that is not done, by the log's clock; infinite: there is none. */
  readonly oldest: number;
}

export function parkedFiguresOf(lanes: Lanes): ParkedFigures {
  let oldest = lanes.firstOpen?.record.timestamp ?? Number.POSITIVE_INFINITY;
  let parkedEvents = 0;
  const heads = new Map<Lane, LaneItem>();
  for (const item of lanes.inParkingLog.values()) {
    oldest = Math.min(oldest, item.record.timestamp);
    if (item.state === 'fresh') continue;
    parkedEvents++;
    if (item.state === 'parked' && item.attempts === 0) continue;
    // A redrive puts an event before others of its key that were tried meanwhile.
    const head = heads.get(item.lane);
    if (head === undefined || item.offset < head.offset) heads.set(item.lane, item);
  }
  const all = [...heads.values()];
  const held = all.filter(({ state }) => state === 'held');
  const failing = all.filter(({ state }) => state !== 'held');
  return {
    parkedEvents,
    failingKeys: failing.length,
    failedFirst: firstOf(failing),
    held: held.length,
    heldFirst: firstOf(held),
    oldest,
  };
}

function firstOf(items: readonly LaneItem[]): FailedEvent | undefined {
  let first: FailedEvent | undefined;
  for (const { since, lastError } of items)
    if (since !== undefined && since < (first?.since ?? Number.POSITIVE_INFINITY)) first = { since, error: lastError };
  return first;
}
