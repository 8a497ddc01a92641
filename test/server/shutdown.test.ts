// The end of a process: all that was started is ended, in the reverse order, whatever one of them says.
import assert from 'node:assert/strict';
import { realWorld } from '../../core/world.ts';
import { createShutdown } from '../../server/shutdown.ts';

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

  it('gives each what is left of the grace', async () => {
    const left: number[] = [];
    const shutdown = createShutdown(realWorld, error => assert.fail(String(error)));
    shutdown.add(graceMs => void left.push(graceMs));
    shutdown.add(graceMs => new Promise(resolve => setTimeout(resolve, graceMs + 5)));
    await shutdown.run(50);
    assert.deepEqual(left, [0]);
  });
});
