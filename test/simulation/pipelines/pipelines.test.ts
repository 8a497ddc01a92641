// Pipelines in the simulation: whatever fails, repeats and overlaps, their windows say in the end what the events say.
import assert from 'node:assert/strict';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { IDLES, SHAPES, TIMES, WAYS } from './app.ts';
import { MANNERS } from './publisher.ts';
import { DISTURBANCES, type PipelineMutation, runPipelines } from './run-pipelines.ts';

const FROM = Number(process.env['FROM'] ?? 0);
const SEEDS = Number(process.env['SEEDS'] ?? 40);

/** Whether any seed shows it. */
async function isFound(mutation: PipelineMutation): Promise<boolean> {
  for (let seed = 0; seed < 40; seed++) {
    if ((await outsideMicrotasks(() => runPipelines(seed, mutation))).wrong !== undefined) return true;
  }
  return false;
}

describe('simulation of pipelines', () => {
  it('end with windows that say what the events say, whatever fails, repeats and overlaps', async () => {
    const sights = new Set<string>();
    for (let seed = FROM; seed < FROM + SEEDS; seed++) {
      const run = await outsideMicrotasks(() => runPipelines(seed));
      assert.equal(run.wrong, undefined, `seed ${seed}, ${JSON.stringify(run.variant)}`);
      for (const sight of run.sights) sights.add(sight);
      sights
        .add(run.variant.way)
        .add(run.variant.shape)
        .add(run.variant.idle)
        .add(run.variant.time)
        .add(run.variant.changes ? 'changes' : 'final');
    }
    const wanted = ['trouble', 'changes', 'final', ...DISTURBANCES, ...WAYS, ...SHAPES];
    wanted.push(...IDLES, ...TIMES, ...MANNERS, 'ended by events', 'ended by silence', 'an event is published twice');
    wanted.push('grow', 'stopped, as the Topic has grown', 'not started, as the Topic has grown');
    wanted.push('The position in the store is another one.');
    for (const sight of wanted) assert.ok(sights.has(sight), `never seen: ${sight}`);
    for (const sight of sights) assert.ok(!/jumped|refused/.test(sight), sight);
  });

  it('run the same for the same seed', async () => {
    const [one, other] = [
      await outsideMicrotasks(() => runPipelines(3)),
      await outsideMicrotasks(() => runPipelines(3)),
    ];
    assert.equal(one.trace, other.trace);
  });

  it('find a store that writes whatever the position is', async () => {
    assert.ok(await isFound({ unfenced: true }));
  });

  it('find windows that forget what they have seen', async () => {
    assert.ok(await isFound({ forgetful: 'all' }));
  });

  it('find windows that forget which events they have counted', async () => {
    assert.ok(await isFound({ forgetful: 'events' }));
  });
});
