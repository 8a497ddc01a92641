// The simulated log keeps what the port promises, and breaks only what its faults say.
import assert from 'node:assert/strict';
import type { EventLog, NewRecord, OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import { Simulation } from '../kernel/simulation.ts';
import { SimulatedBroker } from './broker.ts';
import { type LogFaults, NO_LOG_FAULTS } from './log-faults.ts';
import { SimulatedLog } from './simulated-log.ts';

const LIMITS = { maxRecords: 100, maxBytes: 1_000_000 };
const record = (text: string, partition = 0): NewRecord => ({
  key: text,
  value: Buffer.from(text),
  headers: {},
  partition,
});
const texts = (records: readonly { value: Uint8Array }[]) => records.map(({ value }) => Buffer.from(value).toString());

function create(faults: Partial<LogFaults> = {}, seed = 1) {
  const simulation = new Simulation(seed);
  const broker = new SimulatedBroker(simulation, { ...NO_LOG_FAULTS, ...faults });
  broker.ensureTopic('t', { partitions: 2 });
  const process = simulation.process('p');
  return { simulation, broker, process, log: new SimulatedLog(broker, process) };
}

async function join(simulation: Simulation, log: EventLog) {
  const owned: OwnedPartition[] = [];
  const member = await simulation.drive(
    log.join({ group: 'g', topics: ['t'], assigned: partition => owned.push(partition) }),
  );
  return { owned, member, held: () => owned.filter(({ lost }) => !lost.aborted).map(({ partition }) => partition) };
}

describe('simulated log', () => {
  it('gives back what was appended, in the order of the calls', async () => {
    const { simulation, log } = create();
    const appends = 'abcdef'.split('').map(text => log.append('t', [record(text)]));
    const places = await simulation.drive(Promise.all(appends));
    assert.deepEqual(
      places.flat().map(({ offset }) => offset),
      [0, 1, 2, 3, 4, 5],
    );
    const batch = await simulation.drive(log.read('t', 0, 2, LIMITS));
    assert.deepEqual(texts(batch.records), ['c', 'd', 'e', 'f']);
    assert.equal(batch.next, 6);
  });

  const failing: readonly [
    string,
    Partial<LogFaults>,
    { error: string; happened: 'all' | 'none' | 'later' | 'part' },
  ][] = [
    ['refuses', { appendRefused: 1 }, { error: 'overloaded', happened: 'none' }],
    ['fails', { appendFails: 1 }, { error: 'log-unavailable', happened: 'none' }],
    ['is unknown', { appendUnknown: 1 }, { error: 'log-unavailable', happened: 'all' }],
    ['is late', { appendLate: 1 }, { error: 'log-unavailable', happened: 'later' }],
    ['is half done', { appendHalf: 1 }, { error: 'log-unavailable', happened: 'part' }],
  ];
  for (const [name, faults, expected] of failing) {
    it(`an append that ${name} rejects with ${expected.error} and happened: ${expected.happened}`, async () => {
      const counts = new Set<number>();
      for (let seed = 0; seed < 10; seed++) {
        const { simulation, broker, log } = create(faults, seed);
        const append = log.append(
          't',
          ['a', 'b', 'c'].map(text => record(text)),
        );
        await assert.rejects(simulation.drive(append), { code: expected.error });
        const stored = broker.partition('t', 0).history;
        if (expected.happened === 'later') {
          assert.equal(stored.length, 0);
          await simulation.pass(30_000);
        }
        counts.add(stored.length);
        assert.deepEqual(texts(stored), ['a', 'b', 'c'].slice(0, stored.length));
      }
      if (expected.happened === 'part') assert.ok(counts.has(1) || counts.has(2), `${[...counts]}`);
      else assert.deepEqual([...counts], [expected.happened === 'none' ? 0 : 3]);
    });
  }

  it('spreads partitions over members, and a reader waits for what comes', async () => {
    const { simulation, broker, log } = create();
    const first = await join(simulation, log);
    await simulation.pass(100);
    assert.deepEqual(first.held().sort(), [0, 1]);
    const second = await join(simulation, new SimulatedLog(broker, simulation.process('q')));
    await simulation.pass(100);
    assert.deepEqual([...first.held(), ...second.held()].sort(), [0, 1]);
    assert.equal(second.held().length, 1);
    const [owned] = second.owned;
    const read = owned?.open('t', 0).next(LIMITS);
    await simulation.drive(log.append('t', [record('x', owned?.partition ?? 0)]));
    assert.deepEqual(texts((await simulation.drive(read ?? Promise.reject())).records), ['x']);
  });

  it('gives the partitions of a dead or silent member to the others, and takes a silent one back', async () => {
    const { simulation, broker, log, process } = create();
    const first = await join(simulation, log);
    const other = simulation.process('q');
    const second = await join(simulation, new SimulatedLog(broker, other));
    await simulation.pass(100);
    process.pause();
    await simulation.pass(10_000);
    assert.deepEqual(second.held().sort(), [0, 1]);
    assert.equal(first.held().length, 1, 'a paused owner believes that it owns what it had');
    process.resume();
    await simulation.pass(10_000);
    assert.equal(first.held().length, 1);
    assert.equal(second.held().length, 1);
    other.kill();
    await simulation.pass(10_000);
    assert.deepEqual(first.held().sort(), [0, 1]);
  });

  it('accepts the commit of a former owner, and hands positions to the next', async () => {
    const { simulation, broker, log, process } = create();
    const first = await join(simulation, log);
    await simulation.pass(100);
    process.pause();
    const second = await join(simulation, new SimulatedLog(broker, simulation.process('q')));
    await simulation.pass(10_000);
    const mine = (list: readonly OwnedPartition[]) => list.find(({ partition }) => partition === 0);
    await simulation.drive(mine(second.owned)?.commit({ offset: 9, metadata: 'new' }) ?? Promise.reject());
    const late = mine(first.owned)?.commit({ offset: 4, metadata: 'old' }) ?? Promise.reject();
    process.resume();
    await simulation.drive(late);
    const position = await simulation.drive(mine(second.owned)?.committed() ?? Promise.reject());
    assert.deepEqual(position, { offset: 4, metadata: 'old' });
  });

  it('rejects a waiting reader with the reason of the loss, and one that a later open replaced', async () => {
    const { simulation, log } = create();
    const first = await join(simulation, log);
    await simulation.pass(100);
    const [owned] = first.owned;
    const replaced = owned?.open('t', 0).next(LIMITS);
    const waiting = owned?.open('t', 0).next(LIMITS);
    await assert.rejects(replaced ?? Promise.resolve(), { code: 'conflict' });
    const outcome = assert.rejects(waiting ?? Promise.resolve(), { code: 'conflict' });
    await simulation.drive(first.member.leave());
    await simulation.pass(1_000);
    await outcome;
  });

  it('shows a reader that retention has overtaken where the partition starts now', async () => {
    const { simulation, broker, log } = create();
    await simulation.drive(
      log.append(
        't',
        ['a', 'b', 'c', 'd'].map(text => record(text)),
      ),
    );
    const { owned } = await join(simulation, log);
    await simulation.pass(100);
    const reader = owned.find(({ partition }) => partition === 0)?.open('t', 0);
    broker.partition('t', 0).trim(2);
    const batch = await simulation.drive(reader?.next(LIMITS) ?? Promise.reject());
    assert.deepEqual(texts(batch.records), ['c', 'd']);
    assert.deepEqual(batch.bounds, { start: 2, end: 4 });
  });

  it('assigns partitions that are added, and fails everything while it is down', async () => {
    const { simulation, broker, log } = create();
    const { held } = await join(simulation, log);
    await simulation.drive(log.ensureTopic('t', { partitions: 3 }));
    await simulation.pass(5_000);
    assert.deepEqual(held().sort(), [0, 1, 2]);
    broker.down = true;
    await assert.rejects(simulation.drive(log.append('t', [record('x')])), { code: 'log-unavailable' });
    await assert.rejects(simulation.drive(log.bounds('t')), { code: 'log-unavailable' });
    assert.equal(broker.partition('t', 0).history.length, 0);
  });
});
