// Contract of the store: timers, and the removal of what nobody owns.
import assert from 'node:assert/strict';
import { change, HOUR, newScope, rejectsWith, type StoreSubject, text } from './subject.ts';

const set = (timer: string, inMs: number, payload = timer) => ({ kind: 'set-timer' as const, timer, inMs, payload });

export function timers(subject: () => StoreSubject): void {
  describe('timers', () => {
    it('are given out when they are due, earliest first, and not before', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      assert.deepEqual(await store.takeDue(scope, { limit: 5, leaseMs: HOUR }), { timers: [], nextInMs: undefined });
      await change(store, scope, set('late', 2000), set('b', 400), set('a', 200));
      const early = await store.takeDue(scope, { limit: 5, leaseMs: HOUR });
      assert.deepEqual(early.timers, []);
      assert.ok(early.nextInMs !== undefined && early.nextInMs <= 200, String(early.nextInMs));
      await pass(500);
      const due = await store.takeDue(scope, { limit: 5, leaseMs: HOUR });
      assert.deepEqual(
        due.timers.map(({ timer, payload }) => [timer, text(payload)]),
        [
          ['a', 'a'],
          ['b', 'b'],
        ],
      );
      assert.ok(due.timers[0] && due.timers[0].lateMs >= 300, String(due.timers[0]?.lateMs));
      assert.ok(due.nextInMs !== undefined && due.nextInMs <= 1500, String(due.nextInMs));
    });

    it('are given to one worker at a time', async () => {
      const { store } = subject();
      const scope = newScope();
      await change(store, scope, ...Array.from({ length: 20 }, (_, n) => set(`t${n}`, 0)));
      const taken = await Promise.all(
        Array.from({ length: 8 }, () => store.takeDue(scope, { limit: 5, leaseMs: HOUR })),
      );
      const names = taken.flatMap(({ timers }) => timers.map(({ timer }) => timer));
      assert.equal(names.length, 20);
      assert.equal(new Set(names).size, 20);
    });

    it('come back to another worker when they are not settled in time, and then only that one settles them', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await change(store, scope, set('a', 0));
      const [first] = (await store.takeDue(scope, { limit: 1, leaseMs: 500 })).timers;
      const soon = await store.takeDue(scope, { limit: 1, leaseMs: 500 });
      assert.deepEqual(soon.timers, []);
      assert.ok(soon.nextInMs !== undefined && soon.nextInMs <= 500);
      await pass(550);
      const [second] = (await store.takeDue(scope, { limit: 1, leaseMs: HOUR })).timers;
      assert.ok(first && second);
      assert.notEqual(second.token, first.token);
      assert.deepEqual(await store.settle(scope, [first]), [false]);
      assert.deepEqual(await store.settle(scope, [second]), [true]);
      assert.deepEqual(await store.settle(scope, [second]), [false]);
      assert.deepEqual(await store.takeDue(scope, { limit: 1, leaseMs: 500 }), { timers: [], nextInMs: undefined });
    });

    it('that are set anew stay, although the earlier one is settled', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await change(store, scope, set('a', 0, 'old'));
      const [taken] = (await store.takeDue(scope, { limit: 1, leaseMs: HOUR })).timers;
      assert.ok(taken);
      await change(store, scope, set('a', 100, 'new'));
      assert.deepEqual(await store.settle(scope, [taken]), [false]);
      await pass(150);
      const [again] = (await store.takeDue(scope, { limit: 1, leaseMs: HOUR })).timers;
      assert.equal(text(again?.payload), 'new');
    });

    it('that are cancelled do not come', async () => {
      const { store } = subject();
      const scope = newScope();
      await change(store, scope, set('a', 0), set('b', 0), { kind: 'cancel-timer', timer: 'a' });
      const { timers } = await store.takeDue(scope, { limit: 5, leaseMs: HOUR });
      assert.deepEqual(
        timers.map(({ timer }) => timer),
        ['b'],
      );
    });

    it('outlive the store being closed', async () => {
      const scope = newScope();
      await change(subject().store, scope, set('a', 0));
      await subject().reopen();
      const { timers } = await subject().store.takeDue(scope, { limit: 5, leaseMs: HOUR });
      assert.deepEqual(
        timers.map(({ timer }) => timer),
        ['a'],
      );
    });
  });

  describe('scopes', () => {
    const fill = (scope: string, from = 0) =>
      change(
        subject().store,
        scope,
        ...Array.from({ length: 700 }, (_, n) => n + from).flatMap(n => [
          { kind: 'put' as const, key: `k${n}`, value: '', ttlMs: HOUR },
          { kind: 'put-row' as const, table: 't', key: `k${n}`, value: '', indexes: { i: [n] } },
          { kind: 'score' as const, ranking: 'r', member: `k${n}`, score: n, mode: 'sum' as const, limit: 1000 },
          { kind: 'push' as const, feed: 'f', owner: 'o', id: `k${n}`, at: n, value: '', limit: 1000 },
          { kind: 'count' as const, counter: `k${n}`, by: 1 },
          set(`k${n}`, HOUR),
        ]),
      );

    it('are dropped with all that they hold, and nothing else', async () => {
      const { store } = subject();
      const [scope, other] = [newScope(), newScope()];
      await fill(scope);
      await fill(other);
      const fence = { consumer: 'c', partition: 0, after: undefined, upTo: 7 };
      await store.apply(scope, [], fence);
      await store.apply(other, [], fence);
      await store.drop(scope);
      const left = async (scope: string) => [
        (await store.get(scope, 'k1')) !== undefined,
        (await store.row(scope, 't', 'k1')) !== undefined,
        (await store.scan(scope, 't', { index: 'i', limit: 1 })).rows.length > 0,
        (await store.rankingSize(scope, 'r')) > 0,
        (await store.feed(scope, 'f', 'o', { limit: 1 })).entries.length > 0,
        (await store.counter(scope, 'k1')) > 0,
        (await store.takeDue(scope, { limit: 1, leaseMs: HOUR })).nextInMs !== undefined,
        (await store.position(scope, 'c', 0)) !== undefined,
      ];
      assert.deepEqual(
        await left(scope),
        Array.from({ length: 8 }, () => false),
      );
      assert.deepEqual(
        await left(other),
        Array.from({ length: 8 }, () => true),
      );
      assert.deepEqual(await store.scopes(scope, { limit: 5 }), []);
      await store.drop(scope);
      await store.drop(other);
    });

    it('are listed by their beginning, page by page', async () => {
      const { store } = subject();
      const base = newScope();
      const scopes = ['/a', '/b', '/b/c', '/\u{10FFFF}', '/\uFFFD'].map(end => `${base}${end}`);
      for (const [at, scope] of scopes.entries()) {
        if (at % 2 === 0) await store.put(scope, 'k', '', { ttlMs: HOUR });
        else await store.apply(scope, [], { consumer: 'c', partition: 0, after: undefined, upTo: 1 });
      }
      const sorted = [...scopes].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      assert.deepEqual(await store.scopes(base, { limit: 10 }), sorted);
      assert.deepEqual(await store.scopes(base, { limit: 2 }), sorted.slice(0, 2));
      assert.deepEqual(await store.scopes(base, { limit: 10, after: sorted[1] ?? '' }), sorted.slice(2));
      assert.deepEqual(await store.scopes(`${base}/b`, { limit: 10 }), [`${base}/b`, `${base}/b/c`]);
      await rejectsWith('invalid-input', store.scopes(base, { limit: 0 }));
    });
  });
}
