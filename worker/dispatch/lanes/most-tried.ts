// The parked events that make room in a full parking log.
import type { LaneItem } from './lanes.ts';

/** How often an event is tried before it may make room for others. */
const ENOUGH_TRIES = 8;

/**
 * Events that wait for their next attempt and were tried often enough to make room, those with the
 * most attempts first. Linear, as there may be very many.
 */
export function* mostTried(items: Iterable<LaneItem>): Generator<LaneItem> {
  const byAttempts = new Map<number, LaneItem[]>();
  for (const item of items) {
    const isWaiting = item.state === 'parked' && item.pending === 0 && item.lane.running !== item;
    if (!isWaiting || item.attempts < ENOUGH_TRIES) continue;
    const same = byAttempts.get(item.attempts);
    if (same) same.push(item);
    else byAttempts.set(item.attempts, [item]);
  }
  for (const attempts of [...byAttempts.keys()].sort((one, other) => other - one))
    yield* byAttempts.get(attempts) ?? [];
}
