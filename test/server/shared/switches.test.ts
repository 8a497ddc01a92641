// A feature that several gateways serve: one moves it and all do, of two that move it at once one
// wins, and nobody undoes what is newer.
import assert from 'node:assert/strict';
import { createFeatureControl } from '../../../gateway/strangler/phase/feature-control.ts';
import { FeatureRecord } from '../../../gateway/strangler/phase/feature-record.ts';
import { describePhaseState, type Phase, phaseStateAt } from '../../../gateway/strangler/phase/phase-state.ts';
import { createSwitches } from '../../../server/shared/switches.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { createHintHub } from '../../fakes/hint-hub.ts';

const RULES = {
  maxMismatch: 0,
  maxErrorRate: 0.1,
  maxMasked: 0.05,
  maxUncompared: 0.05,
  minimum: 10,
  window: 60_000,
  steps: [10, 50],
};

describe('a feature of several gateways', () => {
  const setUp = () => {
    const world = createFakeWorld();
    const store = createFakeStore(world);
    const hub = createHintHub();
    const start = async (phase: Phase) => {
      const switches = createSwitches(world, store, hub.join());
      const logged: string[] = [];
      let moves = 0;
      await switches.load();
      const declared = phaseStateAt(phase, 10);
      const record = new FeatureRecord({
        world,
        switches,
        key: 'a/b/c',
        declared,
        windowMs: RULES.window,
        question: '',
      });
      const control = createFeatureControl({
        record,
        log: (_level, message) => logged.push(message),
        monotonic: () => world.monotonic(),
        strangler: 'shop',
        feature: 'orders',
        rules: RULES,
        peers: undefined,
        sync: undefined,
        moved: () => moves++,
        percent: 10,
      });
      control.follow();
      return { record, control, logged, moves: () => moves, stands: () => describePhaseState(record.phaseState) };
    };
    return { world, store, hub, start };
  };

  it('stands everywhere where one has moved it, and says so', async () => {
    const { world, start } = setUp();
    const [one, two] = [await start('shadow'), await start('shadow')];
    await one.control.set('canary', 30, 'why');
    await world.pass(0);
    assert.deepEqual([one.stands(), two.stands(), two.moves()], ['canary 30%', 'canary 30%', 1]);
    assert.deepEqual(two.logged, ['orders of shop: shadow → canary 30%']);
    assert.partialDeepStrictEqual(two.record.moves, [{ by: 'command', reason: 'why' }]);
    await two.control.set('shadow', undefined, 'back where the resource has it');
    await world.pass(0);
    assert.deepEqual([one.stands(), one.record.switched], ['shadow', undefined]);
    const three = await start('shadow');
    assert.equal(three.stands(), 'shadow');
  });

  it('is moved once where two move it at one moment, and the other is told', async () => {
    const { world, start } = setUp();
    const [one, two] = [await start('shadow'), await start('shadow')];
    const ends = await Promise.allSettled([one.control.promote('one'), two.control.promote('two')]);
    await world.pass(1_000);
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    assert.match(String(ends[1]?.status === 'rejected' && ends[1].reason), /Another process has just moved orders/);
    assert.deepEqual([one.stands(), two.stands()], ['canary 10%', 'canary 10%']);
  });

  it('goes back to legacy when one gateway sees it fail, even while another moves it on', async () => {
    const { world, start, hub } = setUp();
    hub.lost = true;
    const [one, two] = [await start('canary'), await start('canary')];
    for (let count = 0; count < 12; count++) two.record.tally.answered('new', true, 5, world.monotonic());
    await one.control.set('live', undefined, 'on');
    two.control.judge();
    await world.pass(1_000);
    assert.deepEqual([one.stands(), two.stands()], ['legacy', 'legacy']);
    assert.partialDeepStrictEqual(one.record.switched, { by: 'back-out' });
  });

  it('is not moved by gateways that still have an older resource, and does not move them', async () => {
    const { world, start } = setUp();
    const old = await start('shadow');
    await old.control.set('canary', 20, 'old');
    const fresh = await start('canary');
    fresh.record.declare(phaseStateAt('canary', 10), RULES.window, '');
    await fresh.control.set('live', undefined, 'new');
    await world.pass(1_000);
    assert.deepEqual([old.stands(), fresh.stands()], ['canary 20%', 'live']);
    await assert.rejects(old.control.promote('on'), /Another process/);
    await world.pass(1_000);
    assert.deepEqual([old.stands(), fresh.stands()], ['canary 20%', 'live']);
    assert.equal((await start('canary')).stands(), 'live');
  });

  it('is not known while the store has never been reached, and stands where it was moved once it is', async () => {
    const { world, store, start } = setUp();
    await (await start('live')).control.backOut('it burns');
    store.before = () => Promise.reject(new Error('away'));
    const starting = start('live');
    await world.pass(6_000);
    const one = await starting;
    assert.equal(one.record.known, false);
    store.before = async () => {};
    await world.pass(1_000);
    assert.deepEqual([one.record.known, one.stands()], [true, 'legacy']);
  });
});
