// The harness finds what plain consumers get wrong, and each fault that it names; a harness that
// passes everything proves nothing.
import assert from 'node:assert/strict';
import { Broken } from '../../judge/broken.ts';
import { outsideMicrotasks } from '../kernel/drain.ts';
import { drawPlan } from '../scenario/draw-plan.ts';
import { runPlan } from '../scenario/run-plan.ts';
import { createNaiveConsumer } from './naive.ts';

async function findings(consumer: ReturnType<typeof createNaiveConsumer>, seeds: number): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let seed = 0; seed < seeds; seed++) {
    const { error } = await outsideMicrotasks(() => runPlan(drawPlan(seed), consumer));
    if (error === undefined) continue;
    if (!(error instanceof Broken)) throw error;
    found.set(error.promise, (found.get(error.promise) ?? 0) + 1);
  }
  return found;
}

describe('simulation of a plain consumer', () => {
  it('finds that committing before the work loses events', async () => {
    const found = await findings(createNaiveConsumer('before', 1_000), 200);
    assert.ok((found.get('loss') ?? 0) > 0, JSON.stringify([...found]));
  });

  it('finds that giving up silently loses events and breaks the order', async () => {
    const found = await findings(createNaiveConsumer('after', 2), 200);
    assert.ok((found.get('order') ?? 0) > 0, JSON.stringify([...found]));
  });

  it('finds that retrying in memory blocks other keys and forgets attempts', async () => {
    const found = await findings(createNaiveConsumer('after', 1_000), 200);
    assert.ok((found.get('attempts') ?? 0) > 0, JSON.stringify([...found]));
  });
});
