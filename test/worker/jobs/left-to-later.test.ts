// Jobs whose rows a later release has written: they are not begun, nothing of it is written
// over, and it is said why.
import assert from 'node:assert/strict';
import type { Outcome } from '../../../worker/deliver/destination.ts';
import { answerOf, never } from '../deliver/items.ts';
import { jobItem, letterOf, refused, setUp } from './jobs-harness.ts';

describe('jobs of which a later release has written', () => {
  const row = 'the row of job 2-5-0123456789abcdef has version 2, of a later release; this release reads up to 1.';
  const left = { kind: 'later', afterMs: 1000, error: { status: 503 } };
  const finished: Outcome = { kind: 'done', answer: answerOf(200, {}) };

  for (const [what, item, more] of [
    ['that were attempted', jobItem(5, 2), {}],
    ['that waited aside', { ...jobItem(), parked: true }, {}],
    ['of queues with delays', jobItem(), { rowsFromEndpoint: true }],
  ] as const)
    it(`${what} are not begun, and no attempt is counted, until their rows can be read`, async () => {
      const { destination, inner, writeLater, store, rowOf, problems } = setUp(() => finished, more);
      const { stands } = await writeLater();
      for (let turn = 0; turn < 3; turn++)
        assert.partialDeepStrictEqual((await destination.deliver([item], never)) as object[], [left]);
      assert.equal(inner.seen.length, 0);
      assert.ok(stands());
      assert.deepEqual(problems, [
        `A job is left to a later release: ${row} Finish the upgrade, or run the later release again.`,
      ]);
      store.entries.clear();
      assert.partialDeepStrictEqual((await destination.deliver([item], never)) as object[], [{ kind: 'done' }]);
      assert.equal(rowOf()?.state, 'succeeded');
    });

  it('leave the others of a call alone', async () => {
    const { destination, inner, writeLater } = setUp(() => finished);
    await writeLater();
    const outcomes = await destination.deliver([jobItem(5, 2), jobItem(6, 2)], never);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['later', 'done'],
    );
    assert.deepEqual(
      inner.seen.map(({ record }) => record.offset),
      [6],
    );
  });

  it('are called once more at most, and what stands is not written over', async () => {
    const { destination, inner, writeLater, world } = setUp(() => finished);
    const { stands } = await writeLater();
    const before = world.monotonic();
    for (let turn = 0; turn < 3; turn++)
      assert.partialDeepStrictEqual((await destination.deliver([jobItem()], never)) as object[], [left]);
    assert.equal(inner.seen.length, 1);
    assert.equal(world.monotonic(), before, 'it is not waited for');
    assert.ok(stands());
  });

  it('are not dead-lettered', async () => {
    const owed: unknown[] = [];
    const { ends, writeLater } = setUp(() => refused, { owe: async (...all) => void owed.push(all) });
    const { stands } = await writeLater();
    const deadLettered = ends.deadLettered(letterOf('exhausted', { attempts: 8, at: 9 }));
    await assert.rejects(deadLettered, { code: 'later-release', message: new RegExp(row) });
    assert.ok(stands());
    assert.deepEqual(owed, []);
  });

  it('keep what a later release says of them when the store is reminded', async () => {
    const { destination, writeLater, remind } = setUp(() => finished);
    await destination.deliver([jobItem()], never);
    const { stands } = await writeLater();
    await remind().catch(() => {});
    assert.ok(stands());
  });
});
