// The rate at which a View is built anew: kept over all its stages, and gone once it serves.
import assert from 'node:assert/strict';
import { createPace } from '../../../../worker/views/generations/pace.ts';
import { Simulation } from '../../../simulation/kernel/simulation.ts';

describe('the pace of a rebuild', () => {
  const never = new AbortController().signal;

  it('lets so many records through in a period, whoever reads them', async () => {
    const simulation = new Simulation(1);
    const { world } = simulation.process('p');
    const pace = createPace(world, { count: 100, periodMs: 1000 }, never);
    const begun = world.monotonic();
    await simulation.drive(
      Promise.all(
        [0, 1].map(async () => {
          for (let batch = 0; batch < 5; batch++) await pace(50, never);
        }),
      ),
    );
    // 500 records, of which the last 50 are paid for by whoever comes next.
    assert.equal(Math.round(world.monotonic() - begun), 4500);
  });

  it('holds nobody back any more when the View serves, nor who waits then', async () => {
    const simulation = new Simulation(1);
    const { world } = simulation.process('p');
    const ended = new AbortController();
    const pace = createPace(world, { count: 1, periodMs: 60_000 }, ended.signal);
    const begun = world.monotonic();
    world.after(1000, () => ended.abort(new Error('It serves.')));
    await simulation.drive(
      (async () => {
        for (let batch = 0; batch < 5; batch++) await pace(1000, never);
      })(),
    );
    assert.equal(Math.round(world.monotonic() - begun), 1000);
  });

  it('ends with its stage', async () => {
    const simulation = new Simulation(1);
    const { world } = simulation.process('p');
    const closing = new AbortController();
    const pace = createPace(world, { count: 1, periodMs: 60_000 }, never);
    world.after(1000, () => closing.abort(new Error('closed')));
    await simulation.drive(pace(10, closing.signal));
    await assert.rejects(simulation.drive(pace(10, closing.signal)), /closed/);
  });
});
