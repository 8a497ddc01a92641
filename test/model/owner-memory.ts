// What an owner of the model remembers: its lanes, what of its own has come back,
// and what it would commit.
import type { Commit } from '../../worker/parking-log/commit.ts';
import type { ParkingLogRecord } from '../../worker/parking-log/parking-log-record.ts';
import type { Rules } from './rules.ts';
import type { ModelItem, Owner } from './state.ts';

export interface ModelLane {
  readonly items: readonly ModelItem[];
  readonly running: ModelItem | undefined;
  readonly parked: number;
}

export function laneOf(owner: Owner, key: number): ModelLane {
  const items = owner.items.filter(item => item.key === key);
  return {
    items,
    running: items.find(({ running }) => running !== ''),
    parked: items.filter(({ parked }) => parked).length,
  };
}

/** Its source offsets that are done, and where its parking log has to be read from. */
export function commitOf(owner: Owner, rules: Rules): Commit {
  const { begun, source: read, parkingLog: state, read: parkingLogRead, claim } = owner;
  const open: number[] = [];
  const seen = new Set<number>();
  for (let event = 0; event < read; event++) if (!((owner.done >> event) & 1)) open.push(event);
  for (let event = read; owner.seen >> event; event++) if ((owner.seen >> event) & 1) seen.add(event);
  return rules.gatherCommit({ begun, read, open, seen, state, parkingLogRead, claim });
}

/** A record of ours came back from the parking log, and it counts. */
export function readBack(owner: Owner, record: ParkingLogRecord): void {
  if (
    record.type === 'claim' ||
    record.type === 'command' ||
    record.type === 'acked' ||
    record.type === 'dead-lettered'
  )
    return;
  const item = owner.items.find(({ offset }) => offset === record.event);
  if (item === undefined) return;
  item.pending = Math.max(0, item.pending - 1);
  if (record.type === 'park') {
    if (!record.hold) item.state = 'parked';
    item.attempts = record.attempts;
    item.generation = record.generation;
    owner.done |= 1 << record.event;
  } else if (record.type === 'retry') {
    item.attempts = record.attempts;
  } else if (record.type === 'dead' && record.held) {
    item.state = 'held';
    owner.done |= 1 << record.event;
  } else {
    owner.items = owner.items.filter(other => other !== item);
    owner.done |= 1 << record.event;
  }
}
