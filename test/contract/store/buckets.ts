// Contract of the store: buckets that fill at a rate, and are never taken more
// from than there is in them.
import assert from 'node:assert/strict';
import { newScope, rejectsWith, type StoreSubject } from './subject.ts';

const of = (bucket: string, want: number, more = {}) => ({ bucket, intervalMs: 100, burst: 5, want, ...more });

export function buckets(subject: () => StoreSubject): void {
  describe('buckets', () => {
    it('are full at first, give what there is, and fill again at their pace', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      const take = async (want: number) => (await store.take(scope, [of('a', want)]))[0];
      assert.deepEqual(await take(2), { taken: 2, resetMs: 200 });
      assert.equal((await take(9))?.taken, 3);
      const empty = await take(1);
      assert.equal(empty?.taken, 0);
      assert.ok(empty && empty.resetMs <= 500, String(empty?.resetMs));
      await pass(210);
      assert.equal((await take(9))?.taken, 2);
      await pass(60_000);
      assert.equal((await take(9))?.taken, 5, 'no more than it holds');
    });

    it('are taken from many at a time, each for itself, one of them twice', async () => {
      const { store } = subject();
      const scope = newScope();
      const taken = await store.take(scope, [of('a', 4), of('b', 9), of('a', 4), of('c', 0)]);
      assert.deepEqual(
        taken.map(({ taken }) => taken),
        [4, 5, 1, 0],
      );
      assert.equal((await store.take(newScope(), [of('a', 9)]))[0]?.taken, 5);
    });

    it('of odd rates give exactly what they should in the long run', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      const third = { intervalMs: 1000 / 3, burst: 3 };
      let taken = 0;
      for (let second = 0; second < 20; second++) {
        taken += (await store.take(scope, [of('a', 9, third)]))[0]?.taken ?? 0;
        await pass(1_000);
      }
      assert.ok(taken >= 60 && taken <= 63, String(taken));
    });

    it('never give more to all who ask at the same time than there is', async () => {
      const { store } = subject();
      const scope = newScope();
      const many = await Promise.all(Array.from({ length: 40 }, () => store.take(scope, [of('a', 1)])));
      assert.equal(
        many.reduce((sum, [one]) => sum + (one?.taken ?? 0), 0),
        5,
      );
    });

    it('refuse what makes no sense', async () => {
      const { store } = subject();
      for (const wrong of [{ want: -1 }, { burst: 0 }, { intervalMs: 0 }, { want: 0.5 }, { bucket: '' }])
        await rejectsWith('invalid-input', store.take(newScope(), [of('a', 1, wrong)]));
      await rejectsWith('invalid-input', store.take(newScope(), []));
    });
  });
}
