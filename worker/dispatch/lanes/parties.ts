// Finds the party of an event where several parties share the calls of one dispatcher.
import type { DispatchSettings } from '../settings.ts';
import type { Lane, LaneItem } from './lanes.ts';
import type { Party } from './shares.ts';

/** The name of the share that all events have to which `by` gives none. */
export const NO_SHARE = '';

/** The share of an event, found once. */
export function shareOf({ by, weight }: NonNullable<DispatchSettings['share']>): (item: LaneItem) => Party {
  return item => {
    item.party ??= { name: by(item.record) ?? NO_SHARE, weight: weight?.(item.record) ?? 1 };
    return item.party;
  };
}

/**
 * Whether keys take turns. Lanes already take turns where events of a key come one after the other.
 */
export function keysTakeTurns({ order, share }: Pick<DispatchSettings, 'order' | 'share'>): boolean {
  return order === 'none' && share === undefined;
}

/** The party of a lane where no share is declared. */
export function turnOf(settings: Pick<DispatchSettings, 'order' | 'share'>): (lane: Lane) => string {
  return keysTakeTurns(settings) ? ({ items: [head] }) => head?.record.key ?? NO_SHARE : () => NO_SHARE;
}
