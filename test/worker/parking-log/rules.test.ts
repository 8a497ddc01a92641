// The pure rules of a parking log and its commits, row by row: what each record does to an entry,
// what an owner may commit, and what a commit tells.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Commit, composeCommit } from '../../../worker/parking-log/commit.ts';
import { committedOffsetsOf } from '../../../worker/parking-log/committed-offsets.ts';
import {
  createParkingLogState,
  foldRecord,
  PARKING_LOG_START,
  type ParkingLogEntry,
  parkingLogWatermark,
  toRecord,
} from '../../../worker/parking-log/fold-parking-log.ts';
import { gatherCommit, mergeDone, type OwnersKnowledge } from '../../../worker/parking-log/gather-commit.ts';
import { ownBytes, withOwnBytes } from '../../../worker/parking-log/own-bytes.ts';
import type { Dead, OwnersRecord, Park, ParkingLogRecord } from '../../../worker/parking-log/parking-log-record.ts';

const event = { offset: 7, timestamp: 0, key: 'k', value: new Uint8Array(1), headers: {} };
const error = { message: 'no' };
const claim: ParkingLogRecord = { type: 'claim', nonce: 'n' };
const park: Park = {
  type: 'park',
  event: 7,
  generation: 1,
  attempts: 2,
  at: 5000,
  wait: 1000,
  since: 3000,
  error,
  record: event,
};
const dead = (held: boolean, record: typeof event | undefined = undefined): Dead => ({
  type: 'dead',
  event: 7,
  generation: 1,
  attempts: 3,
  reason: 'exhausted',
  since: 9000,
  held,
  error,
  record,
});
const letter = (held: boolean, generation = 1): OwnersRecord => ({ type: 'dead-lettered', event: 7, generation, held });

/** One after the other behind a claim at 0. */
function entryAfter(...records: readonly OwnersRecord[]): ParkingLogEntry | undefined {
  const state = createParkingLogState(PARKING_LOG_START);
  foldRecord(state, 0, claim);
  records.forEach((each, index) => {
    foldRecord(state, index + 1, { ...each, claim: 0, seq: index + 1 });
  });
  return state.entries.get(7);
}

const parked: ParkingLogEntry = {
  event: 7,
  generation: 1,
  state: 'parked',
  attempts: 2,
  at: 5000,
  wait: 1000,
  since: 3000,
  error,
  failed: undefined,
  death: undefined,
  deadLettered: false,
  record: event,
  mark: { offset: 1, claim: 0, seq: 1 },
};
const gone: Partial<ParkingLogEntry> = {
  attempts: 3,
  at: 0,
  wait: 0,
  since: undefined,
  death: { reason: 'exhausted', since: 9000 },
};

describe('what a record does to the entry of its event', () => {
  const rows: readonly [string, readonly OwnersRecord[], ParkingLogEntry | undefined][] = [
    ['parked', [park], parked],
    [
      'failed again',
      [park, { type: 'retry', event: 7, attempts: 3, at: 9000, wait: 10, since: 3000, error }],
      { ...parked, attempts: 3, at: 9000, wait: 10 },
    ],
    [
      'failed again, as an earlier release says it',
      [park, { type: 'retry', event: 7, attempts: 3, at: 9000, wait: 10 }],
      { ...parked, attempts: 3, at: 9000, wait: 10, since: 8990, error: undefined },
    ],
    [
      'parked before its first attempt',
      [{ ...park, attempts: 0, since: undefined }],
      { ...parked, attempts: 0, since: undefined },
    ],
    ['parked by an earlier release', [{ ...park, since: undefined }], { ...parked, since: 4000 }],
    ['handled', [park, { type: 'done', event: 7 }], undefined],
    ['given up, parked before', [park, dead(false)], { ...parked, ...gone, state: 'dead' }],
    ['given up, held', [park, dead(true)], { ...parked, ...gone, state: 'held' }],
    ['given up, and never parked', [dead(false, event)], { ...parked, ...gone, state: 'dead' }],
    ['given up, where its park lies before what is known', [dead(false)], undefined],
    ['confirmed', [park, dead(false), letter(false)], undefined],
    ['confirmed, held', [park, dead(true), letter(true)], { ...parked, ...gone, state: 'held', deadLettered: true }],
    ['confirmed in another generation', [park, dead(false), letter(false, 0)], { ...parked, ...gone, state: 'dead' }],
    ['confirmed as held, and given up since', [park, dead(false), letter(true)], { ...parked, ...gone, state: 'dead' }],
    ['confirmed as given up, and held since', [park, dead(true), letter(false)], { ...parked, ...gone, state: 'held' }],
    ['confirmed, and parked since', [park, letter(false)], parked],
    ['confirmed as held, and parked since', [park, letter(true)], parked],
    [
      'moved while it is held',
      [{ ...park, hold: { reason: 'refused', since: 1, deadLettered: true } }],
      { ...parked, state: 'held', since: undefined, death: { reason: 'refused', since: 1 }, deadLettered: true },
    ],
    [
      'moved while it is held, and its letter is not there',
      [{ ...park, hold: { reason: 'refused', since: 1, deadLettered: false } }],
      { ...parked, state: 'held', since: undefined, death: { reason: 'refused', since: 1 } },
    ],
    [
      'failed again, where nothing is known of it',
      [{ type: 'retry', event: 7, attempts: 3, at: 9000, wait: 10 }],
      undefined,
    ],
  ];
  for (const [name, records, entry] of rows) it(name, () => assert.deepEqual(entryAfter(...records), entry));

  for (const [name, records, entry] of rows)
    if (entry)
      it(`is said again by one record: ${name}`, () => {
        const mark = { offset: 1, claim: 0, seq: 1 };
        assert.deepEqual({ ...entryAfter(toRecord(entry)), mark }, { ...entry, mark: { ...mark } });
        assert.deepEqual(entryAfter(...records)?.record, event);
      });
});

describe('a command', () => {
  const command: ParkingLogRecord = { type: 'command', verb: 'redrive', event: 7, generation: 0 };
  for (const record of [
    { ...park, command: 1 },
    { ...dead(false, event), command: 1 },
    { ...dead(false), command: 1 },
  ]) {
    it(`is acted on by a ${record.type}${'record' in record && record.record ? '' : ' without its event'} that names it, and by no other`, () => {
      const state = createParkingLogState(PARKING_LOG_START);
      foldRecord(state, 0, claim);
      for (const offset of [1, 2]) foldRecord(state, offset, command);
      assert.deepEqual(
        [...state.commands.values()].map(({ acted }) => acted),
        [false, false],
      );
      foldRecord(state, 3, { ...record, claim: 0, seq: 1 });
      foldRecord(state, 4, { ...record, command: undefined, claim: 0, seq: 2 });
      foldRecord(state, 5, { ...record, command: 99, claim: 0, seq: 3 });
      assert.deepEqual(
        [...state.commands.entries()].map(([at, { acted }]) => [at, acted]),
        [
          [1, true],
          [2, false],
        ],
      );
    });
  }
});

describe('where a parking log is needed from', () => {
  it('is the first that is open, an entry or a command, in whatever order they are known', () => {
    const state = createParkingLogState(PARKING_LOG_START);
    const command: ParkingLogRecord = { type: 'command', verb: 'skip', event: 9, generation: 0 };
    foldRecord(state, 0, claim);
    foldRecord(state, 1, { ...park, claim: 0, seq: 1 });
    for (const offset of [2, 3]) foldRecord(state, offset, command);
    const from: number[] = [];
    const look = () => from.push(parkingLogWatermark(state, 9).offset);
    look();
    foldRecord(state, 4, { ...park, claim: 0, seq: 2 });
    look();
    for (const [index, of] of [2, 3].entries()) {
      foldRecord(state, 5 + index, { type: 'acked', command: of, claim: 0, seq: 3 + index });
      look();
    }
    foldRecord(state, 7, { type: 'done', event: 7, claim: 0, seq: 5 });
    look();
    assert.deepEqual(from, [1, 2, 3, 4, 9]);
  });
});

describe('what an owner may commit', () => {
  const begun: Commit = { position: 2, top: 10, holes: [2, 5, 8], parkingLog: { offset: 3, claim: 1, seq: 4 }, by: 1 };
  const know = (some: Partial<OwnersKnowledge>): OwnersKnowledge => ({
    begun,
    read: 10,
    open: [],
    seen: new Set(),
    state: createParkingLogState({ offset: 0, claim: 6, seq: 2 }),
    parkingLogRead: 20,
    claim: 6,
    ...some,
  });
  const parkingLog = { offset: 20, claim: 6, seq: 2 };
  const rows: readonly [string, Partial<OwnersKnowledge>, Commit][] = [
    ['all that it was told is read and done', {}, { position: 10, top: 10, holes: [], parkingLog, by: 6 }],
    ['it has read further', { read: 12, open: [11] }, { position: 11, top: 12, holes: [11], parkingLog, by: 6 }],
    [
      'it has not read all that it was told',
      { read: 5, open: [2] },
      { position: 2, top: 10, holes: [2, 5, 8], parkingLog, by: 6 },
    ],
    ['not all is read, and all read is done', { read: 6 }, { position: 8, top: 10, holes: [8], parkingLog, by: 6 }],
    [
      'the parking log spoke of what it has not read',
      { read: 5, seen: new Set([5]) },
      { position: 8, top: 10, holes: [8], parkingLog: begun.parkingLog, by: 6 },
    ],
  ];
  for (const [name, some, commit] of rows) it(name, () => assert.deepEqual(gatherCommit(know(some)), commit));

  it('is never behind what either of two says, wherever they end', () => {
    const [one, other] = [
      { ...begun, position: 0, top: 4, holes: [0, 3] },
      { position: 6, top: 6, holes: [] },
    ];
    assert.deepEqual(mergeDone(one, other), { ...begun, position: 6, top: 6, holes: [] });
    assert.deepEqual(mergeDone({ ...one, position: 6, top: 6, holes: [] }, one), {
      ...begun,
      position: 6,
      top: 6,
      holes: [],
    });
    assert.deepEqual(
      mergeDone({ ...begun, position: 0, top: 9, holes: [0, 3, 7] }, { position: 2, top: 2, holes: [] }),
      {
        ...begun,
        position: 3,
        top: 9,
        holes: [3, 7],
      },
    );
  });
});

describe('a commit that does not fit', () => {
  it('tells as many holes as fit, and all that is done below the first that it does not tell', () => {
    const many = fc.record({
      count: fc.integer({ min: 1, max: 600 }),
      gap: fc.integer({ min: 1, max: 200_000 }),
      most: fc.integer({ min: 50, max: 300 }),
    });
    fc.assert(
      fc.property(many, ({ count, gap, most }) => {
        const holes = Array.from({ length: count }, (_, index) => 10 + index * gap + ((index * 7919) % gap));
        const commit: Commit = { position: 10, top: holes.at(-1)! + 3, holes, parkingLog: PARKING_LOG_START, by: 1 };
        const { position, told } = composeCommit(commit, most);
        const first = (some: number) =>
          composeCommit({ ...commit, top: holes[some] ?? commit.top, holes: holes.slice(0, some) }, 1e9).position;
        assert.deepEqual(position, first(told));
        if (told < count) assert.ok(first(told + 1).metadata.length > most, 'one more fits');
        assert.deepEqual(composeCommit(commit, first(count).metadata.length).told, count, 'what fits exactly fits');
      }),
    );
  });
});

describe('what a commit tells, asked in order', () => {
  it('says of each offset whether it is done, and when all that follows is new', () => {
    const asks = (commit: Pick<Commit, 'position' | 'top' | 'holes'>, offsets: readonly number[]) => {
      const told = committedOffsetsOf({ ...commit, parkingLog: PARKING_LOG_START, by: 0 });
      return [told.passed, ...offsets.flatMap(offset => [told.isDone(offset), told.passed])];
    };
    assert.deepEqual(asks({ position: 5, top: 5, holes: [] }, [4, 5]), [true, true, true, false, true]);
    assert.deepEqual(asks({ position: 5, top: 8, holes: [5, 7] }, [4, 5, 6, 7, 8]), [
      false,
      true,
      false,
      false,
      false,
      true,
      false,
      false,
      false,
      false,
      true,
    ]);
    assert.deepEqual(asks({ position: 5, top: 9, holes: [5, 7] }, [8, 20]), [false, true, false, false, true]);
  });
});

describe('bytes of its own', () => {
  it('are copied out of what was read with them, and only then', () => {
    const whole = new Uint8Array([1, 2, 3]);
    assert.equal(ownBytes(whole), whole);
    const record = { ...event, value: whole };
    assert.equal(withOwnBytes(record), record);
    const part = withOwnBytes({ ...event, value: whole.subarray(1, 2) });
    assert.deepEqual([...part.value], [2]);
    assert.equal(part.value.buffer.byteLength, 1);
  });
});
