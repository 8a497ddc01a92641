// The event plane over a simulated log: topics made, dispatchers run, changed ones started anew,
// and nothing given up when the log is away.
import assert from 'node:assert/strict';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Resource } from '../../resources/resource.ts';
import { silentObserver } from '../../worker/dispatch/observer.ts';
import { createEventPlane } from '../../worker/event-plane.ts';
import type { EventPlan } from '../../worker/plan/event-plan.ts';
import type { ConsumerPlan, TopicPlan } from '../../worker/plan/topic-plan.ts';
import { fakeResource } from '../fakes/platform-view.ts';
import { Simulation } from '../simulation/kernel/simulation.ts';
import { SimulatedBroker } from '../simulation/log/broker.ts';
import { NO_LOG_FAULTS } from '../simulation/log/log-faults.ts';
import { SimulatedLog } from '../simulation/log/simulated-log.ts';
import { settingsFor } from './dispatch/harness.ts';

const topic = (name: string, more: Partial<TopicPlan> = {}): TopicPlan => ({
  name,
  settings: { partitions: 1 },
  deleteWithResource: false,
  ...more,
});
const consumer = (name: string, fingerprint = '1', more: Partial<ConsumerPlan['settings']> = {}): ConsumerPlan => ({
  role: 'events',
  resource: fakeResource('Subscription', name) as Resource<'Subscription'>,
  settings: settingsFor({ group: name, topic: 't', ...more }),
  fingerprint,
});
const plan = (topics: readonly TopicPlan[], consumers: readonly ConsumerPlan[] = []): EventPlan => ({
  topics,
  external: [],
  consumers,
  views: [],
  pipelines: [],
  fanOuts: [],
  trimmed: [],
  findings: [],
});

function start(paused: readonly string[] = []) {
  const simulation = new Simulation(7);
  const broker = new SimulatedBroker(simulation, NO_LOG_FAULTS);
  const process = simulation.process('p');
  const broken = { ensure: false };
  const inner = new SimulatedLog(broker, process);
  const log: EventLog = new Proxy(inner, {
    get(target, name) {
      if (name === 'ensureTopic' && broken.ensure) return () => Promise.reject(new Error('the log is away'));
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const delivered: string[] = [];
  const problems: string[] = [];
  const plane = createEventPlane({
    world: process.world,
    log,
    store: { now: async () => process.world.now() },
    isPaused: async group => paused.includes(group),
    consumerFor: ({ settings, fingerprint }) => ({
      destination: {
        label: settings.group,
        async deliver(items) {
          for (const { record } of items) {
            delivered.push(`${settings.group}${fingerprint}:${Buffer.from(record.value).toString()}`);
          }
          return items.map(() => ({ kind: 'done' }) as const);
        },
      },
      deadLettered: async () => {},
    }),
    observerFor: () => silentObserver,
    problem: message => problems.push(message),
  });
  const publish = (text: string) =>
    broker.append('t', [{ key: text, value: Buffer.from(text), headers: {}, partition: 0 }], 'publisher');
  return { simulation, broker, broken, plane, delivered, problems, publish };
}

describe('the event plane', () => {
  it('goes on with a topic that has more partitions than it asks for, as after a way back to an earlier plan, and says so', async () => {
    const { simulation, plane, delivered, problems, publish } = start();
    plane.apply(plan([topic('t', { settings: { partitions: 2 } })], [consumer('a')]));
    await simulation.drive(plane.settled());
    plane.apply(plan([topic('t')], [consumer('a', '2')]));
    await simulation.pass(5000);
    assert.deepEqual(problems, ['The topic t cannot be made or changed']);
    assert.deepEqual(plane.missingTopics, []);
    publish('x');
    await simulation.pass(5000);
    assert.deepEqual(delivered, ['a2:x']);
  });

  it('makes topics, then delivers what comes', async () => {
    const { simulation, plane, delivered, publish } = start();
    plane.apply(plan([topic('t')], [consumer('a'), consumer('b')]));
    await simulation.drive(plane.settled());
    publish('1');
    await simulation.pass(1000);
    assert.deepEqual(delivered.sort(), ['a1:1', 'b1:1']);
  });

  it('tries again while the log cannot make a topic, and says so once', async () => {
    const { simulation, broken, plane, delivered, problems, publish } = start();
    broken.ensure = true;
    plane.apply(plan([topic('t')], [consumer('a')]));
    await simulation.drive(plane.settled());
    await simulation.pass(5000);
    assert.deepEqual(plane.missingTopics, ['t']);
    assert.equal(problems.filter(each => /topic t cannot/.test(each)).length, 1);
    assert.match(plane.consumers[0]?.runner.lastError ?? '', /the log is away/);
    broken.ensure = false;
    await simulation.pass(20_000);
    assert.deepEqual(plane.missingTopics, []);
    publish('1');
    await simulation.pass(1000);
    assert.deepEqual(delivered, ['a1:1']);
  });

  it('leaves alone what is unchanged, starts what has changed anew where it was, and stops what is gone', async () => {
    const { simulation, plane, delivered, publish } = start();
    plane.apply(plan([topic('t')], [consumer('a'), consumer('b'), consumer('c')]));
    await simulation.drive(plane.settled());
    publish('1');
    await simulation.pass(1000);
    const before = plane.consumers.find(({ plan: { settings } }) => settings.group === 'a')?.runner;
    delivered.splice(0);
    plane.apply(plan([topic('t')], [consumer('a'), consumer('b', '2')]));
    publish('2');
    await simulation.pass(10_000);
    assert.deepEqual(delivered.sort(), ['a1:2', 'b2:2']);
    assert.equal(plane.consumers.find(({ plan: { settings } }) => settings.group === 'a')?.runner, before);
  });

  it('begins paused what was paused by command', async () => {
    const { simulation, plane, delivered, publish } = start(['a']);
    plane.apply(plan([topic('t')], [consumer('a')]));
    await simulation.drive(plane.settled());
    publish('1');
    await simulation.pass(5000);
    assert.deepEqual(delivered, []);
    plane.consumers[0]?.runner.running?.resume();
    await simulation.pass(1000);
    assert.deepEqual(delivered, ['a1:1']);
  });

  it('deletes the events of a topic that is gone only where its resource said so', async () => {
    const { simulation, broker, plane } = start();
    plane.apply(plan([topic('kept'), topic('deleted', { deleteWithResource: true })]));
    await simulation.drive(plane.settled());
    plane.apply(plan([]));
    await simulation.pass(1000);
    assert.deepEqual(
      ['kept', 'deleted'].map(name => broker.topicNames.includes(name)),
      [true, false],
    );
  });

  it('closes with nothing in flight and nothing lost', async () => {
    const { simulation, broker, plane, delivered, publish } = start();
    plane.apply(plan([topic('t')], [consumer('a')]));
    await simulation.drive(plane.settled());
    publish('1');
    await simulation.pass(100);
    await simulation.drive(plane.close(1000));
    publish('2');
    await simulation.pass(5000);
    assert.deepEqual(delivered, ['a1:1']);
    assert.equal(broker.position('a', 't', 0)?.offset, 1);
  });
});
