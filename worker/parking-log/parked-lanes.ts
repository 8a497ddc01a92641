// The lanes that wait in a parking log: which events belong together, in which order, and which one
// holds up the others. Pure.
import { laneKeyOf } from '../dispatch/lanes/lanes.ts';
import type { DispatchSettings } from '../dispatch/settings.ts';
import type { ParkingLogEntry } from './fold-parking-log.ts';

export interface ParkedLane {
  /** The first event: the others wait for it. */
  readonly head: ParkingLogEntry;
  /** Ascending by source offset, with the head. */
  readonly entries: readonly ParkingLogEntry[];
}

/** In the order of their heads in the source, without events on their way to the dead letters. */
export function parkedLanesOf(order: DispatchSettings['order'], entries: Iterable<ParkingLogEntry>): ParkedLane[] {
  const waiting = [...entries].filter(({ state }) => state !== 'dead').sort((a, b) => a.event - b.event);
  const lanes = Map.groupBy(waiting, ({ event, record }) => {
    const key = laneKeyOf(order, record);
    return key === undefined ? event : `=${key}`;
  });
  return [...lanes.values()].flatMap(all => (all[0] ? [{ head: all[0], entries: all }] : []));
}

/**
 * Since when it waits, milliseconds since 1970: its first failure, its giving up where a person
 * must decide, or its parking.
 */
export function parkedSince({ death, since, at, wait }: ParkingLogEntry): number {
  return death?.since ?? since ?? at - wait;
}
