// The versions of a window step. A store may lose its newest step, and another owner then writes a
// step of its own in that place: nobody who has read parts of both takes them for one.
import assert from 'node:assert/strict';
import type { World } from '../../../core/world.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Tables } from '../../../drivers/store/tables.ts';
import { WindowPartition } from '../../../worker/pipelines/window/window-partition.ts';
import { compileWindow } from '../../../worker/pipelines/window/window-plan.ts';

const init = {
  plan: compileWindow(
    { tumbling: 10_000, aggregate: { n: 'count()' }, allowedLateness: 0, emit: 'final' },
    { of: '${event.time}', maxDisorder: 0, idle: 'never' },
  ),
  pipeline: 'counts',
  origin: 'counts',
  partition: 0,
};

/** Holds what a step wrote, or nothing yet. */
function holding(step: readonly Change[]): Pick<Tables, 'row' | 'scan'> {
  return {
    async row(_, table, key) {
      const put = step.find(change => change.kind === 'put-row' && change.table === table && change.key === key);
      return put?.kind === 'put-row' ? { key, value: Buffer.from(put.value), version: '' } : undefined;
    },
    scan: async () => ({ rows: [], next: undefined }),
  };
}

/** An owner that loads what the store holds. Its clock stands still. */
async function owner(step: readonly Change[], random: number, now = 1_000): Promise<WindowPartition> {
  const world: Pick<World, 'now' | 'random'> = { now: () => now, random: () => random };
  return (await WindowPartition.load(holding(step), 'scope', init, 1, world)) ?? assert.fail('written meanwhile');
}

describe('versions of a window step', () => {
  it('are not given out again after the store has lost the newest one', async () => {
    const kept = (await owner([], 0.5)).takeChanges(1).changes;
    const lost = await owner(kept, 0.2, 2_000);
    lost.takeChanges(2);
    // In the same millisecond: the next owner loads what is left, and writes another step.
    const other = await owner(kept, 0.7, 2_000);
    const { changes } = other.takeChanges(3);
    assert.notEqual(other.clock.version, lost.clock.version);
    // Whoever has read the position of the lost step, and then this one, sees that they differ.
    assert.notEqual((await owner(changes, 0.1)).clock.version, lost.clock.version);
  });

  it('rise also where the clock of the next owner is behind', async () => {
    const former = await owner([], 0, 5_000);
    const { changes } = former.takeChanges(1);
    const next = await owner(changes, 0, 1_000);
    next.takeChanges(2);
    assert.ok(Number(next.clock.version) > Number(former.clock.version));
  });
});
