// Contract of the store: keys with a time to live.
import assert from 'node:assert/strict';
import { HOUR, newScope, rejectsWith, type StoreSubject, text } from './subject.ts';

export function keys(subject: () => StoreSubject): void {
  describe('keys', () => {
    it('are read as they were written, bytes and texts', async () => {
      const { store } = subject();
      const scope = newScope();
      await store.put(scope, 'bytes', new Uint8Array([0, 255, 1]), { ttlMs: HOUR });
      await store.put(scope, 'text', 'ü🙂\0', { ttlMs: HOUR });
      await store.put(scope, 'empty', '', { ttlMs: HOUR });
      assert.deepEqual([...((await store.get(scope, 'bytes'))?.value ?? [])], [0, 255, 1]);
      assert.equal(text((await store.get(scope, 'text'))?.value), 'ü🙂\0');
      assert.equal((await store.get(scope, 'empty'))?.value.length, 0);
      assert.equal(await store.get(scope, 'other'), undefined);
    });

    it('of one scope are not those of another', async () => {
      const { store } = subject();
      const scope = newScope();
      const other = newScope();
      await store.put(scope, 'k', '1', { ttlMs: HOUR });
      await store.put(other, 'k', '2', { ttlMs: HOUR });
      await store.delete(other, 'k');
      assert.equal(text((await store.get(scope, 'k'))?.value), '1');
    });

    it('live by a clock that all can ask', async () => {
      const { store, pass } = subject();
      const before = await store.now();
      await pass(1000);
      const passed = (await store.now()) - before;
      assert.ok(passed >= 1000 && passed < HOUR, `${passed} ms`);
    });

    it('take odd names', async () => {
      const { store } = subject();
      const scope = newScope();
      for (const name of ['\0', ' ', '{a}', '*', 'é', 'e\u0301', "'; --", '🙂', 'x'.repeat(1024)]) {
        await store.put(scope, name, name, { ttlMs: HOUR });
        await store.put(name, scope, name, { ttlMs: HOUR });
        assert.equal(text((await store.get(scope, name))?.value), name);
        assert.equal(text((await store.get(name, scope))?.value), name);
      }
    });

    it('are gone when their time is over', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await store.put(scope, 'short', '1', { ttlMs: 50 });
      await store.put(scope, 'long', '1', { ttlMs: HOUR });
      await pass(60);
      assert.equal(await store.get(scope, 'short'), undefined);
      assert.ok(await store.get(scope, 'long'));
      assert.equal(await store.delete(scope, 'short'), false);
    });

    it('live anew with each write', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await store.put(scope, 'k', '1', { ttlMs: 500 });
      await pass(300);
      await store.put(scope, 'k', '2', { ttlMs: HOUR });
      await pass(300);
      assert.equal(text((await store.get(scope, 'k'))?.value), '2');
      await store.put(scope, 'k', '3', { ttlMs: 50 });
      await pass(60);
      assert.equal(await store.get(scope, 'k'), undefined);
    });

    it('are written when absent by one of many', async () => {
      const { store } = subject();
      const scope = newScope();
      const tries = Array.from({ length: 20 }, (_, n) =>
        store.put(scope, 'k', String(n), { ttlMs: HOUR, when: 'absent' }),
      );
      const outcomes = await Promise.all(tries);
      assert.equal(outcomes.filter(({ written }) => written).length, 1);
      const stored = await store.get(scope, 'k');
      for (const outcome of outcomes) if (!outcome.written) assert.deepEqual(outcome.entry, stored);
      const winner = outcomes.find(({ written }) => written);
      assert.ok(winner?.written);
      assert.equal(winner.version, stored?.version);
    });

    it('count as absent when their time is over', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await store.put(scope, 'k', '1', { ttlMs: 50 });
      await pass(60);
      const outcome = await store.put(scope, 'k', '2', { ttlMs: HOUR, when: 'absent' });
      assert.equal(outcome.written, true);
    });

    it('are replaced only at the version asked for', async () => {
      const { store } = subject();
      const scope = newScope();
      const first = await store.put(scope, 'k', '1', { ttlMs: HOUR });
      assert.ok(first.written);
      const second = await store.put(scope, 'k', '2', { ttlMs: HOUR, when: { version: first.version } });
      assert.ok(second.written);
      assert.notEqual(second.version, first.version);
      const late = await store.put(scope, 'k', '3', { ttlMs: HOUR, when: { version: first.version } });
      assert.ok(!late.written);
      assert.equal(text(late.entry?.value), '2');
      assert.equal(late.entry?.version, second.version);
      const none = await store.put(scope, 'none', '3', { ttlMs: HOUR, when: { version: first.version } });
      assert.deepEqual(none, { written: false, entry: undefined });
    });

    it('are deleted only at the version asked for', async () => {
      const { store } = subject();
      const scope = newScope();
      const first = await store.put(scope, 'k', '1', { ttlMs: HOUR });
      const second = await store.put(scope, 'k', '1', { ttlMs: HOUR });
      assert.ok(first.written && second.written);
      assert.equal(await store.delete(scope, 'k', { version: first.version }), false);
      assert.equal(await store.delete(scope, 'k', { version: second.version }), true);
      assert.equal(await store.delete(scope, 'k'), false);
    });

    it('never get a version back', async () => {
      const { store } = subject();
      const scope = newScope();
      const seen = new Set<string>();
      for (let round = 0; round < 3; round++) {
        const outcome = await store.put(scope, 'k', 'same', { ttlMs: HOUR });
        assert.ok(outcome.written);
        seen.add(outcome.version);
        await store.delete(scope, 'k');
      }
      await subject().reopen();
      const outcome = await subject().store.put(scope, 'k', 'same', { ttlMs: HOUR });
      assert.ok(outcome.written);
      seen.add(outcome.version);
      assert.equal(seen.size, 4);
    });

    it('are there after the store was closed and opened again', async () => {
      const { store } = subject();
      const scope = newScope();
      const outcome = await store.put(scope, 'k', 'kept', { ttlMs: HOUR });
      await subject().reopen();
      const entry = await subject().store.get(scope, 'k');
      assert.ok(outcome.written);
      assert.deepEqual(
        { value: text(entry?.value), version: entry?.version },
        { value: 'kept', version: outcome.version },
      );
    });

    it('that cannot be kept are refused', async () => {
      const { store } = subject();
      const scope = newScope();
      const put = (key: string, value: Uint8Array, ttlMs: number) => store.put(scope, key, value, { ttlMs });
      const one = new Uint8Array(1);
      await rejectsWith('invalid-input', put('', one, HOUR));
      await rejectsWith('invalid-input', put('x'.repeat(1025), one, HOUR));
      await rejectsWith('invalid-input', put('é'.repeat(513), one, HOUR));
      await rejectsWith('invalid-input', put('\ud800', one, HOUR));
      for (const ttl of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
        await rejectsWith('invalid-input', put('k', one, ttl));
      await rejectsWith('body-too-large', put('k', new Uint8Array(4 * 1024 * 1024 + 1), HOUR));
      assert.ok((await put('k', new Uint8Array(4 * 1024 * 1024), HOUR)).written);
      assert.equal((await store.get(scope, 'k'))?.value.length, 4 * 1024 * 1024);
    });
  });
}
