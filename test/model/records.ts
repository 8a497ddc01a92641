// Records of the model: made once for each content, so that states can share them, and what the
// parking log says after each.
import { foldRecord } from '../../worker/parking-log/fold-parking-log.ts';
import type { Dead, OwnersRecord, Park, ParkingLogRecord } from '../../worker/parking-log/parking-log-record.ts';
import type { State } from './state.ts';

const events = Array.from({ length: 8 }, (_, offset) => ({
  offset,
  timestamp: 0,
  key: null,
  value: new Uint8Array(0),
  headers: {},
}));

export function eventOf(offset: number) {
  const event = events[offset];
  if (event === undefined) throw new Error(`the model has no event ${offset}`);
  return event;
}

export function parkOf(event: number, some: Pick<Park, 'generation' | 'attempts'> & Partial<Park>): Park {
  return { type: 'park', event, at: 0, wait: 0, record: eventOf(event), ...some };
}

export function deadOf(event: number, some: Pick<Dead, 'generation' | 'attempts' | 'held'> & Partial<Dead>): Dead {
  return { type: 'dead', event, reason: 'exhausted', since: 0, ...some };
}

export type Unsigned = OwnersRecord;

/** At the parking log's end; what it says from then on is true, whoever reads it. */
export function land(state: State, record: ParkingLogRecord): void {
  const offset = state.parkingLog.length;
  state.parkingLog.push(record);
  const verdict = foldRecord(state.truth, offset, record);
  if (verdict === 'counts' && record.type === 'dead' && !record.held) state.dead |= 1 << record.event;
}
