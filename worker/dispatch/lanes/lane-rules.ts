// The rules of order within a lane. Pure; the model checks them.
import type { DispatchSettings } from '../settings.ts';

export interface RuledItem {
  readonly offset: number;
  readonly state: 'fresh' | 'parked' | 'held' | 'gone';
  /** Records about it that have not been read back. */
  readonly pending: number;
}

export interface RuledLane {
  /** Ascending by offset. */
  readonly items: readonly RuledItem[];
  /** The event that is being attempted. */
  readonly running: RuledItem | undefined;
  readonly parked: number;
}

/**
 * Whether the head of a lane may be attempted. A lane attempts one event at a time. It waits while
 * the parking log has not confirmed the last record of the event, and while a person must decide. A
 * parked event also waits until the source has been read past it, as earlier events of its key may
 * come again.
 */
export function mayAttempt(lane: RuledLane, head: RuledItem, sourceRead: number): boolean {
  return (
    lane.running === undefined &&
    head.pending === 0 &&
    (head.state === 'fresh' || (head.state === 'parked' && head.offset < sourceRead))
  );
}

/**
 * Whether a fresh event has to go to the parking log because of the events ahead of it in its lane.
 */
export function mustFollow(order: DispatchSettings['order'], lane: RuledLane, item: RuledItem): boolean {
  return (
    order === 'key' &&
    item.state === 'fresh' &&
    item.pending === 0 &&
    lane.parked > 0 &&
    lane.items[0] !== item &&
    lane.running !== item
  );
}
