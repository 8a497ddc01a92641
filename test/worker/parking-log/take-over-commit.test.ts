// How an owner begins: what it believes of the commit, where the parking log was trimmed,
// or deleted and made again.
import assert from 'node:assert/strict';
import { OFFSETS_PER_EPOCH } from '../../../drivers/event-log/epochs.ts';
import type { OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import type { Commit } from '../../../worker/parking-log/commit.ts';
import { PARKING_LOG_START } from '../../../worker/parking-log/fold-parking-log.ts';
import type { ParkingLogRecord } from '../../../worker/parking-log/parking-log-record.ts';
import { isRestart, restart, takeOver } from '../../../worker/parking-log/take-over.ts';

import { Begin, park } from './begin.ts';

describe('a commit and a parking log that do not belong together', () => {
  const told = { parkingLog: { offset: 2, claim: 1, seq: 2 }, position: 4, top: 9, holes: [4, 6] };

  it('are of two parking logs where the commit speaks of what is not there: all that is there is read', async () => {
    for (const [wrong, isOther] of [
      [{ by: 2 }, true],
      [{ by: 3 }, true],
      [{ by: 1, parkingLog: { ...told.parkingLog, offset: 3 } }, true],
      [{ by: 1 }, false],
      [{ by: 1, parkingLog: { ...told.parkingLog, offset: 1 } }, false],
    ] as const) {
      const begin = new Begin();
      // Its end is 2 when the owner asks, its claim included.
      begin.claim();
      begin.committed({ ...told, ...wrong });
      const { commit } = await begin.owner();
      assert.deepEqual(
        [commit.by, commit.parkingLog === PARKING_LOG_START],
        isOther ? [-1, true] : [1, false],
        JSON.stringify(wrong),
      );
      assert.deepEqual([commit.position, commit.holes], [4, [4, 6]], 'what was done stays done');
    }
  });

  it('are told of as lost where the parking log was made again since an owner has committed, and only then', async () => {
    for (const [by, isLost] of [
      [0, true],
      [-1, false],
    ] as const) {
      const begin = new Begin();
      begin.claim();
      begin.committed({ position: 2, by });
      begin.broker.deleteTopic('parking-log');
      begin.broker.ensureTopic('parking-log', { partitions: 1 });
      const { isParkingLogLost, claim, commit } = await begin.owner();
      assert.deepEqual(
        [isParkingLogLost, claim, commit.parkingLog.offset, commit.position],
        [isLost, OFFSETS_PER_EPOCH, OFFSETS_PER_EPOCH, 2],
      );
    }
    const trimmed = new Begin();
    trimmed.claim();
    const second = trimmed.claim();
    trimmed.committed({ position: 2, by: 0 });
    trimmed.trim(second);
    assert.equal((await trimmed.owner()).isParkingLogLost, false, 'what was trimmed is not lost');
  });

  it('are brought together by the checkpoint of the claim that a trimmed parking log begins with', async () => {
    const begin = new Begin();
    const before = begin.claim();
    begin.write({ ...park(3), claim: before, seq: 1 });
    const claim = begin.claim('anew', { position: 5, top: 8, holes: [5] });
    begin.write({ ...park(7), claim, seq: 1 });
    begin.committed({ position: 4, top: 6, holes: [4], by: before });
    begin.trim(claim);
    const { commit, state, seen } = await begin.owner();
    assert.deepEqual([commit.position, commit.top, commit.holes], [8, 8, []]);
    assert.equal(commit.parkingLog.offset, claim);
    assert.deepEqual([[...state.entries.keys()], [...seen]], [[7], [7]]);
  });

  it('begin at the new start where the parking log was trimmed while it was read', async () => {
    const begin = new Begin();
    const former = begin.claim();
    begin.write({ ...park(3), claim: former, seq: 1 });
    const partition = await begin.partition();
    let reads = 0;
    const open: OwnedPartition['open'] = (topic, from) => {
      const reader = partition.open(topic, from);
      const next: typeof reader.next = async (limits, signal) => {
        // The former owner comes to its end between two reads.
        if (reads++ === 1) begin.trim(begin.claimAnew);
        return await reader.next({ ...limits, maxRecords: 1 }, signal);
      };
      return { next, close: () => reader.close() };
    };
    const followed: OwnedPartition = Object.assign(Object.create(partition), {
      partition: 0,
      open,
      committed: () => partition.committed(),
    });
    begin.claimAnew = begin.claim('anew', { position: 4, top: 4, holes: [] });
    const running = takeOver(begin.log, 'parking-log', followed, 'mine', new AbortController().signal);
    const taken = await begin.simulation.drive(running);
    assert.ok('claim' in taken);
    assert.deepEqual([[...taken.state.entries.keys()], taken.commit.position], [[], 4]);
  });
});

describe('a parking log that was trimmed', () => {
  it('begins anew where its start lies behind what was read, and not before', () => {
    assert.deepEqual([isRestart(3, 4), isRestart(4, 4), isRestart(5, 4)], [true, false, false]);
  });

  it('lets the commit stand where no claim with a checkpoint is its first record', () => {
    const commit: Commit = { position: 4, top: 6, holes: [4], parkingLog: PARKING_LOG_START, by: 1 };
    const expected = { ...commit, parkingLog: { ...PARKING_LOG_START, offset: 9 } };
    for (const first of [
      undefined,
      { type: 'claim', nonce: 'n' } as const,
      { ...park(3), claim: 0, seq: 1 } as ParkingLogRecord,
    ])
      assert.deepEqual(restart(commit, 9, first), expected);
  });
});
