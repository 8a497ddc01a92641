// Dead letters as the topic has them: read in parts, once, while others ask, and with records that
// retention took or a later release wrote.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog, NewRecord, ReadLimits } from '../../../../drivers/event-log/event-log.ts';
import { encodeLetter, encodeMark } from '../../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import type { DeadLetterOptions } from '../../../../worker/dispatch/dead-letters/dead-letter-options.ts';
import { createDeadLetters } from '../../../../worker/dispatch/dead-letters/dead-letters.ts';
import { encodeParkingLogRecord } from '../../../../worker/parking-log/parking-log-codec.ts';
import type { ParkingLogRecord } from '../../../../worker/parking-log/parking-log-record.ts';
import { Simulation } from '../../../simulation/kernel/simulation.ts';
import { SimulatedBroker } from '../../../simulation/log/broker.ts';
import { letterOf } from './letters.ts';

const NOW = 5_000;

/** `most`: records that the log gives at once. */
function setUp(options: DeadLetterOptions = {}, most = 1000) {
  const broker = new SimulatedBroker(new Simulation(1));
  for (const topic of ['g.dead', 'g.parked']) broker.ensureTopic(topic, { partitions: 2 });
  const reads: string[] = [];
  const limits: ReadLimits[] = [];
  const appends: { readonly topic: string; readonly records: number }[] = [];
  const timers = new Set<() => void>();
  const faults = { before: async () => {}, appended: (_: number) => {}, isStuck: false };
  const log: Partial<EventLog> = {
    positions: async () => [],
    bounds: async topic => broker.partitions(topic)?.map(each => each.bounds),
    async read(topic, partition, from, asked) {
      reads.push(`${partition}/${from}`);
      limits.push(asked);
      await faults.before();
      const batch = broker
        .partition(topic, partition)
        .read(from, { ...asked, maxRecords: Math.min(most, asked.maxRecords) });
      return faults.isStuck ? { ...batch, records: [], next: from } : batch;
    },
    async append(topic, records) {
      appends.push({ topic, records: records.length });
      const places = broker.append(topic, records, 'console');
      faults.appended(places[0]?.offset ?? -1);
      return places;
    },
  };
  const world = {
    ...realWorld,
    now: () => NOW,
    after(_: number, run: () => void) {
      timers.add(run);
      return { cancel: () => void timers.delete(run) };
    },
  };
  const letters = createDeadLetters(world, log as EventLog, 'g', options);
  const write = (...records: readonly NewRecord[]) => broker.append('g.dead', records, 'owner');
  return { broker, letters, write, reads, limits, appends, timers, faults };
}

const letter = (partition: number, offset: number, generation = 0) =>
  encodeLetter(letterOf(partition, offset, { generation }));
const later = (event: number | undefined, partition = 0): NewRecord => {
  const headers = { 'tenfold-dead': JSON.stringify({ v: 2, event }) };
  return { key: null, value: new Uint8Array(0), partition, headers };
};

describe('the topic of dead letters', () => {
  it('is read once and in parts, and counted with what a later release wrote', async () => {
    const { letters, write, reads, limits } = setUp({}, 2);
    write(letter(0, 1), letter(0, 2), letter(0, 3), letter(1, 4), later(9));
    assert.equal(await letters.count(), 5);
    assert.deepEqual(reads, ['0/0', '0/2', '1/0']);
    write(letter(1, 5));
    assert.equal(await letters.count(), 6);
    assert.deepEqual(reads.slice(3), ['1/1']);
    assert.deepEqual(limits[0], { maxRecords: 1000, maxBytes: 4_194_304 });
  });

  it('is read by one who asks at a time, and goes on after a failure', async () => {
    const { letters, write, reads, faults } = setUp();
    write(letter(0, 1), letter(1, 2));
    assert.deepEqual(await Promise.all([letters.count(), letters.count()]), [2, 2]);
    assert.deepEqual(reads, ['0/0', '1/0']);
    write(letter(0, 3));
    faults.before = async () => {
      faults.before = async () => {};
      throw new Error('the log is away');
    };
    const [first, second] = await Promise.allSettled([letters.count(), letters.count()]);
    assert.deepEqual([first?.status, second], ['rejected', { status: 'fulfilled', value: 3 }]);
  });

  it('ends for now where the log has nothing more, whatever its bounds say', async () => {
    const { letters, write, reads, faults } = setUp();
    write(letter(0, 1), letter(1, 2));
    faults.isStuck = true;
    assert.equal(await letters.count(), 0);
    assert.deepEqual(reads, ['0/0', '1/0']);
    faults.isStuck = false;
    assert.equal(await letters.count(), 2);
  });

  it('has forgotten what retention took, and is read from its start on', async () => {
    const { broker, letters, write, reads } = setUp();
    write(letter(0, 1), letter(0, 2), letter(1, 1), later(8), later(9, 1));
    assert.equal(await letters.count(), 5);
    broker.partition('g.dead', 0).trim(3);
    write(letter(0, 4), letter(0, 5));
    broker.partition('g.dead', 0).trim(4);
    assert.equal(await letters.count(), 3);
    assert.deepEqual(reads.slice(2), ['0/4']);
    const found = await letters.find({});
    assert.deepEqual(
      found.letters.map(each => `${each.partition}-${each.offset}`),
      ['1-1', '0-5'],
    );
    assert.equal(found.later, 1);
  });

  it('tells one who would wait for long how far it is read, and goes on meanwhile', async () => {
    const { broker, letters, write, timers, faults } = setUp({ patienceMs: 7 }, 2);
    write(letter(0, 1), letter(0, 2), letter(0, 3), letter(0, 4), letter(0, 5), letter(0, 6));
    broker.partition('g.dead', 0).trim(1);
    const asked = async (reads: number) => {
      const gate = Promise.withResolvers<void>();
      let left = reads;
      faults.before = async () => (left-- > 0 ? undefined : gate.promise);
      const answer = assert.rejects(letters.list({}, 10), { code: 'not-ready', message: /records until now/ });
      const text = letters.list({}, 10).catch(error => error.message);
      await setImmediate();
      for (const late of [...timers]) late();
      await answer;
      return { gate, text: await text };
    };
    const first = await asked(1);
    assert.match(first.text, /^g: the dead letters are being read, 2 of 5 records until now/);
    first.gate.resolve();
    assert.equal((await letters.list({}, 10)).letters.length, 5);
    write(letter(0, 7), letter(0, 8), letter(1, 9));
    const second = await asked(0);
    assert.match(second.text, / 0 of 3 records/);
    // Nobody waits for it any more when it fails.
    second.gate.reject(new Error('the log is away'));
    await setImmediate();
    faults.before = async () => {};
    assert.equal((await letters.list({}, 10)).letters.length, 8);
    assert.equal(timers.size, 0);
  });
});

describe('a record of a later release among dead letters', () => {
  it('is told once, and neither read nor redriven', async () => {
    const problems: unknown[] = [];
    const { letters, write, appends } = setUp({ problem: (message, error) => problems.push([message, String(error)]) });
    await letters.count();
    assert.deepEqual(problems, []);
    write(letter(0, 1), later(7), later(undefined));
    for (let look = 0; look < 2; look++) assert.equal(await letters.count(), 3);
    assert.equal(problems.length, 1);
    assert.match(JSON.stringify(problems), /later release has written are kept.*0-7.*version 2/);
    await assert.rejects(letters.read('0-7'), { code: 'later-release' });
    const refusals = await letters.order('redrive', [{ id: '0-7' }]);
    assert.deepEqual([refusals[0]?.code, appends], ['later-release', []]);
  });

  it('disturbs nobody who does not want to know', async () => {
    const { letters, write } = setUp();
    write(later(7));
    assert.equal(await letters.count(), 1);
  });
});

describe('answers about dead letters', () => {
  it('count the causes beyond a limit with their letters', async () => {
    const { letters, write } = setUp();
    const caused = (offset: number, message: string) =>
      encodeLetter(letterOf(0, offset, { error: { message }, at: offset }));
    write(caused(1, 'a'), caused(2, 'a'), caused(3, 'b'), caused(4, 'c'), caused(5, 'a'), caused(6, 'c'));
    const { groups, more, omitted, later: unknown } = await letters.groups({}, 1);
    assert.deepEqual([groups.length, groups[0]?.count, groups[0]?.newest?.id], [1, 3, '0-5']);
    assert.deepEqual([more, omitted, unknown], [{ groups: 2, letters: 3 }, 0, 0]);
  });

  it('say what was decided as of a generation', async () => {
    const { letters, write } = setUp();
    write(letter(0, 1), encodeMark('purged', 0, 1, 0));
    write(letter(0, 2), encodeMark('redriven', 0, 2, 2));
    write(letter(0, 3, 1), letter(0, 4), encodeMark('purged', 0, 5, 0));
    const as = (id: string, generation: number) => letters.decisions([{ id, as: generation }]).then(([mark]) => mark);
    assert.deepEqual([await as('0-1', 0), await as('0-2', 2)], ['purged', 'redriven']);
    // Only a redriven event can have a later generation.
    assert.deepEqual(
      [await as('0-2', 1), await as('0-3', 0), await as('0-5', -1)],
      ['redriven', 'redriven', 'redriven'],
    );
    assert.deepEqual([await as('0-1', 1), await as('0-4', 0), await as('0-99', 0)], [undefined, undefined, undefined]);
    assert.deepEqual([letters.decision('0-1')?.mark, letters.decision('0-4')], ['purged', undefined]);
  });

  it('say that a letter was deleted between two looks', async () => {
    const { broker, letters, write, faults } = setUp();
    write(letter(0, 1), letter(0, 2));
    await letters.count();
    faults.before = async () => broker.partition('g.dead', 0).trim(1);
    await assert.rejects(letters.read('0-1'), { code: 'not-found', message: /0-1 has been deleted/ });
  });
});

describe('orders about dead letters', () => {
  it('are refused where the letter is of another generation by now', async () => {
    const { letters, write, appends } = setUp();
    write(letter(0, 1, 1), letter(1, 2));
    const refusals = await letters.order('redrive', [
      { id: '0-1', generation: 0 },
      { id: '0-1', generation: 1 },
      { id: '1-2', generation: 0 },
    ]);
    assert.deepEqual(
      refusals.map(each => each?.code),
      ['conflict', undefined, undefined],
    );
    assert.deepEqual(appends, [{ topic: 'g.parked', records: 2 }]);
  });

  it('append nothing where all are refused', async () => {
    const { letters, appends } = setUp();
    assert.deepEqual(
      (await letters.order('purge', [{ id: '0-1' }])).map(each => each?.code),
      ['not-found'],
    );
    assert.deepEqual(appends, []);
  });

  it('fail as a whole by an error that says nothing of one of them', async () => {
    const { letters, write } = setUp();
    write(letter(0, 1));
    const change = { value: undefined as unknown as Uint8Array, headers: {} };
    await assert.rejects(letters.order('redrive', [{ id: '0-1', change }]), TypeError);
  });

  for (const [outcome, code, message] of [
    ['gone', 'not-found', 'g: dead letter 0-1 has been deleted'],
    ['overtaken', 'conflict', 'g: another order for dead letter 0-1 overtook this one, which changed nothing'],
  ] as const)
    it(`say so where their owner found the letter ${outcome}`, async () => {
      const { broker, letters, write, faults } = setUp({ source: 't' });
      write(letter(0, 1));
      const toParkingLog = (record: ParkingLogRecord) =>
        broker.append('g.parked', [encodeParkingLogRecord(record, 0)], 'owner');
      toParkingLog({ type: 'claim', nonce: 'n' });
      faults.appended = command => toParkingLog({ type: 'acked', command, outcome, claim: 0, seq: 1 });
      const [refusal] = await letters.order('redrive', [{ id: '0-1' }]);
      assert.deepEqual([refusal?.code, refusal?.message], [code, message]);
    });

  for (const source of [undefined, 't'])
    it(`of a fold are to purge, at once (source: ${source})`, async () => {
      const { letters, write, appends } = setUp({ final: 'a fold does not redrive', source });
      write(letter(0, 1), letter(0, 2));
      const [refusal] = await letters.order('redrive', [{ id: '0-1' }]);
      assert.deepEqual([refusal?.code, refusal?.message], ['conflict', 'a fold does not redrive']);
      assert.deepEqual(await letters.order('purge', [{ id: '0-1' }]), [undefined]);
      assert.deepEqual(appends, [{ topic: 'g.dead', records: 1 }]);
      assert.equal(await letters.count(), 1);
    });
});
