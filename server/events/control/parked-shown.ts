// Parked events as the admin API shows them, and which of them a query finds.
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { ParkedEvent, ParkedFilter, ParkedKey, ParkedState } from '../../../admin/parked-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { mentions } from '../../../core/failure.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { ParkingLogEntry } from '../../../worker/parking-log/fold-parking-log.ts';
import { type ParkedLane, parkedSince } from '../../../worker/parking-log/parked-lanes.ts';

export function stateOf({ state, since }: ParkingLogEntry): ParkedState {
  if (state === 'held') return 'held';
  return since === undefined ? 'waiting' : 'retrying';
}

export function matchesParked(
  head: ParkingLogEntry,
  { key, reason, text, olderThanMs, newerThanMs }: ParkedFilter,
  now: number,
): boolean {
  const age = now - parkedSince(head);
  return (
    (key === undefined || head.record.key === key) &&
    (reason === undefined || head.failed === reason) &&
    (text === undefined || mentions(head.error, text)) &&
    (olderThanMs === undefined || age >= olderThanMs) &&
    (newerThanMs === undefined || age <= newerThanMs)
  );
}

export function toParkedKey(consumer: ConsumerName, partition: number, { head, entries }: ParkedLane): ParkedKey {
  return {
    consumer,
    partition,
    key: head.record.key,
    events: entries.length,
    ...toParkedEvent(partition, head),
  };
}

export function toParkedEvent(partition: number, entry: ParkingLogEntry): ParkedEvent {
  const { event, state, attempts, at, error, failed, record } = entry;
  return {
    id: `${partition}-${event}`,
    eventId: record.headers['ce_id'],
    eventType: record.headers['ce_type'],
    state: stateOf(entry),
    attempts,
    since: toTimestamp(parkedSince(entry)),
    ...(state === 'held' ? {} : { nextAttemptAt: toTimestamp(at) }),
    ...(failed === undefined ? {} : { reason: failed }),
    ...(error === undefined ? {} : { error: error.message }),
    ...(error?.status === undefined ? {} : { status: error.status }),
    ...(error?.cause === undefined ? {} : { cause: error.cause }),
  };
}

export function parseParkedId(id: string): { readonly partition: number; readonly offset: number } {
  const [, partition, offset] = /^(\d{1,9})-(\d{1,16})$/.exec(id) ?? [];
  if (partition !== undefined && offset !== undefined) return { partition: Number(partition), offset: Number(offset) };
  throw new TenfoldError('bad-request', 'The id of a parked event is PARTITION-OFFSET, such as 0-17.');
}
