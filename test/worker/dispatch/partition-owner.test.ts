// The owner of one partition from one stop to the next: what it says of itself, what it tells, and
// that it ends whenever it is told to.
import assert from 'node:assert/strict';
import { deadTopicOf, parkingLogTopicOf } from '../../../core/names.ts';
import { OFFSETS_PER_EPOCH } from '../../../drivers/event-log/epochs.ts';
import type { Bounds, EventLog, NewRecord, OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import { CallScheduler } from '../../../worker/dispatch/calls/call-scheduler.ts';
import { defaultLimits } from '../../../worker/dispatch/limits.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import { PartitionOwner } from '../../../worker/dispatch/partition-owner.ts';
import { createTotals, type PartitionView } from '../../../worker/dispatch/view.ts';
import { encodeParkingLogRecord } from '../../../worker/parking-log/parking-log-codec.ts';
import { Simulation } from '../../simulation/kernel/simulation.ts';
import { SimulatedBroker } from '../../simulation/log/broker.ts';
import { SimulatedLog } from '../../simulation/log/simulated-log.ts';
import { done, settingsFor } from './harness.ts';

const TOPICS = ['t', parkingLogTopicOf('g'), deadTopicOf('g')];
const claimOfAnother: NewRecord = encodeParkingLogRecord({ type: 'claim', nonce: 'another' }, 0);

async function setUp() {
  const simulation = new Simulation(1);
  const broker = new SimulatedBroker(simulation);
  for (const topic of TOPICS) broker.ensureTopic(topic, { partitions: 1 });
  const process = simulation.process('p');
  const log = new SimulatedLog(broker, process);
  const { world } = process;
  const settings = settingsFor();
  const seen: string[] = [];
  const attempted: number[] = [];
  const totals = createTotals();
  const deliver = async (items: readonly { readonly record: { readonly offset: number } }[]) =>
    items.map(({ record }) => {
      attempted.push(record.offset);
      return done;
    });
  /** What the log says of the source, in place of what it has. */
  const source: { answer: (truth: readonly Bounds[] | undefined) => Promise<readonly Bounds[] | undefined> } = {
    answer: async truth => truth,
  };
  const bounds = log.bounds.bind(log);
  Object.assign(log, {
    bounds: async (topic: string) => (topic === 't' ? source.answer(await bounds(topic)) : bounds(topic)),
  } satisfies Partial<EventLog>);
  const partition = Promise.withResolvers<OwnedPartition>();
  const joined = log.join({ group: 'g', topics: TOPICS.slice(0, 2), assigned: partition.resolve });
  await simulation.drive(joined);
  const owner = new PartitionOwner(
    {
      ...{ world, log, settings, limits: defaultLimits(settings), deadLettered: undefined, totals },
      ...{ parkingLogTopic: parkingLogTopicOf('g'), deadTopic: deadTopicOf('g') },
      ...{ newest: { failure: undefined }, until: undefined, partitions: () => 1 },
      observer: {
        ...silentObserver,
        superseded: (number, why) => seen.push(`superseded ${number}: ${why}`),
        trouble: (number, error) => seen.push(`trouble ${number}: ${error instanceof Error ? error.message : error}`),
      },
      scheduler: new CallScheduler(world, { label: 'test', deliver }, settings, undefined),
    },
    await simulation.drive(partition.promise),
  );
  const run = owner.run();
  const publish = () => broker.append('t', [{ key: 'k', value: new Uint8Array(1), headers: {} }], 'publisher');
  /** The first view for which it holds. */
  const until = async (holds: (view: PartitionView) => boolean): Promise<PartitionView> => {
    for (let step = 0; step < 100_000; step++) {
      const { view } = owner;
      if (holds(view)) return view;
      await simulation.pass(1);
    }
    return assert.fail(JSON.stringify(owner.view));
  };
  return { simulation, broker, owner, run, source, seen, totals, attempted, publish, until };
}

describe('the owner of a partition', () => {
  it('says that it starts until it has taken over, and has finished nothing', async () => {
    const { owner, until } = await setUp();
    const { state, trouble, finished, partition } = owner.view;
    assert.deepEqual(
      { state, trouble, finished, partition },
      { state: 'starting', trouble: undefined, finished: false, partition: 0 },
    );
    assert.equal((await until(view => view.state !== 'starting')).state, 'running');
  });

  it('says why it stopped until it works again, and tells it', async () => {
    const { source, seen, until, totals } = await setUp();
    source.answer = async () => {
      throw new Error('the log is away');
    };
    const stopped = await until(({ state }) => state !== 'starting');
    assert.deepEqual([stopped.state, stopped.trouble, stopped.finished], ['stopped', 'the log is away', false]);
    assert.deepEqual(seen, ['trouble 0: the log is away']);
    source.answer = async truth => truth;
    assert.equal((await until(({ state }) => state === 'running')).trouble, undefined);
    assert.equal(totals.superseded, 0);
  });

  it('is superseded by a claim behind its own, says so, and begins again', async () => {
    const { broker, seen, until, totals } = await setUp();
    await until(({ state }) => state === 'running');
    broker.append(parkingLogTopicOf('g'), [claimOfAnother], 'q');
    const stopped = await until(({ state }) => state !== 'running');
    assert.equal(stopped.state, 'stopped');
    assert.match(stopped.trouble ?? '', /^a newer claim lies in the parking log at/);
    assert.deepEqual([seen, totals.superseded], [[`superseded 0: ${stopped.trouble}`], 1]);
    assert.equal((await until(({ state }) => state === 'running')).trouble, undefined);
  });

  it('that comes too late does not begin, and says why', async () => {
    const { broker, seen, until, totals } = await setUp();
    broker.setPosition('g', 't', 0, { offset: 0, metadata: '' });
    let isLate = true;
    broker.watches.push((topic, _, { by }) => {
      if (topic !== parkingLogTopicOf('g') || by !== 'p' || !isLate) return;
      isLate = false;
      // A newer owner has claimed the partition and trimmed the parking log up to its claim.
      simulationLater(() => {
        broker.append(parkingLogTopicOf('g'), [claimOfAnother], 'q');
        broker.partition(parkingLogTopicOf('g'), 0).trim(1);
      });
    });
    const simulationLater = (run: () => void) => queueMicrotask(run);
    const stopped = await until(({ state }) => state === 'stopped');
    assert.match(stopped.trouble ?? '', /claim has been trimmed away by a newer owner/);
    assert.deepEqual([seen.length, totals.superseded], [1, 1]);
    await until(({ state }) => state === 'running');
  });

  it('begins where there is no source yet', async () => {
    const { source, seen, until, publish, attempted } = await setUp();
    source.answer = async () => undefined;
    await until(({ state }) => state === 'running');
    publish();
    await until(({ watermark }) => watermark === 1);
    assert.deepEqual([seen, attempted], [[], [0]]);
  });

  it('ends when it is told to: before it begins, while it works, and while it waits', async () => {
    const early = await setUp();
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    early.source.answer = async truth => {
      asked.resolve();
      await gate.promise;
      return truth;
    };
    await early.simulation.drive(asked.promise);
    early.publish();
    early.owner.stop(new Error('closing'));
    gate.resolve();
    await early.simulation.drive(early.run);
    assert.deepEqual([early.seen, early.attempted, early.owner.view.state], [[], [], 'starting']);

    const working = await setUp();
    await working.until(({ state }) => state === 'running');
    working.owner.stop(new Error('closing'));
    await working.simulation.drive(working.run);
    assert.deepEqual(working.seen, []);

    const waiting = await setUp();
    waiting.source.answer = async () => assert.fail('no');
    await waiting.until(({ state }) => state === 'stopped');
    waiting.owner.stop(new Error('closing'));
    await waiting.simulation.drive(waiting.run);
    assert.equal(waiting.seen.length, 1);
  });

  it('passes on what others have seen of its topics, once it works', async () => {
    const { simulation, owner, until } = await setUp();
    owner.sawBounds(0, 9);
    owner.sawParkingLogBounds({ start: 0, end: 9 });
    await simulation.drive(owner.finish());
    await until(({ state }) => state === 'running');
    owner.sawBounds(0, 9);
    assert.equal(owner.view.end, 9);
    // The parking log was made again.
    owner.sawParkingLogBounds({ start: OFFSETS_PER_EPOCH, end: OFFSETS_PER_EPOCH });
    assert.equal(owner.view.parkingLog.read, OFFSETS_PER_EPOCH);
  });

  it('makes its last commit before it ends', async () => {
    const { simulation, broker, owner, until, publish } = await setUp();
    await until(({ state }) => state === 'running');
    publish();
    await until(({ watermark }) => watermark === 1);
    await simulation.drive(owner.finish());
    assert.equal(broker.position('g', 't', 0)?.offset, 1);
  });
});
