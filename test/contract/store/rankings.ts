// Contract of the store: rankings and feeds.
import assert from 'node:assert/strict';
import type { Push, Score } from '../../../drivers/store/changes.ts';
import { change, newScope, rejectsWith, type StoreSubject, text } from './subject.ts';

function score(member: string, points: number, more: Partial<Score> = {}): Score {
  return { kind: 'score', ranking: 'r', member, score: points, mode: 'sum', limit: 100, ...more };
}

function push(id: string, at: number, more: Partial<Push> = {}): Push {
  return { kind: 'push', feed: 'f', owner: 'ann', id, at, value: id, limit: 100, ...more };
}

export function rankings(subject: () => StoreSubject): void {
  describe('rankings', () => {
    const members = async (scope: string, page: { limit: number; from?: number }) =>
      (await subject().store.top(scope, 'r', page)).map(({ member, score, rank }) => `${rank} ${member} ${score}`);

    it('add up, keep the highest, or take the last', async () => {
      const { store } = subject();
      for (const [mode, expected] of [
        ['sum', 4],
        ['max', 5],
        ['last', -3],
      ] as const) {
        const scope = newScope();
        await change(store, scope, score('a', 2, { mode }), score('a', 5, { mode }), score('a', -3, { mode }));
        assert.deepEqual(await members(scope, { limit: 1 }), [`1 a ${expected}`]);
      }
    });

    it('put the best first, equal ones by name', async () => {
      const { store } = subject();
      const scope = newScope();
      await change(store, scope, score('b', 1), score('a', 1), score('c', 2.5), score('d', -1), score('Z', 1));
      assert.deepEqual(await members(scope, { limit: 4 }), ['1 c 2.5', '2 Z 1', '3 a 1', '4 b 1']);
      assert.deepEqual(await members(scope, { limit: 10, from: 4 }), ['4 b 1', '5 d -1']);
      assert.deepEqual(await members(scope, { limit: 10, from: 6 }), []);
      assert.equal(await store.rankingSize(scope, 'r'), 5);
    });

    it('keep the best within their limit', async () => {
      const { store } = subject();
      const scope = newScope();
      for (let n = 1; n <= 10; n++) await change(store, scope, score(`m${n}`, n, { limit: 3 }));
      assert.deepEqual(await members(scope, { limit: 10 }), ['1 m10 10', '2 m9 9', '3 m8 8']);
      await change(store, scope, score('low', 1, { limit: 3 }));
      assert.equal(await store.rankingSize(scope, 'r'), 3);
      await change(store, scope, score('m1', 100, { limit: 2 }));
      assert.deepEqual(await members(scope, { limit: 10 }), ['1 m1 100', '2 m10 10']);
    });

    it('keep the first by name when equal ones do not all fit', async () => {
      const { store } = subject();
      const scope = newScope();
      await change(store, scope, ...['b', 'd', 'a', 'c'].map(member => score(member, 1, { limit: 2 })));
      assert.deepEqual(await members(scope, { limit: 10 }), ['1 a 1', '2 b 1']);
    });

    it('show who is around a member', async () => {
      const { store } = subject();
      const scope = newScope();
      for (let n = 1; n <= 9; n++) await change(store, scope, score(`m${n}`, 10 - n));
      const around = async (member: string, before: number, after: number) =>
        (await store.around(scope, 'r', member, { before, after })).map(({ member, rank }) => `${rank} ${member}`);
      assert.deepEqual(await around('m5', 1, 2), ['4 m4', '5 m5', '6 m6', '7 m7']);
      assert.deepEqual(await around('m1', 3, 1), ['1 m1', '2 m2']);
      assert.deepEqual(await around('m9', 1, 3), ['8 m8', '9 m9']);
      assert.deepEqual(await around('m5', 0, 0), ['5 m5']);
      assert.deepEqual(await around('nobody', 1, 1), []);
    });

    it('show who is around a place, also where nobody has it', async () => {
      const { store } = subject();
      const scope = newScope();
      const scores = { z: 9, b: 5, d: 5, f: 5, y: 1, é: 5 };
      await change(store, scope, ...Object.entries(scores).map(([member, points]) => score(member, points)));
      const around = async (member: string, points: number, before: number, after: number) => {
        const place = { member, score: points };
        const { ahead, ranked } = await store.aroundPlace(scope, 'r', place, { before, after });
        return [ahead, ...ranked.map(({ member, rank }) => `${rank} ${member}`)];
      };
      assert.deepEqual(await around('d', 5, 1, 2), [2, '2 b', '3 d', '4 f']);
      assert.deepEqual(await around('c', 5, 2, 1), [2, '1 z', '2 b', '3 d']);
      assert.deepEqual(await around('zz', 5, 1, 1), [4, '4 f', '5 é']);
      assert.deepEqual(await around('a', 100, 3, 1), [0, '1 z']);
      assert.deepEqual(await around('a', -0.5, 1, 3), [6, '6 y']);
      assert.deepEqual(await around('a', 7, 0, 0), [1]);
      assert.deepEqual(await around('a', 100, 3, 0), [0]);
      assert.deepEqual(await store.aroundPlace(scope, 'none', { member: 'a', score: 1 }, { before: 1, after: 1 }), {
        ahead: 0,
        ranked: [],
      });
      await rejectsWith('invalid-input', around('a', Number.NaN, 1, 1));
    });

    it('show what was said of a member last', async () => {
      const { store } = subject();
      const scope = newScope();
      await change(store, scope, score('a', 1, { value: 'one' }), score('a', 1), score('b', 1));
      const top = await store.top(scope, 'r', { limit: 2 });
      assert.deepEqual(
        top.map(({ value }) => text(value)),
        ['one', undefined],
      );
      await change(store, scope, score('a', 1, { value: 'two' }));
      assert.equal(text((await store.top(scope, 'r', { limit: 1 }))[0]?.value), 'two');
    });

    it('let members go', async () => {
      const { store } = subject();
      const scope = newScope();
      await change(store, scope, score('a', 1), score('b', 2));
      await change(
        store,
        scope,
        { kind: 'unrank', ranking: 'r', member: 'b' },
        { kind: 'unrank', ranking: 'r', member: 'x' },
      );
      assert.deepEqual(await members(scope, { limit: 9 }), ['1 a 1']);
      assert.equal(await store.rankingSize(scope, 'r'), 1);
    });

    it('are forgotten as a whole when their time is over, and begin anew', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await change(store, scope, score('a', 1, { ttlMs: 500 }));
      await pass(300);
      await change(store, scope, score('b', 1, { ttlMs: 500 }));
      await pass(300);
      assert.equal(await store.rankingSize(scope, 'r'), 2);
      await pass(300);
      assert.deepEqual(await members(scope, { limit: 9 }), []);
      await change(store, scope, score('a', 7, { ttlMs: 500 }));
      assert.deepEqual(await members(scope, { limit: 9 }), ['1 a 7']);
    });
  });

  describeFeeds(subject);
}

function describeFeeds(subject: () => StoreSubject): void {
  describe('feeds', () => {
    const ids = async (scope: string, owner = 'ann') =>
      (await subject().store.feed(scope, 'f', owner, { limit: 100 })).entries.map(({ id }) => id);

    it('show the newest first, for each owner', async () => {
      const { store } = subject();
      const scope = newScope();
      await change(store, scope, push('old', 1), push('new', 3), push('mid', 2), push('other', 9, { owner: 'bob' }));
      assert.deepEqual(await ids(scope), ['new', 'mid', 'old']);
      assert.deepEqual(await ids(scope, 'bob'), ['other']);
      assert.deepEqual(await ids(scope, 'nobody'), []);
    });

    it('keep so many of each owner', async () => {
      const { store } = subject();
      const scope = newScope();
      for (let n = 0; n < 10; n++) await change(store, scope, push(`e${n}`, n, { limit: 3 }));
      await change(store, scope, push('late', 1, { limit: 3 }), push('b', 0, { owner: 'bob', limit: 3 }));
      assert.deepEqual(await ids(scope), ['e9', 'e8', 'e7']);
      assert.deepEqual(await ids(scope, 'bob'), ['b']);
    });

    it('replace an entry of the same id, and remove one', async () => {
      const { store } = subject();
      const scope = newScope();
      await change(store, scope, push('a', 1), push('b', 2), push('c', 3));
      await change(store, scope, push('a', 9, { value: 'changed' }), {
        kind: 'unpush',
        feed: 'f',
        owner: 'ann',
        id: 'b',
      });
      const { entries } = await store.feed(scope, 'f', 'ann', { limit: 10 });
      assert.deepEqual(
        entries.map(({ id, at, value }) => [id, at, text(value)]),
        [
          ['a', 9, 'changed'],
          ['c', 3, 'c'],
        ],
      );
    });

    it('are read page by page while new ones come', async () => {
      const { store } = subject();
      const scope = newScope();
      for (let n = 0; n < 10; n++) await change(store, scope, push(`e${n}`, Math.floor(n / 3)));
      const met: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.feed(scope, 'f', 'ann', { limit: 3, after });
        met.push(...page.entries.map(({ id }) => id));
        after = page.next;
        await change(store, scope, push(`new${met.length}`, 100));
      } while (after !== undefined);
      assert.deepEqual(met, ['e9', 'e8', 'e7', 'e6', 'e5', 'e4', 'e3', 'e2', 'e1', 'e0']);
      for (const cursor of ['', 'x', '///', '{"at":1}'])
        await rejectsWith('invalid-input', store.feed(scope, 'f', 'ann', { limit: 3, after: cursor }));
    });

    it('say the place of each entry, behind which one goes on in any feed', async () => {
      const { store } = subject();
      const scope = newScope();
      for (let n = 0; n < 6; n++) await change(store, scope, push(`e${n}`, n, { owner: n % 2 ? 'ann' : 'bob' }));
      const { entries } = await store.feed(scope, 'f', 'ann', { limit: 10 });
      const [, middle] = entries;
      const behind = async (owner: string) =>
        (await store.feed(scope, 'f', owner, { limit: 10, after: middle?.position })).entries.map(({ id }) => id);
      assert.deepEqual([await behind('ann'), await behind('bob')], [['e1'], ['e2', 'e0']]);
    });

    it('forget entries when their time is over', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await change(store, scope, push('short', 2, { ttlMs: 50 }), push('long', 1));
      await pass(60);
      assert.deepEqual(await ids(scope), ['long']);
      await change(store, scope, push('next', 3, { limit: 2 }));
      assert.deepEqual(await ids(scope), ['next', 'long']);
    });
  });
}
