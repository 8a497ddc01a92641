// How an owner begins: what it takes up from the parking log up to its
// claim, and when it is too late.
import assert from 'node:assert/strict';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { PARKING_LOG_START } from '../../../worker/parking-log/fold-parking-log.ts';
import type { ParkingLogRecord } from '../../../worker/parking-log/parking-log-record.ts';
import { NO_LOG_FAULTS } from '../../simulation/log/log-faults.ts';

import { Begin, park } from './begin.ts';

describe('an owner that begins', () => {
  it('knows of nothing where nothing was committed and nothing is parked, and has claimed', async () => {
    const begin = new Begin();
    const { claim, commit, state, seen, rest, next, isParkingLogLost, claimedAt } = await begin.owner();
    assert.deepEqual([claim, next, rest.length, seen.size, isParkingLogLost], [0, 1, 0, 0, false]);
    assert.deepEqual(commit, { position: 0, top: 0, holes: [], parkingLog: PARKING_LOG_START, by: -1 });
    assert.deepEqual([state.claim, state.seq, state.entries.size], [0, 1, 0]);
    assert.equal(claimedAt, begin.broker.partition('parking-log', 0).history[0]?.timestamp);
  });

  it('takes up what former owners wrote and has not come to its end, and has seen all that they spoke of', async () => {
    const begin = new Begin();
    const claim = begin.claim();
    const signed = (seq: number) => ({ claim, seq });
    begin.write({ ...park(3), ...signed(1) }, { ...park(5), ...signed(2) }, { type: 'done', event: 5, ...signed(3) });
    // Neither what an owner wrote that was none any more, nor a repeat, nor
    // what is no record at all.
    begin.write({ ...park(9), claim: claim - 1, seq: 1 }, { ...park(8), ...signed(2) });
    begin.write({ type: 'command', verb: 'redrive', event: 4, generation: 1, letter: 0 } as ParkingLogRecord);
    begin.broker.append('parking-log', [{ key: null, partition: 0, headers: {}, value: Buffer.from('?') }], 'somebody');
    const { state, seen, claim: mine } = await begin.owner();
    assert.deepEqual([...seen], [3, 5]);
    assert.deepEqual([...state.entries.keys()], [3]);
    assert.equal(state.commands.size, 1);
    assert.deepEqual([state.claim, state.seq], [mine, 1]);
  });

  it('begins where the commit says that the parking log is needed from', async () => {
    const begin = new Begin();
    const claim = begin.claim();
    const [, second] = begin.write({ ...park(3), claim, seq: 1 }, { ...park(5), claim, seq: 2 });
    begin.committed({ position: 4, parkingLog: { offset: second ?? -1, claim, seq: 2 }, by: claim });
    const { state, seen, commit } = await begin.owner();
    assert.deepEqual([[...state.entries.keys()], [...seen]], [[5], [5]]);
    assert.equal(commit.position, 4);
  });

  it('leaves what comes behind its claim to whoever reads on', async () => {
    const begin = new Begin();
    begin.onClaim = claim => void begin.write({ ...park(3), claim, seq: 1 }, { ...park(4), claim, seq: 2 });
    const { claim, rest, next, seen, reader, state } = await begin.owner();
    assert.deepEqual([rest.map(({ offset }) => offset), next], [[claim + 1, claim + 2], claim + 3]);
    assert.deepEqual([seen.size, state.entries.size], [0, 0]);
    const [last] = begin.write({ ...park(5), claim, seq: 3 });
    const { records } = await begin.simulation.drive(reader.next({ maxRecords: 10, maxBytes: 1e6 }));
    assert.deepEqual(
      records.map(({ offset }) => offset),
      [last],
    );
  });

  it('reads on until it has come to its claim, in however many parts', async () => {
    const begin = new Begin();
    begin.broker.faults = { ...NO_LOG_FAULTS, readStale: 1 };
    const claim = begin.claim();
    for (let seq = 1; seq <= 20; seq++) begin.write({ ...park(seq), claim, seq });
    const { seen, state } = await begin.owner();
    assert.deepEqual([seen.size, state.entries.size], [20, 20]);
  });

  it('does not go on once it is told to end, after its claim or after it has asked for the commit', async () => {
    for (const when of ['claimed', 'asked'] as const) {
      const begin = new Begin();
      const controller = new AbortController();
      const log: EventLog = Object.assign(Object.create(begin.log), {
        async append(...args: Parameters<EventLog['append']>) {
          const places = await begin.log.append(...args);
          if (when === 'claimed') controller.abort(new Error('it ends'));
          return places;
        },
        async bounds(topic: string) {
          assert.equal(when, 'asked', 'it went on');
          controller.abort(new Error('it ends'));
          return await begin.log.bounds(topic);
        },
        close: () => begin.log.close(),
      });
      await assert.rejects(begin.run(log, controller.signal), /it ends/);
    }
  });
});

describe('an owner that is too late', () => {
  it('is told so by a commit under a newer claim', async () => {
    const begin = new Begin();
    begin.claim();
    begin.onClaim = () => begin.committed({ position: 1, by: begin.claim('newer') });
    assert.equal(await begin.tooLate(), 'a commit was made under the newer claim 2');
  });

  it('is told so where its claim was trimmed away, and not where it is the first that is left', async () => {
    const late = new Begin();
    late.onClaim = claim => {
      late.claim('newer');
      late.trim(claim + 1);
    };
    assert.equal(await late.tooLate(), 'its claim has been trimmed away by a newer owner');
    const first = new Begin();
    first.claim();
    first.onClaim = claim => first.trim(claim);
    assert.equal((await first.owner()).claim, 1);
  });

  it('is told so where another record is where it was told that its claim is', async () => {
    const writes: readonly ((begin: Begin) => void)[] = [
      begin => begin.write({ ...park(3), claim: 1, seq: 1 }),
      begin => begin.claim('another'),
      ({ broker }) =>
        broker.append('parking-log', [{ key: null, partition: 0, headers: {}, value: Buffer.from('?') }], 'somebody'),
    ];
    for (const write of writes) {
      const begin = new Begin();
      begin.claim();
      begin.onClaim = () => write(begin);
      const log: EventLog = Object.assign(Object.create(begin.log), {
        append: async (...args: Parameters<EventLog['append']>) =>
          (await begin.log.append(...args)).map(({ partition, offset }) => ({ partition, offset: offset + 1 })),
        bounds: (topic: string) => begin.log.bounds(topic),
      });
      assert.deepEqual(await begin.run(log), { superseded: 'its claim is not in the parking log at 2' });
    }
  });

  it('is told so where there is nothing at its claim, and something behind', async () => {
    const begin = new Begin();
    begin.claim();
    const log: EventLog = Object.assign(Object.create(begin.log), {
      append: async (...args: Parameters<EventLog['append']>) =>
        (await begin.log.append(...args)).map(({ partition, offset }) => ({ partition, offset: offset - 0.5 })),
      bounds: (topic: string) => begin.log.bounds(topic),
    });
    assert.deepEqual(await begin.run(log), { superseded: 'its claim is not in the parking log at 0.5' });
  });
});
