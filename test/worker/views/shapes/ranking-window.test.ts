// A ranking over a last stretch of time: what counts equals a plain model, whatever the order of
// events, steps and upkeep; over the real store.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { VIEW_RANKING } from '../../../../core/views/view-layout.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { createRankingWindow, type Scored } from '../../../../worker/views/shapes/ranking-window.ts';
import { temporaryFolder } from '../../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../../drivers/store/sqlite/open-store.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Happening {
  readonly member: string;
  /** Undefined takes the member out. */
  readonly score: number | undefined;
  /** Minutes before the newest. */
  readonly ago: number;
}

/** Of an hour: what is in the slices that are not over, in the order in which it was told. */
function model(happened: readonly Happening[], mode: 'sum' | 'max' | 'last', now: number, newest: number) {
  const kept = new Map<string, { slice: number; score: number; turn: number }[]>();
  for (const [turn, { member, score, ago }] of happened.entries()) {
    if (score === undefined) kept.delete(member);
    else {
      const slice = Math.floor((newest - ago * MINUTE) / MINUTE);
      kept.set(member, [...(kept.get(member) ?? []), { slice, score, turn }]);
    }
  }
  const over = Math.floor((now - HOUR) / MINUTE) - 1;
  const ranked = [...kept].flatMap(([member, all]) => {
    const live = all.filter(({ slice }) => slice > over).sort((a, b) => a.slice - b.slice || a.turn - b.turn);
    const scores = live.map(({ score }) => score);
    if (scores.length === 0) return [];
    const total =
      mode === 'sum' ? scores.reduce((a, b) => a + b) : mode === 'max' ? Math.max(...scores) : (scores.at(-1) ?? 0);
    return [{ member, score: total }];
  });
  return ranked.sort((a, b) => b.score - a.score || (a.member < b.member ? -1 : 1));
}

describe('a ranking with a window', () => {
  let store: Store;
  const folder = temporaryFolder();
  before(async () => {
    store = await openStore(folder.file);
  });
  after(async () => {
    await store.close();
    folder.remove();
  });

  const happening = fc.record({
    member: fc.constantFrom('ada', 'bob', 'eve'),
    score: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: -5, max: 20 }) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    ),
    ago: fc.integer({ min: 0, max: 200 }),
  });
  const newest = Date.parse('2026-01-01T12:00:30Z');
  let turn = 0;
  const at = (now: number) => ({
    now: () => now,
    rows: (scope: string, table: string, keys: readonly string[]) => store.rows(scope, table, keys),
  });

  const keepUp = async (window: ReturnType<typeof createRankingWindow>, scope: string, now: number) => {
    for (;;) {
      const changes = await window.upkeep.toChanges(scope, store, now);
      if (changes.length === 0) return;
      await store.apply(scope, changes);
    }
  };

  for (const mode of ['sum', 'max', 'last'] as const) {
    it(`counts what a plain model counts, mode ${mode}`, async () => {
      const property = fc.asyncProperty(
        fc.array(fc.array(happening, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 90 }),
        fc.boolean(),
        async (steps, later, between) => {
          const scope = `window/${turn++}`;
          const window = createRankingWindow(HOUR, mode);
          for (const step of steps) {
            const scored = step.map(({ member, score, ago }): Scored => {
              return { member, points: score === undefined ? undefined : { score, at: newest - ago * MINUTE } };
            });
            await store.apply(scope, await window.toChanges(scored, scope, at(newest)));
            if (between) await keepUp(window, scope, newest);
          }
          const now = newest + later * MINUTE;
          await keepUp(window, scope, now);
          const top = await store.top(scope, VIEW_RANKING, { limit: 10 });
          assert.deepEqual(
            top.map(({ member, score }) => ({ member, score })),
            model(steps.flat(), mode, now, newest),
          );
          assert.equal((await store.scan(scope, 'window', { limit: 10 })).rows.length, top.length);
        },
      );
      await fc.assert(property, { numRuns: 60 });
    });
  }

  it('shows what the latest event says, and nothing of before a member was taken out', async () => {
    const window = createRankingWindow(HOUR, 'sum');
    const step = async (...scored: Scored[]) => {
      await store.apply('shown', await window.toChanges(scored, 'shown', at(newest)));
      const [first] = await store.top('shown', VIEW_RANKING, { limit: 1 });
      return first && [first.score, first.value && Buffer.from(first.value).toString()];
    };
    const points = { score: 1, at: newest };
    assert.deepEqual(await step({ member: 'ada', points: { ...points, shown: '"A"' } }), [1, '"A"']);
    assert.deepEqual(await step({ member: 'ada', points }), [2, '"A"']);
    assert.deepEqual(await step({ member: 'ada', points: undefined }, { member: 'ada', points }), [1, undefined]);
  });

  it('keeps no more of a member than the window has slices, over years of events', async () => {
    const window = createRankingWindow(HOUR, 'sum');
    for (let day = 0; day < 5; day++) {
      const scored = Array.from({ length: 500 }, (_, n): Scored => {
        return { member: 'ada', points: { score: 1, at: newest + day * 24 * HOUR + n * MINUTE } };
      });
      const now = newest + day * 24 * HOUR;
      await store.apply('years', await window.toChanges(scored, 'years', at(now)));
    }
    const row = await store.row('years', 'window', 'ada');
    assert.equal(JSON.parse(`${row && Buffer.from(row.value)}`).length, 61);
  });

  it('leaves out what is over already', async () => {
    const window = createRankingWindow(HOUR, 'sum');
    const old: Scored = { member: 'ada', points: { score: 1, at: newest - 2 * HOUR } };
    await store.apply('old', await window.toChanges([old], 'old', at(newest)));
    assert.deepEqual(await store.top('old', VIEW_RANKING, { limit: 1 }), []);
  });
});
