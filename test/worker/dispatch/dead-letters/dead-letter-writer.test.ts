// Letters are written in the order in which their events were given up, one append after the
// other, and count once they are confirmed.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { realWorld } from '../../../../core/world.ts';
import type { NewRecord } from '../../../../drivers/event-log/event-log.ts';
import { DeadLetterWriter } from '../../../../worker/dispatch/dead-letters/dead-letter-writer.ts';
import { silentObserver } from '../../../../worker/dispatch/observer.ts';
import type { PartitionContext } from '../../../../worker/dispatch/partition-context.ts';
import type { DeadLetter } from '../../../../worker/dispatch/settings.ts';
import { createTotals } from '../../../../worker/dispatch/view.ts';
import type { ParkingLogEntry, ParkingLogState } from '../../../../worker/parking-log/fold-parking-log.ts';
import type { OwnersRecord } from '../../../../worker/parking-log/parking-log-record.ts';

function entryOf(event: number, some: Partial<ParkingLogEntry> = {}): ParkingLogEntry {
  return {
    ...{ event, generation: 2, state: 'dead', attempts: 3, at: 0, wait: 0, since: 1, error: undefined },
    ...{ failed: undefined, death: { reason: 'refused', since: 50 }, deadLettered: false },
    record: { offset: event, timestamp: 1, key: 'k', value: new Uint8Array(1), headers: {} },
    mark: { offset: event, claim: 0, seq: 1 },
    ...some,
  };
}

function setUp() {
  const entries = new Map<number, ParkingLogEntry>();
  const state: ParkingLogState = { claim: 0, seq: 1, entries, commands: new Map() };
  const appends: number[] = [];
  const written: OwnersRecord[] = [];
  const seen: { applied: (() => void)[]; told: DeadLetter[]; observed: DeadLetter[]; confirmed: number[] } = {
    applied: [],
    told: [],
    observed: [],
    confirmed: [],
  };
  const log = { ready: Promise.resolve() };
  const totals = createTotals();
  const context = {
    world: realWorld,
    deadTopic: 'g.dead',
    totals,
    log: {
      append: async (_: string, records: readonly NewRecord[]) => {
        appends.push(records.length);
        await log.ready;
      },
    },
    observer: { ...silentObserver, deadLettered: (letter: DeadLetter) => seen.observed.push(letter) },
    deadLettered: async (letter: DeadLetter) => {
      seen.told.push(letter);
    },
  } as unknown as PartitionContext;
  const writer = new DeadLetterWriter({
    context,
    partition: 4,
    state,
    signal: new AbortController().signal,
    write: (record, applied) => {
      written.push(record);
      seen.applied.push(applied);
    },
    trouble: error => assert.fail(String(error)),
    deadLettered: event => seen.confirmed.push(event),
  });
  const add = (...some: ParkingLogEntry[]) => {
    for (const entry of some) entries.set(entry.event, entry);
    for (const { event } of some) writer.add(event);
  };
  const confirm = () => {
    for (const applied of seen.applied.splice(0)) applied();
  };
  return { writer, entries, add, confirm, appends, written, seen, totals, log };
}

describe('the writer of dead letters', () => {
  it('writes, tells and confirms, and counts a letter from its giving up to its confirmation', async () => {
    const { writer, add, confirm, written, seen, totals } = setUp();
    add(entryOf(7));
    await setImmediate();
    assert.deepEqual(written, [{ type: 'dead-lettered', event: 7, generation: 2, held: false }]);
    assert.deepEqual([writer.count, totals.dead, seen.observed.length, seen.confirmed], [1, 0, 0, []]);
    confirm();
    assert.deepEqual([writer.count, totals.dead, seen.observed.length, seen.confirmed], [0, 1, 1, [7]]);
    const { reason, at, attempts, held, partition } = seen.told[0] ?? assert.fail();
    assert.deepEqual(
      { reason, at, attempts, held, partition },
      { reason: 'refused', at: 50, attempts: 3, held: false, partition: 4 },
    );
  });

  it('tells nobody that an event is held, which is no end', async () => {
    const { add, confirm, written, seen, totals } = setUp();
    add(entryOf(7, { state: 'held' }));
    await setImmediate();
    confirm();
    assert.deepEqual(written, [{ type: 'dead-lettered', event: 7, generation: 2, held: true }]);
    assert.deepEqual([totals.dead, seen.told.length, seen.observed.length, seen.confirmed], [0, 0, 1, [7]]);
  });

  it('makes one append after the other, each of at most 100 letters, in their order', async () => {
    const { writer, add, appends, written, log } = setUp();
    const slow = Promise.withResolvers<void>();
    log.ready = slow.promise;
    const events = Array.from({ length: 103 }, (_, event) => event);
    add(...events.map(event => entryOf(event)));
    await setImmediate();
    assert.deepEqual(appends, [1]);
    slow.resolve();
    await setImmediate();
    assert.deepEqual(appends, [1, 100, 2]);
    assert.deepEqual(
      written.map(record => 'event' in record && record.event),
      events,
    );
    assert.equal(writer.count, 103);
    add(entryOf(200));
    await setImmediate();
    assert.deepEqual(appends, [1, 100, 2, 1]);
  });

  it('writes none of an event that was redriven, purged or confirmed meanwhile', async () => {
    const { writer, entries, add, appends } = setUp();
    entries.set(3, entryOf(3));
    add(entryOf(1, { death: undefined, state: 'parked' }), entryOf(2, { deadLettered: true }));
    entries.delete(3);
    writer.add(3);
    await setImmediate();
    assert.deepEqual([appends, writer.count], [[], 0]);
  });
});
