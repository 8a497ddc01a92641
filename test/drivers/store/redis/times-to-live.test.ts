// Times to live by the server's own clock: nothing is kept in Redis without one, or
// without an owner who drops it.
import assert from 'node:assert/strict';
import { createClient } from '@redis/client';
import type { Change } from '../../../../drivers/store/changes.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { HOUR, redisCases, untilDone } from './redis-cases.ts';

/** One of everything that may have a time to live. */
const all = (ttlMs: number | undefined, key = 'k'): Change[] => [
  { kind: 'put-row', table: 't', key, value: '', indexes: { i: [1] }, ttlMs },
  { kind: 'score', ranking: `r${key}`, member: 'm', score: 1, mode: 'sum', limit: 5, value: 'v', ttlMs },
  { kind: 'push', feed: 'f', owner: 'o', id: key, at: 1, value: '', limit: 50, ttlMs },
  { kind: 'count', counter: key, by: 1, ttlMs },
];
const put = (key: string, ttlMs: number): Change => ({ kind: 'put', key, value: '', ttlMs });

if (findService(redis))
  describe('times to live in Redis', () => {
    const cases = redisCases();

    it('are those of every key when everything in the scope has one, and leave nothing', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      await store.apply('s', [...all(HOUR), put('k', HOUR)]);
      const client = await createClient({ url: server.url }).connect();
      const keys = await client.keys('*');
      assert.ok(keys.length >= 10, String(keys));
      for (const key of keys) assert.ok((await client.pTTL(key)) > 0, `${key} has no time to live`);
      client.destroy();
      await store.drop('s');
      await store.apply('s', [...all(100), put('k', 100)]);
      await store.count('s', 'c', 1, 100);
      await untilDone(async () => assert.equal(await cases.command(server, 'DBSIZE'), 0));
      assert.deepEqual(await store.scopes('', { limit: 5 }), []);
    });

    it('end one by one in what also holds things for ever, which stay', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      await store.apply('s', [...all(undefined, 'stays'), ...all(50, 'goes'), put('goes', 50)]);
      await new Promise(resolve => setTimeout(resolve, 60));
      assert.equal(await store.row('s', 't', 'goes'), undefined);
      assert.equal((await store.scan('s', 't', { index: 'i', limit: 5 })).rows.length, 1);
      // The next write takes out what is over.
      await store.apply('s', [{ kind: 'push', feed: 'f', owner: 'o', id: 'new', at: 2, value: '', limit: 50 }]);
      const left = async (...args: string[]) => await cases.command(server, ...args);
      assert.equal(await left('HLEN', 'tenfold:{s}:rt'), 1);
      assert.equal(await left('ZCARD', 'tenfold:{s}:kt'), 1);
      assert.equal(await left('ZCARD', 'tenfold:{s}:i1:ti'), 1);
      assert.equal(await left('HLEN', 'tenfold:{s}:c'), 1);
      assert.equal(await left('HLEN', 'tenfold:{s}:g1:fo'), 2);
      assert.equal(await left('EXISTS', 'tenfold:{s}:srgoes', 'tenfold:{s}:x', 'tenfold:{s}:r'), 0);
      assert.equal(await store.rankingSize('s', 'rstays'), 1);
      assert.equal(await store.counter('s', 'stays'), 1);
    });

    it('that are taken back make everything stay, and the other way round', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      await store.apply('a', [...all(80), ...all(undefined).slice(0, 3)]);
      await store.apply('b', [...all(undefined).slice(0, 3)]);
      await store.apply('b', [...all(80).slice(0, 3)]);
      await new Promise(resolve => setTimeout(resolve, 120));
      const found = async (scope: string) => [
        (await store.row(scope, 't', 'k')) !== undefined,
        (await store.rankingSize(scope, 'rk')) > 0,
        (await store.feed(scope, 'f', 'o', { limit: 5 })).entries.length > 0,
      ];
      assert.deepEqual(await found('a'), [true, true, true]);
      assert.deepEqual(await found('b'), [false, false, false]);
    });

    it('that are over do not hide a row that comes back to the same place of an index', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      const row = (key: string, ttlMs?: number) =>
        ({ kind: 'put-row', table: 't', key, value: '', indexes: { [`i${key}`]: [1] }, ttlMs }) as const;
      await store.apply('s', [row('stays'), row('back', 40)]);
      await untilDone(async () => assert.equal(await cases.command(server, 'EXISTS', 'tenfold:{s}:i1:tiback'), 0));
      await store.apply('s', [row('back'), row('stays')]);
      for (const key of ['back', 'stays'])
        assert.equal((await store.scan('s', 't', { index: `i${key}`, limit: 5 })).rows.length, 1);
    });

    it('of many written one after the other never pile up', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      await store.apply('s', [{ kind: 'put-row', table: 't', key: 'stays', value: '' }]);
      for (let n = 0; n < 300; n++)
        await store.apply('s', [{ kind: 'put-row', table: 't', key: `k${n}`, value: '', ttlMs: 1 }]);
      await new Promise(resolve => setTimeout(resolve, 5));
      await store.apply('s', []);
      assert.ok(Number(await cases.command(server, 'HLEN', 'tenfold:{s}:rt')) <= 20);
    });
  });
