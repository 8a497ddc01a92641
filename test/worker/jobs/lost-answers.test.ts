// A store that takes a write, whose answer is lost, and that fails over afterwards: whoever relies
// on what it finds there reminds the store of it, whoever has written it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TenfoldError } from '../../../core/errors.ts';
import { answerOf, never } from '../deliver/items.ts';
import { jobItem, letterOf, setUp } from './jobs-harness.ts';

const ONCE = { 'tenfold-once': '60000' };

function setUpDone() {
  const all = setUp(() => ({ kind: 'done', answer: answerOf(200, { cups: 1 }) }));
  const { store, world } = all;
  const { put } = store;
  return {
    ...all,
    /** The next write is there, and its writer does not learn of it. */
    loseNextAnswer() {
      store.put = async (...asked) => {
        store.put = put;
        await put(...asked);
        throw new TenfoldError('store-unavailable', 'no answer');
      };
    },
    /** Delivers it, however long the store is asked again. */
    async deliver(item: ReturnType<typeof jobItem>) {
      const delivered = all.destination.deliver([item], never);
      await world.pass(10_000);
      return delivered;
    },
  };
}

describe('jobs whose writes had no answer', () => {
  it('have ended also where the store forgets that afterwards, once it was reminded', async () => {
    const { loseNextAnswer, deliver, store, rowOf, remind } = setUpDone();
    loseNextAnswer();
    assert.partialDeepStrictEqual((await deliver(jobItem())) as object[], [{ kind: 'done' }]);
    const ended = rowOf();
    assert.equal(ended?.state, 'succeeded');
    store.entries.clear();
    await remind();
    assert.deepEqual(rowOf(), ended);
  });

  it('have ended where another process wrote the end that this one met', async () => {
    const { deliver, ends, store, rowOf, remind } = setUpDone();
    const letter = letterOf('exhausted', { attempts: 8, at: 9 });
    const other = setUpDone();
    await other.ends.deadLettered(letter);
    for (const [key, entry] of other.store.entries) store.entries.set(key, entry);
    const met = rowOf();
    await ends.deadLettered(letter);
    store.entries.clear();
    await remind();
    assert.deepEqual(rowOf(), met);
    await deliver(jobItem());
    assert.equal(rowOf()?.state, 'succeeded');
  });

  it('keep their end no longer than its retention, however late the store was reminded', async () => {
    const { deliver, store, rowOf, remind, world } = setUpDone();
    await deliver(jobItem(5, 1, ONCE));
    store.entries.clear();
    await remind(60_000);
    assert.deepEqual([...store.entries], []);
    await remind(50_000);
    assert.equal(rowOf()?.state, 'succeeded');
    for (const { until } of store.entries.values()) assert.ok(until <= world.now() + 10_000);
    assert.equal(store.entries.size, 2);
  });

  it('are worked once also where the store forgets the first afterwards, once it was reminded', async () => {
    const { loseNextAnswer, deliver, inner, store, remind } = setUpDone();
    loseNextAnswer();
    const [first] = await deliver(jobItem(5, 1, ONCE));
    assert.notEqual(first?.kind, 'done');
    await deliver(jobItem(5, 2, ONCE));
    store.entries.clear();
    await remind();
    await deliver(jobItem(9, 1, ONCE));
    assert.deepEqual(
      inner.seen.map(({ record }) => record.offset),
      [5],
    );
  });

  it('are worked once where the process is gone that worked the first', async () => {
    const { deliver, inner, store, rowOf, remind } = setUpDone();
    const other = setUpDone();
    await other.deliver(jobItem(5, 1, ONCE));
    for (const [key, entry] of other.store.entries) store.entries.set(key, entry);
    await deliver(jobItem(9, 1, ONCE));
    store.entries.clear();
    await remind();
    await deliver(jobItem(12, 1, ONCE));
    assert.deepEqual(inner.seen, []);
    assert.equal(rowOf(12)?.sameAs, rowOf(9)?.sameAs);
  });
});

describe('jobs, whichever answers are lost and whatever the store forgets', () => {
  it('have ended, and no repeat is worked, once the store was reminded', async () => {
    const plan = { lost: fc.array(fc.boolean(), { maxLength: 6 }), headers: fc.constantFrom({}, ONCE), back: fc.nat() };
    await fc.assert(
      fc.asyncProperty(fc.record(plan), async ({ lost, headers, back }) => {
        const { destination, inner, store, world, rowOf, remind } = setUpDone();
        const { put } = store;
        const before: (typeof store.entries)[] = [];
        const losses = [...lost];
        store.put = async (...asked) => {
          before.push(new Map(store.entries));
          const outcome = await put(...asked);
          if (losses.shift() === true) throw new TenfoldError('store-unavailable', 'no answer');
          return outcome;
        };
        const deliver = async (offset: number, attempt: number) => {
          let outcome: string | undefined;
          const delivered = destination.deliver([jobItem(offset, attempt, headers)], never);
          void delivered.then(([each]) => {
            outcome = each?.kind;
          });
          while (outcome === undefined) await world.pass(250);
          return outcome;
        };
        for (let attempt = 1; (await deliver(5, attempt)) !== 'done'; attempt++) assert.ok(attempt <= lost.length);
        losses.length = 0;
        const known = before[back % before.length] ?? new Map();
        store.entries.clear();
        for (const [key, entry] of known) store.entries.set(key, entry);
        await remind();
        assert.equal(rowOf()?.state, 'succeeded');
        const worked = inner.seen.length;
        if (headers !== ONCE) return;
        await deliver(9, 1);
        assert.equal(inner.seen.length, worked);
      }),
      { numRuns: 200 },
    );
  });
});
