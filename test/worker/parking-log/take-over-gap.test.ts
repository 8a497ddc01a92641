// How an owner begins where its reader passes offsets of the parking log that hold no record.
import assert from 'node:assert/strict';
import type { OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import { takeOver } from '../../../worker/parking-log/take-over.ts';
import { Begin, park } from './begin.ts';

/** The same partition, of which each reader first gives a batch without records at `start`. */
function beginningEmpty(owned: OwnedPartition, start: number): OwnedPartition {
  return {
    partition: owned.partition,
    lost: owned.lost,
    committed: () => owned.committed(),
    commit: position => owned.commit(position),
    open(topic, from) {
      const reader = owned.open(topic, from);
      let isFirst = true;
      return {
        async next(limits, signal) {
          if (!isFirst) return reader.next(limits, signal);
          isFirst = false;
          return { records: [], next: start, bounds: { start, end: start + 1 } };
        },
        close: () => reader.close(),
      };
    },
  };
}

describe('an owner whose parking log was trimmed, and begins with offsets without a record', () => {
  it('takes over the checkpoint of the first record that comes', async () => {
    const begin = new Begin();
    const before = begin.claim();
    begin.write({ ...park(3), claim: before, seq: 1 });
    const claim = begin.claim('anew', { position: 5, top: 8, holes: [5] });
    begin.committed({ position: 4, top: 6, holes: [4], by: before });
    begin.trim(claim);
    const taking = async (owned: OwnedPartition) => {
      const { signal } = new AbortController();
      const taken = await begin.simulation.drive(takeOver(begin.log, 'parking-log', owned, 'mine', signal));
      assert.ok('claim' in taken, JSON.stringify(taken));
      return taken;
    };
    const { commit, isParkingLogLost } = await taking(beginningEmpty(await begin.partition(), claim));
    assert.deepEqual([commit.position, commit.top, isParkingLogLost], [8, 8, false]);
  });
});
