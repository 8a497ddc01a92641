// The end of a process: all that was started is ended, in the reverse order,
// whatever one of them says.
import assert from 'node:assert/strict';
import { realWorld, type World } from '../../../core/world.ts';
import { createShutdown } from '../../../server/parts/shutdown.ts';

describe('A shutdown', () => {
  it('ends all that was started, in the reverse order, and tells of what did not end as it should', async () => {
    const ended: string[] = [];
    const failures: unknown[] = [];
    const shutdown = createShutdown(realWorld, error => failures.push(error));
    const isAway = new Error('the service is away');
    shutdown.add(() => void ended.push('opened first'));
    shutdown.add(async () => {
      throw isAway;
    });
    shutdown.add(() => {
      throw isAway;
    });
    shutdown.add(async () => void ended.push('opened last'));
    await shutdown.run(1000);
    assert.deepEqual(ended, ['opened last', 'opened first']);
    assert.deepEqual(failures, [isAway, isAway]);
  });

  it('leaves what does not end, says so, and ends the others', async () => {
    const ended: string[] = [];
    const failures: string[] = [];
    const waits: number[] = [];
    const world: World = {
      ...realWorld,
      monotonic: () => 0,
      after(ms, run) {
        waits.push(ms);
        return realWorld.after(20, run);
      },
    };
    const shutdown = createShutdown(world, error => failures.push(String(error)));
    shutdown.add(() => void ended.push('opened first'));
    shutdown.add(() => new Promise(() => {}));
    await shutdown.run(1000);
    assert.deepEqual(ended, ['opened first']);
    assert.deepEqual(failures, ['Error: It has not ended within 11000 ms.']);
    assert.deepEqual(waits, [11_000, 11_000]);
  });

  it('gives each what is left of the grace', async () => {
    const left: number[] = [];
    const shutdown = createShutdown(realWorld, error => assert.fail(String(error)));
    shutdown.add(graceMs => void left.push(graceMs));
    shutdown.add(graceMs => new Promise(resolve => setTimeout(resolve, graceMs + 5)));
    await shutdown.run(50);
    assert.deepEqual(left, [0]);
  });
});
