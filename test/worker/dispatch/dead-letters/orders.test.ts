// What orders about dead letters came to, as the parking log says it record by record.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import type { LetterMark } from '../../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import { LetterOutcomes, type PlacedOrder } from '../../../../worker/dispatch/dead-letters/letter-outcomes.ts';
import { encodeParkingLogRecord } from '../../../../worker/parking-log/parking-log-codec.ts';
import type { OwnersRecord, ParkingLogRecord } from '../../../../worker/parking-log/parking-log-record.ts';
import { Simulation } from '../../../simulation/kernel/simulation.ts';
import { SimulatedBroker } from '../../../simulation/log/broker.ts';

const event = { offset: 7, timestamp: 0, key: 'k', value: new Uint8Array(1), headers: {} };

function setUp({ hasTopic = true } = {}) {
  const broker = new SimulatedBroker(new Simulation(1));
  if (hasTopic) broker.ensureTopic('g.parked', { partitions: 1 });
  const clock = { now: 0, looks: 0, opened: 0 };
  const timers = new Set<() => void>();
  const marks = new Map<number, LetterMark>();
  const outcomes = new LetterOutcomes({
    world: {
      monotonic: () => clock.now,
      after(ms, run) {
        if (ms === 10_000) timers.add(run);
        else
          queueMicrotask(() => {
            clock.now += ms;
            run();
          });
        return { ...realWorld.after(0, () => {}), cancel: () => void timers.delete(run) };
      },
    },
    log: {
      bounds: async topic => {
        clock.opened++;
        return broker.partitions(topic)?.map(each => each.bounds);
      },
      positions: async () => [],
      read: async (topic, partition, from, limits) => {
        clock.looks++;
        return broker.partition(topic, partition).read(from, limits);
      },
    },
    name: { group: 'g', topic: 't', parkingLog: 'g.parked' },
    decisions: async letters => letters.map(each => marks.get(each.event)),
  });
  const write = (record: ParkingLogRecord) =>
    broker.append('g.parked', [encodeParkingLogRecord(record, 0)], 'p')[0]?.offset ?? -1;
  let seq = 1;
  const claim = hasTopic ? write({ type: 'claim', nonce: 'n' }) : 0;
  const owner = (record: OwnersRecord) => write({ ...record, claim, seq: seq++ } as ParkingLogRecord);
  const order = (offset = 7, verb: 'redrive' | 'skip' | 'purge' = 'redrive'): PlacedOrder => {
    const place = write({ type: 'command', verb, event: offset, generation: 0, letter: 0 });
    return { id: `0-${offset}`, partition: 0, event: offset, as: 0, place };
  };
  const redriven = (command: number | undefined) =>
    owner({ type: 'park', event: 7, generation: 1, attempts: 0, at: 0, wait: 0, command, record: event });
  return { outcomes, owner, order, redriven, clock, timers, marks };
}

describe('an order about a dead letter', () => {
  it('counts at once where it is the first', async () => {
    const { outcomes, order, clock } = setUp();
    assert.deepEqual(await outcomes.of(async () => [order(), order(8)]), ['done', 'done']);
    assert.deepEqual([clock.now, clock.looks], [0, 1]);
  });

  it('counts at once where its owner has carried it out, also where that is not confirmed', async () => {
    const { outcomes, order, redriven, clock } = setUp();
    const append = async () => {
      const [first, second] = [order(), order()];
      redriven(second.place);
      return [second, first];
    };
    // The other one is behind it, and nobody has confirmed that it was overtaken.
    assert.deepEqual(await outcomes.of(append), ['done', 'unconfirmed']);
    // One look at each tenth of a second, the first and the last included.
    assert.deepEqual([clock.now, clock.looks], [5_000, 51]);
  });

  it('is told by its confirmation', async () => {
    for (const [outcome, told] of [
      ['overtaken', 'overtaken'],
      ['gone', 'gone'],
      [undefined, 'done'],
    ] as const) {
      const { outcomes, order, owner, clock } = setUp();
      const append = async () => {
        const placed = order();
        owner({ type: 'acked', command: placed.place, outcome });
        return [placed];
      };
      assert.deepEqual(await outcomes.of(append), [told]);
      assert.equal(clock.now, 0);
    }
  });

  it('does not count yet where the event was redriven before, or decided about', async () => {
    const earlier = setUp();
    earlier.redriven(undefined);
    assert.deepEqual(await earlier.outcomes.of(async () => [earlier.order()]), ['unconfirmed']);
    const decided = setUp();
    decided.marks.set(7, 'purged');
    assert.deepEqual(await decided.outcomes.of(async () => [decided.order()]), ['unconfirmed']);
  });

  it('counts where the event is held as of the generation that it is about', async () => {
    const { outcomes, order, owner } = setUp();
    const hold = { reason: 'refused', since: 1, deadLettered: true } as const;
    owner({ type: 'park', event: 7, generation: 0, attempts: 1, at: 0, wait: 0, hold, record: event });
    assert.deepEqual(await outcomes.of(async () => [order(7, 'skip')]), ['done']);
  });

  it('is not known where nothing has come to the reader', async () => {
    const { outcomes } = setUp();
    const placed = { id: '0-7', partition: 0, event: 7, as: 0, place: 99 };
    assert.deepEqual(await outcomes.of(async () => [placed]), ['unconfirmed']);
    const alone = setUp({ hasTopic: false });
    assert.deepEqual(await alone.outcomes.of(async () => [placed]), ['unconfirmed']);
    assert.equal(alone.clock.looks, 0);
  });

  it('is read on from the one before, for a while', async () => {
    const { outcomes, order, clock, timers } = setUp();
    for (let count = 0; count < 3; count++) await outcomes.of(async () => [order(count)]);
    assert.deepEqual([clock.opened, timers.size], [1, 1]);
    for (const late of [...timers]) late();
    assert.equal(timers.size, 0);
    await outcomes.of(async () => [order(4)]);
    assert.equal(clock.opened, 2);
    await Promise.all([outcomes.of(async () => [order(5)]), outcomes.of(async () => [order(6)])]);
    assert.deepEqual([clock.opened, timers.size], [3, 1]);
  });
});
