// Decisions about dead letters, as the owner of a partition knows them: read once, from where the
// sender of a command had read.
import assert from 'node:assert/strict';
import type { EventLog, NewRecord } from '../../../../drivers/event-log/event-log.ts';
import { encodeLetter, encodeMark } from '../../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import { DecidedLetters } from '../../../../worker/dispatch/dead-letters/decided-letters.ts';
import type { Command } from '../../../../worker/parking-log/parking-log-record.ts';
import { Simulation } from '../../../simulation/kernel/simulation.ts';
import { SimulatedBroker } from '../../../simulation/log/broker.ts';
import { letterOf } from './letters.ts';

const mark = (event: number, generation = 0) => encodeMark('redriven', 1, event, generation);
const letter = (event: number, generation = 0) => encodeLetter(letterOf(1, event, { generation }));

function setUp(records: readonly NewRecord[], most = 1000) {
  const broker = new SimulatedBroker(new Simulation(1));
  broker.ensureTopic('g.dead', { partitions: 2 });
  broker.append('g.dead', records, 'owner');
  const reads: string[] = [];
  const faults = { isStuck: false, isGone: false };
  const log: Partial<EventLog> = {
    bounds: async topic => (faults.isGone ? undefined : broker.partitions(topic)?.map(each => each.bounds)),
    async read(topic, partition, from, limits) {
      assert.deepEqual(limits, { maxRecords: 1000, maxBytes: 4_194_304 });
      reads.push(`${partition}/${from}`);
      const batch = broker.partition(topic, partition).read(from, { ...limits, maxRecords: most });
      return faults.isStuck ? { ...batch, records: [], next: from } : batch;
    },
  };
  const decided = new DecidedLetters(log as EventLog, 'g.dead', 1);
  const has = (event: number, { generation = 0, ...rest }: Partial<Command> = {}) =>
    decided.has({ type: 'command', verb: 'redrive', event, generation, ...rest });
  return { broker, decided, has, reads, faults };
}

describe('decisions about dead letters', () => {
  it('count for their generation and those before', async () => {
    const { has } = setUp([mark(1, 1)]);
    assert.deepEqual(
      [await has(1), await has(1, { generation: 1 }), await has(1, { generation: 2 })],
      [true, true, false],
    );
    assert.equal(await has(2), false);
  });

  it('are told by a letter of a later generation as well', async () => {
    const { has } = setUp([letter(1, 2), letter(2)]);
    assert.deepEqual(
      [await has(1, { generation: 1 }), await has(1, { generation: 2 }), await has(2)],
      [true, false, false],
    );
  });

  it('stay the highest that there was', async () => {
    const { decided, has } = setUp([mark(1, 2), mark(1, 0)]);
    decided.add(1, 1);
    assert.equal(await has(1, { generation: 2 }), true);
    decided.add(1, 3);
    assert.equal(await has(1, { generation: 3 }), true);
  });

  it('are read once, in parts, and before that only for one who knew less', async () => {
    const { has, reads } = setUp([mark(1), mark(2), mark(3), mark(4), mark(5)], 1);
    assert.deepEqual([await has(1, { asOf: 3 }), reads.splice(0)], [false, ['1/3', '1/4']]);
    assert.deepEqual([await has(5, { letter: 4 }), reads], [true, []]);
    // The others are read up to where those begin that are known.
    assert.deepEqual([await has(2, { asOf: 1 }), reads.splice(0)], [true, ['1/1', '1/2']]);
    assert.deepEqual(await Promise.all([has(1), has(3), has(9)]), [true, true, false]);
    assert.deepEqual(reads.splice(0), ['1/0']);
    assert.deepEqual([await has(1), await has(5), reads], [true, true, []]);
  });

  it('are read from the start of the log where it was trimmed, and are none where there is no topic', async () => {
    const { broker, decided, has, reads, faults } = setUp([mark(1), mark(2), mark(3)]);
    broker.partition('g.dead', 1).trim(1);
    assert.deepEqual([await has(2), await has(1), reads], [true, false, ['1/1']]);
    decided.forget();
    faults.isGone = true;
    assert.deepEqual([await has(2), reads.length], [false, 1]);
  });

  it('are known as far as the log gives them, whatever its bounds say', async () => {
    const { has, faults, reads } = setUp([mark(1)]);
    faults.isStuck = true;
    assert.deepEqual([await has(1), reads], [false, ['1/0']]);
  });

  it('are read again after they were forgotten', async () => {
    const { broker, decided, has, reads } = setUp([mark(1)]);
    assert.equal(await has(1), true);
    decided.add(7, 0);
    assert.equal(await has(7), true);
    decided.forget();
    broker.partition('g.dead', 1).trim(1);
    broker.append('g.dead', [mark(2)], 'owner');
    assert.deepEqual([await has(1), await has(7), await has(2)], [false, false, true]);
    assert.deepEqual(reads, ['1/0', '1/1']);
  });

  it('of a later release cannot be told, until they are forgotten, and pass over what is none', async () => {
    const later = (event: number | undefined): NewRecord => {
      const headers = { 'tenfold-dead': JSON.stringify({ v: 2, event }) };
      return { key: null, value: new Uint8Array(0), partition: 1, headers };
    };
    const other = { key: null, value: new Uint8Array(0), partition: 1, headers: {} };
    const { broker, decided, has } = setUp([later(1), later(undefined), other, mark(3)]);
    await assert.rejects(has(1), { code: 'later-release', message: /what stands of dead letter 1-1 in g.dead/ });
    assert.deepEqual([await has(2), await has(3)], [false, true]);
    decided.forget();
    broker.partition('g.dead', 1).trim(4);
    assert.equal(await has(1), false);
  });

  it('are known by what the owner has decided before anything is read', async () => {
    const { decided, has } = setUp([]);
    decided.add(1, 0);
    assert.deepEqual([await has(1), await has(1, { generation: 1 })], [true, false]);
  });
});
