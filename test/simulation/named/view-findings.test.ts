// What the simulation has found in Views: each by itself, which must not come back.
import assert from 'node:assert/strict';
import { viewLayoutOf } from '../../../core/views/view-layout.ts';
import { SOURCE_TIME_HEADER } from '../../../core/wire.ts';
import { createViewPositions, readViewFreshness } from '../../../gateway/views/view-positions.ts';
import { startRekey } from '../../../worker/fold/rekey.ts';
import type { StageObserver } from '../../../worker/fold/stage.ts';
import { hasCaughtUp } from '../../../worker/views/generations/caught-up.ts';
import { createFollowers } from '../../../worker/views/shapes/followers.ts';
import { Simulation } from '../kernel/simulation.ts';
import { EPOCH } from '../kernel/virtual-time.ts';
import { SimulatedBroker } from '../log/broker.ts';
import { SimulatedLog } from '../log/simulated-log.ts';

const layout = viewLayoutOf('shop', 'seen', '000000000001');
const silent: StageObserver = { trouble() {}, superseded() {}, jumped() {}, refused() {} };

describe('findings of the simulation of Views', () => {
  const setUp = () => {
    const simulation = new Simulation(1);
    const broker = new SimulatedBroker(simulation);
    broker.ensureTopic('events', { partitions: 1 });
    broker.ensureTopic(layout.topic, { partitions: 1 });
    const process = simulation.process('one');
    const { world } = process;
    return { simulation, broker, process, world, log: new SimulatedLog(broker, process) };
  };
  const append = (broker: SimulatedBroker, topic: string, headers = {}) =>
    broker.append(topic, [{ key: 'k', value: Buffer.from('v'), headers }], 'publisher');

  it('a position that a former owner has set back is set right, though no more events come', async () => {
    const { simulation, broker, process, world, log } = setUp();
    append(broker, 'events');
    append(broker, 'events');
    const project = () => [{ key: 'k', value: Buffer.from('v') }];
    const settings = { group: 'keys', topic: 'events', target: layout.topic, project, refused: async () => {} };
    await simulation.drive(startRekey({ world, log, observer: silent, settings }));
    await simulation.pass(1_000);
    assert.equal(broker.position('keys', 'events', 0)?.offset, 2);
    broker.commit('keys', 'events', 0, { offset: 1, metadata: '' }, process);
    await simulation.pass(8_000);
    assert.equal(broker.position('keys', 'events', 0)?.offset, 2);
  });

  it('offsets at the end that hold nothing keep no generation from taking over, and no answer from being whole', async () => {
    const { simulation, broker, world, log } = setUp();
    for (const topic of ['events', layout.topic]) {
      append(broker, topic);
      broker.partition(topic, 0).append({ key: 'k', value: Buffer.from('v'), headers: {} }, meta, 0, 3);
    }
    broker.setPosition(layout.rekeyGroupOf('events'), 'events', 0, { offset: 2, metadata: '' });
    const store = { position: async () => 2 };
    const signal = new AbortController().signal;
    const caught = hasCaughtUp({ world, log, store }, { layout, sources: ['events'] }, signal);
    assert.equal(await simulation.drive(caught), true);
    const sources = [{ name: 'events', topic: 'events' }];
    const { behind } = await simulation.drive(readViewFreshness({ world, log, store, layout, sources }));
    assert.equal(behind, 0);
    const open = hasCaughtUp(
      { world, log, store: { position: async () => 1 } },
      { layout, sources: ['events'] },
      signal,
    );
    assert.equal(await simulation.drive(open), false);
  });

  it('they keep nobody waiting who asks who follows whom, or for an event that was projected', async () => {
    const { simulation, broker, world, log } = setUp();
    broker.ensureTopic(layout.projected, { partitions: 1 });
    for (const topic of ['events', layout.projected, layout.topic]) {
      broker.partition(topic, 0).append({ key: 'k', value: Buffer.from('v'), headers: {} }, meta, 0, 3);
      broker.setPosition(layout.rekeyGroupOf(topic), topic, 0, { offset: 1, metadata: '' });
    }
    const store = { position: async () => 1, scan: async () => ({ rows: [], next: undefined }) };
    const { signal } = new AbortController();
    const sources = [{ name: 'events', topic: 'events' }];
    const generation = { id: '000000000001', fingerprint: '', partitions: 1, sources } as never;
    const settings = { namespace: 'shop', view: 'seen', index: 'followed', member: 'follower' };
    const views = { serving: async () => generation };
    const followers = createFollowers({ world, log, store, views, settings, signal });
    const record = { offset: 0, timestamp: EPOCH, key: null, value: Buffer.alloc(0), headers: {} };
    assert.deepEqual(await simulation.drive(followers('ada', 10, record)), []);
    const positions = createViewPositions({ world, log, store, layout, sources });
    await simulation.drive(positions.reached([{ topic: 'events', partition: 0, offset: 0 }], signal));
  });

  it('an answer is as of its oldest event that waits, which need not be the first that does', async () => {
    const { simulation, broker, world, log } = setUp();
    append(broker, layout.topic, { [SOURCE_TIME_HEADER]: String(EPOCH - 1_000) });
    append(broker, layout.topic, { [SOURCE_TIME_HEADER]: String(EPOCH - 9_000) });
    const store = { position: async () => undefined };
    const { asOf, behind } = await simulation.drive(readViewFreshness({ world, log, store, layout, sources: [] }));
    assert.deepEqual({ asOf, behind }, { asOf: EPOCH - 9_000, behind: 2 });
  });
});

const meta = { by: 'publisher', at: 0, timestamp: EPOCH };
