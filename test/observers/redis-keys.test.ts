// The observer of Redis reads what the store has written as the store reads it; and whatever the
// store writes, it leaves nothing without an owner or an end.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import type { Change } from '../../drivers/store/changes.ts';
import { HOUR, redisCases } from '../drivers/store/redis/redis-cases.ts';
import { redis } from '../services/redis.ts';
import { findService } from '../services/service.ts';
import { openRedisKeys, ownerless } from './redis-keys.ts';

const names = fc.constantFrom('a', 'b', 'a}b', 'ä%');
const ttlMs = fc.option(fc.integer({ min: HOUR, max: 3 * HOUR }), { nil: undefined });
const text = fc.string({ maxLength: 20 });
const indexes = fc.dictionary(fc.constantFrom('i', 'j'), fc.tuple(fc.integer()), { maxKeys: 2 });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('put-row' as const), table: names, key: names, value: text, indexes, ttlMs }),
  fc.record({ kind: fc.constant('put' as const), key: names, value: text, ttlMs: fc.constant(HOUR) }),
  fc.record({ kind: fc.constant('delete-row' as const), table: names, key: names }),
  fc.record({ kind: fc.constant('delete' as const), key: names }),
  fc.record({ kind: fc.constant('count' as const), counter: names, by: fc.integer(), ttlMs }),
  fc.record({
    kind: fc.constant('score' as const),
    ranking: names,
    member: names,
    score: fc.integer({ min: -1000, max: 1000 }),
    mode: fc.constantFrom('sum' as const, 'max' as const, 'last' as const),
    limit: fc.integer({ min: 1, max: 3 }),
    value: text,
    ttlMs,
  }),
  fc.record({ kind: fc.constant('unrank' as const), ranking: names, member: names }),
  fc.record({
    kind: fc.constant('push' as const),
    feed: names,
    owner: names,
    id: names,
    at: fc.integer({ min: 0, max: 5 }),
    value: text,
    limit: fc.integer({ min: 1, max: 3 }),
    ttlMs,
  }),
  fc.record({ kind: fc.constant('unpush' as const), feed: names, owner: names, id: names }),
  fc.record({ kind: fc.constant('set-timer' as const), timer: names, inMs: fc.constant(HOUR), payload: text }),
  fc.record({ kind: fc.constant('cancel-timer' as const), timer: names }),
);

if (findService(redis))
  describe('the observer of Redis', () => {
    const cases = redisCases();
    const setUp = async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url, { prefix: 'seen' });
      const keys = await openRedisKeys(server.url, 'seen');
      cases.atEnd(() => keys.close());
      const client = new Redis(server.url);
      cases.atEnd(() => client.disconnect());
      return { store, keys, client };
    };

    it('reads rows and rankings as the store does', async () => {
      const { store, keys } = await setUp();
      const row = { kind: 'put-row' as const, table: 't', indexes: { of: ['long enough', 1], by: [2] } };
      await store.apply('one/1', [{ ...row, key: 'k', value: 'old' }]);
      await store.apply('one/1', [{ ...row, key: 'k', value: 'first' }]);
      await store.apply('one/}2', [{ ...row, key: 'ö', value: 'second', ttlMs: HOUR }]);
      const scopes = ['one/1', 'one/}2'];
      const rows = await keys.rows(scopes, 't');
      assert.deepEqual(
        [...rows].map(([key, value]) => [key, value.toString()]),
        [
          ['k', 'first'],
          ['ö', 'second'],
        ],
      );
      const score = { kind: 'score' as const, ranking: 'best', mode: 'sum' as const, limit: 10 };
      await store.apply('one/1', [
        { ...score, member: 'a', score: 2 },
        { ...score, member: 'b', score: 3 },
        { ...score, member: 'a', score: 5 },
      ]);
      assert.deepEqual(await keys.sorted(scopes, 'sbest'), [
        ['a', -7],
        ['b', -3],
      ]);
      const found = new Set((await keys.all()).map(({ scope }) => scope));
      assert.deepEqual(found, new Set(scopes));
    });

    it('finds what has neither an owner nor an end', async () => {
      const { store, keys, client } = await setUp();
      await store.apply('s', [{ kind: 'put-row', table: 't', key: 'k', value: '' }]);
      assert.deepEqual(await ownerless(keys), []);
      await client.set('seen:{s}:left', '');
      await client.set('seen:lost', '');
      await client.set('seen:{s}:ends', '', 'PX', HOUR);
      await client.set('others:lost', '');
      assert.deepEqual((await ownerless(keys)).sort(), [
        'seen:lost is in no scope and has no end',
        'seen:{s}:left has no end, and its scope does not know it',
      ]);
    });

    it('finds nothing of that kind, whatever is written', async () => {
      const { store, keys } = await setUp();
      // Two draws may come within one millisecond: a clock gives no turns.
      let turn = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(names, fc.array(change, { maxLength: 6 })), { maxLength: 8 }), async all => {
          for (const [scope, changes] of all) await store.apply(scope, changes);
          await store.lease('a', 'limit', { holder: 'h', turn: ++turn, limit: 2, held: 0, demand: 1, ttlMs: HOUR });
          await store.take('a', [{ bucket: 'rate', intervalMs: HOUR, burst: 5, want: 1 }]);
          assert.deepEqual(await ownerless(keys), []);
          for (const scope of new Set(all.map(([name]) => name))) await store.drop(scope);
          const left = (await keys.all()).filter(({ livesMs, scope }) => livesMs === -1 && scope !== undefined);
          assert.deepEqual(left, []);
        }),
        { numRuns: 50 },
      );
    });
  });
