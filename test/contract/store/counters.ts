// Contract of the store: counters.
import assert from 'node:assert/strict';
import { HOUR, newScope, rejectsWith, type StoreSubject } from './subject.ts';

export function counters(subject: () => StoreSubject): void {
  describe('counters', () => {
    it('add up what many add at the same time', async () => {
      const { store } = subject();
      const scope = newScope();
      const sums = await Promise.all(Array.from({ length: 50 }, () => store.count(scope, 'c', 2, HOUR)));
      assert.deepEqual(
        sums.sort((a, b) => a - b),
        Array.from({ length: 50 }, (_, n) => 2 * (n + 1)),
      );
      assert.equal(await store.counter(scope, 'c'), 100);
      assert.equal(await store.count(scope, 'c', -101, HOUR), -1);
      assert.equal(await store.counter(scope, 'other'), 0);
    });

    it('start again when the time since their first addition is over', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await store.count(scope, 'c', 5, 500);
      await pass(300);
      await store.count(scope, 'c', 5, 500);
      assert.equal(await store.counter(scope, 'c'), 10);
      await pass(250);
      assert.equal(await store.counter(scope, 'c'), 0);
      assert.equal(await store.count(scope, 'c', 1, 500), 1);
    });

    it('are exact up to 2^53 and refuse to go beyond', async () => {
      const { store } = subject();
      const scope = newScope();
      await store.count(scope, 'c', Number.MAX_SAFE_INTEGER - 1, HOUR);
      assert.equal(await store.count(scope, 'c', 1, HOUR), Number.MAX_SAFE_INTEGER);
      await rejectsWith('invalid-input', store.count(scope, 'c', 1, HOUR));
      await rejectsWith('invalid-input', store.count(scope, 'c', 0.5, HOUR));
      assert.equal(await store.counter(scope, 'c'), Number.MAX_SAFE_INTEGER);
    });
  });
}
