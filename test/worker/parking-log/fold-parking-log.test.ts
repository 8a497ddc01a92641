// What a parking log says: whose records count, in which order, and what is open at its end.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  createParkingLogState,
  foldRecord,
  PARKING_LOG_START,
  parkingLogWatermark,
} from '../../../worker/parking-log/fold-parking-log.ts';
import type { OwnersRecord, ParkingLogRecord } from '../../../worker/parking-log/parking-log-record.ts';

const eventAt = (offset: number) => ({ offset, timestamp: 0, key: 'k', value: new Uint8Array(1), headers: {} });
const claim: ParkingLogRecord = { type: 'claim', nonce: 'n' };
const park = (event: number, attempts = 1): OwnersRecord => ({
  type: 'park',
  event,
  generation: 0,
  attempts,
  at: 0,
  wait: 0,
  record: eventAt(event),
});
const dead = (event: number): OwnersRecord => ({
  type: 'dead',
  event,
  generation: 0,
  attempts: 1,
  reason: 'refused',
  since: 0,
  held: false,
  record: eventAt(event),
});
const done = (event: number): OwnersRecord => ({ type: 'done', event });
const sign = (what: OwnersRecord, by: number, seq: number): ParkingLogRecord => ({ ...what, claim: by, seq });

function fold(records: readonly ParkingLogRecord[]) {
  const state = createParkingLogState(PARKING_LOG_START);
  return { state, verdicts: records.map((each, offset) => foldRecord(state, offset, each)) };
}

const SHAPES: readonly ((event: number, seq: number) => OwnersRecord)[] = [
  park,
  dead,
  done,
  (event, attempts) => ({ type: 'retry', event, attempts, at: 0, wait: 0 }),
  event => ({ type: 'dead-lettered', event, generation: 0, held: false }),
];

/** Lots with several claims, records of former owners, and copies. */
const parkingLogs = fc
  .array(
    fc.record({ what: fc.nat(SHAPES.length), event: fc.nat(3), fate: fc.constantFrom('own', 'own', 'void', 'copy') }),
    { maxLength: 40 },
  )
  .map(steps => {
    const records: ParkingLogRecord[] = [claim];
    let by = 0;
    let seq = 1;
    for (const { what, event, fate } of steps) {
      const shape = SHAPES[what];
      const copied = records.at(-(1 + event));
      if (shape === undefined) {
        by = records.push(claim) - 1;
        seq = 1;
      } else if (fate === 'void') records.push(sign(shape(event, seq), by - 1, seq));
      else if (fate === 'copy' && copied && copied.type !== 'claim') records.push(copied);
      else records.push(sign(shape(event, seq), by, seq++));
    }
    return records;
  });

describe('a parking log', () => {
  it('counts records under the claim in force, in their order, once', () => {
    const { verdicts } = fold([
      sign(park(0), 0, 1),
      claim,
      sign(park(1), 1, 1),
      sign(park(1), 1, 1),
      sign(park(3), 1, 3),
      sign(park(2), 1, 2),
      claim,
      sign(park(4), 1, 3),
      sign(park(5), 6, 1),
    ]);
    assert.deepEqual(verdicts, ['void', 'claim', 'counts', 'repeat', 'repeat', 'counts', 'claim', 'void', 'counts']);
  });

  it('has nothing that counts before its first claim, whatever claims it', () => {
    const { verdicts } = fold([
      sign(park(0), 1, 1),
      sign(park(0), 0, 1),
      { type: 'command', verb: 'skip', event: 9, generation: 0 },
    ]);
    assert.deepEqual(verdicts, ['void', 'void', 'command']);
  });

  it('is not given back what was handled by a late copy of its park', () => {
    const { state } = fold([claim, sign(park(1), 0, 1), sign(done(1), 0, 2), sign(park(1), 0, 1)]);
    assert.equal(state.entries.size, 0);
  });

  it('is not needed up to its first open entry or command', () => {
    const { state } = fold([claim, sign(park(1), 0, 1), sign(park(2), 0, 2), sign(done(1), 0, 3)]);
    assert.deepEqual(parkingLogWatermark(state, 4), { offset: 2, claim: 0, seq: 2 });
    foldRecord(state, 4, sign(done(2), 0, 4));
    assert.deepEqual(parkingLogWatermark(state, 5), { offset: 5, claim: 0, seq: 5 });
    foldRecord(state, 5, { type: 'command', verb: 'skip', event: 9, generation: 0 });
    assert.deepEqual(parkingLogWatermark(state, 6), { offset: 5, claim: 0, seq: 5 });
    foldRecord(state, 6, sign({ type: 'acked', command: 5 }, 0, 5));
    assert.equal(parkingLogWatermark(state, 7).offset, 7);
  });

  it('says the same from its watermark on as from its start', () => {
    fc.assert(
      fc.property(parkingLogs, fc.nat(41), (records, at) => {
        const cut = Math.min(at, records.length);
        const mark = parkingLogWatermark(fold(records.slice(0, cut)).state, cut);
        const later = createParkingLogState(mark);
        for (let offset = mark.offset; offset < records.length; offset++)
          foldRecord(later, offset, records[offset] ?? claim);
        const whole = fold(records).state;
        const byEvent = (state: typeof whole) => [...state.entries].sort(([a], [b]) => a - b);
        assert.deepEqual(byEvent(later), byEvent(whole));
        assert.deepEqual([later.claim, later.seq], [whole.claim, whole.seq]);
      }),
      { numRuns: 2000 },
    );
  });
});
