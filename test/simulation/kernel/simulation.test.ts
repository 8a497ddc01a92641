// The kernel of the simulation: same seed, same run; what is due runs in order, with its
// microtasks; processes can be paused and killed.
import assert from 'node:assert/strict';
import { sleep } from '../../../core/world.ts';
import { outsideMicrotasks } from './drain.ts';
import { Simulation } from './simulation.ts';

describe('simulation', () => {
  it('runs what is due in order of time, each with its microtasks', () =>
    outsideMicrotasks(() => {
      const simulation = new Simulation(1);
      const seen: string[] = [];
      const act = (name: string) => async () => {
        seen.push(name);
        await null;
        seen.push(`${name} later`);
      };
      simulation.after(5, 'b', act('b'));
      simulation.after(1, 'a', act('a'));
      simulation.after(9, 'c', act('c'));
      simulation.run(8);
      assert.deepEqual(seen, ['a', 'a later', 'b', 'b later']);
      assert.equal(simulation.now, 8);
    }));

  it('draws the order of what is due at the same time', () => {
    const orders = Array.from({ length: 20 }, (_, seed) => {
      const simulation = new Simulation(seed);
      const seen: string[] = [];
      for (const name of 'ab') simulation.after(1, name, () => seen.push(name));
      simulation.step(() => {});
      simulation.step(() => {});
      return seen.join('');
    });
    assert.deepEqual(new Set(orders), new Set(['ab', 'ba']));
  });

  it('repeats a run exactly from its seed, and no other', () =>
    outsideMicrotasks(() => {
      const run = (seed: number) => {
        const simulation = new Simulation(seed);
        const { world } = simulation.process('p');
        const work = async () => {
          for (let turn = 0; turn < 50; turn++) await sleep(world, world.random() * 10);
        };
        void work();
        simulation.run(1_000);
        return simulation.chance.trace;
      };
      assert.equal(run(7), run(7));
      assert.notEqual(run(7), run(8));
    }));

  it('fails as soon as an invariant does not hold', () =>
    outsideMicrotasks(() => {
      const simulation = new Simulation(1);
      let steps = 0;
      for (let at = 1; at <= 5; at++) simulation.after(at, 'step', () => steps++);
      simulation.invariants.push(() => assert.ok(steps < 3, 'three steps'));
      assert.throws(() => simulation.run(10), /three steps/);
      assert.equal(simulation.now, 3);
    }));

  it('lets nothing reach a process that was killed', () =>
    outsideMicrotasks(() => {
      const simulation = new Simulation(1);
      const process = simulation.process('p');
      const seen: number[] = [];
      for (const at of [1, 2, 3]) process.world.after(at, () => seen.push(at));
      simulation.after(1.5, 'kill', () => process.kill());
      simulation.run(10);
      assert.deepEqual(seen, [1]);
    }));

  it('lets everything reach a paused process when it goes on, in its order, but what was cancelled', () =>
    outsideMicrotasks(() => {
      const simulation = new Simulation(1);
      const process = simulation.process('p');
      const seen: number[] = [];
      const timers = [1, 2, 3, 4].map(at => process.world.after(at, () => seen.push(at)));
      process.world.after(1.8, () => timers[2]?.cancel());
      simulation.after(1.5, 'pause', () => process.pause());
      simulation.after(3.5, 'resume', () => process.resume());
      simulation.run(10);
      assert.deepEqual(seen, [1, 2, 4]);
    }));

  it('can be driven by a test that awaits', async () => {
    const simulation = new Simulation(1);
    const { world } = simulation.process('p');
    await simulation.drive(sleep(world, 5_000));
    assert.equal(simulation.now, 5_000);
    await assert.rejects(simulation.drive(new Promise<void>(() => {})), /nothing is left to happen/);
  });
});
