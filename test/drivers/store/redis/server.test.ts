// Redis servers that forget scripts, run full, want passwords, or are not fit to keep state.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { realWorld } from '../../../../core/world.ts';
import { openRedisStore } from '../../../../drivers/store/redis/redis-store.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { rejectsWith, text } from '../../../contract/store/subject.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { counting, foldUpTo, HOUR, redisCases, untilDone } from './redis-cases.ts';

if (findService(redis))
  describe('the Redis server', () => {
    const cases = redisCases();

    it('may forget all scripts at any time', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      for (let end = 10; end <= 50; end += 10) {
        await cases.command(server, 'SCRIPT', 'FLUSH');
        await foldUpTo(store, 's', end, end === 10 ? undefined : end - 10);
        assert.equal(await store.counter('s', 'folded'), end);
      }
    });

    it('takes an apply in one round trip', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      await foldUpTo(store, 's', 10, undefined);
      const processed = async () => {
        const info = String(await cases.command(server, 'INFO', 'commandstats'));
        return /cmdstat_evalsha:calls=(\d+)/.exec(info)?.[1];
      };
      const before = Number(await processed());
      const { fence } = counting(10, 20);
      const changes = Array.from({ length: 1000 }, (_, n) => ({
        kind: 'put-row' as const,
        table: 't',
        key: `k${n}`,
        value: 'v',
        indexes: { i: [n] },
      }));
      assert.deepEqual(await store.apply('s', changes, fence), { applied: true });
      assert.equal(Number(await processed()) - before, 1);
    });

    it('that is full refuses an apply as a whole, and takes it when there is room again', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      await foldUpTo(store, 's', 10, undefined);
      await cases.command(server, 'CONFIG', 'SET', 'maxmemory', '1');
      const { changes, fence } = counting(10, 20);
      const many = [...changes, { kind: 'delete' as const, key: 'k' }, ...changes];
      await rejectsWith('overloaded', store.apply('s', many, fence));
      await rejectsWith('overloaded', store.put('s', 'k', 'v', { ttlMs: HOUR }));
      assert.equal(await store.position('s', 'fold', 0), 10);
      assert.equal(await store.counter('s', 'folded'), 10);
      await cases.command(server, 'CONFIG', 'SET', 'maxmemory', '0');
      assert.deepEqual(await store.apply('s', changes, fence), { applied: true });
    });

    for (const [answer, spoil, reason] of [
      ['NOREPLICAS', ['CONFIG', 'SET', 'min-replicas-to-write', '1'], /fewer replicas than it needs to write/],
      ['READONLY', ['REPLICAOF', '127.0.0.1', '1'], /is a replica and takes no writes/],
    ] as const) {
      it(`that answers ${answer} has changed nothing, and its health says so until it takes writes again`, async () => {
        const server = await cases.redis();
        const store = await cases.store(server.url);
        await foldUpTo(store, 's', 10, undefined);
        assert.deepEqual(await store.health(), { ok: true });
        await cases.command(server, ...spoil);
        const { changes, fence } = counting(10, 20);
        await rejectsWith('store-unavailable', store.apply('s', changes, fence));
        await untilDone(async () => assert.match((await store.health()).reason ?? '', reason));
        await rejectsWith('store-unavailable', cases.store(server.url));
        await cases.command(server, 'CONFIG', 'SET', 'min-replicas-to-write', '0');
        await cases.command(server, 'REPLICAOF', 'NO', 'ONE');
        await untilDone(async () => assert.equal(await store.counter('s', 'folded'), 10));
        assert.deepEqual(await foldUpTo(store, 's', 20, 10), []);
        await untilDone(async () => assert.deepEqual(await store.health(), { ok: true }));
      });
    }

    it('that cannot write to its disk is not well until it can', async () => {
      const dir = tempFolder();
      cases.atEnd(removeTempFolders);
      const server = await cases.redis({ dir, save: '3600 1' });
      const store = await cases.store(server.url);
      // Where the file has to be.
      mkdirSync(join(dir, 'dump.rdb'));
      await untilDone(() => cases.command(server, 'BGSAVE'));
      await untilDone(async () => assert.match((await store.health()).reason ?? '', /cannot write to its disk/));
      rmdirSync(join(dir, 'dump.rdb'));
      await untilDone(() => cases.command(server, 'BGSAVE'));
      await untilDone(async () => assert.deepEqual(await store.health(), { ok: true }));
    });

    it('that would evict keys is refused, at the start and by health', async () => {
      const server = await cases.redis({ 'maxmemory-policy': 'allkeys-lru' });
      await rejectsWith('storage-unusable', cases.store(server.url));
      await cases.command(server, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      const store = await cases.store(server.url);
      assert.deepEqual(await store.health(), { ok: true });
      await cases.command(server, 'CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl');
      const health = await store.health();
      assert.ok(!health.ok && /noeviction/.test(health.reason ?? ''), health.reason);
    });

    it('is told user and password, from the address or beside it, and never tells them', async () => {
      const server = await cases.redis({ requirepass: 'p@ss:word' });
      const beside = { connection: { urls: [server.url], password: 'p@ss:word' } };
      const store = await cases.store(server.url, beside);
      assert.ok((await store.put('s', 'k', '1', { ttlMs: HOUR })).written);
      const inside = await cases.store(`redis://default:p%40ss%3Aword@127.0.0.1:${server.port}`);
      assert.equal(text((await inside.get('s', 'k'))?.value), '1');
      const wrong = `redis://default:s3cret@127.0.0.1:${server.port}`;
      for (const url of [server.url, wrong]) {
        await assert.rejects(
          openRedisStore({ world: realWorld, connection: { urls: [url] }, requestTimeoutMs: 300 }),
          (error: Error) => /password/.test(error.message) && !error.message.includes('s3cret'),
        );
      }
    });

    it('is content with a user that may do no more than the decision page says', async () => {
      const page = readFileSync(
        new URL('../../../../docs/decisions/2026-11-25-redis-client.md', import.meta.url),
        'utf8',
      );
      const rules = /`ACL SETUSER (tenfold [^`]+)`/.exec(page)?.[1]?.split(' ');
      assert.ok(rules);
      const server = await cases.redis();
      await cases.command(server, 'ACL', 'SETUSER', ...rules);
      await cases.command(server, 'ACL', 'SETUSER', 'default', '-@all', '+auth', '+acl', '+hello', '+client');
      const store = await cases.store(`redis://tenfold:password@127.0.0.1:${server.port}`);
      await foldUpTo(store, 's', 20, undefined);
      await store.apply('s', [
        { kind: 'put-row', table: 't', key: 'k', value: '', indexes: { i: [1] }, ttlMs: 1 },
        { kind: 'score', ranking: 'r', member: 'm', score: 1, mode: 'sum', limit: 1, value: '', ttlMs: 1 },
        { kind: 'push', feed: 'f', owner: 'o', id: 'i', at: 1, value: '', limit: 1, ttlMs: 1 },
        { kind: 'set-timer', timer: 't', inMs: 0, payload: '' },
      ]);
      assert.ok((await store.put('s', 'k', '', { ttlMs: 1, when: 'absent' })).written);
      assert.equal((await store.takeDue('s', { limit: 1, leaseMs: HOUR })).timers.length, 1);
      await store.lease('s', 'b', { holder: 'h', turn: 1, limit: 1, held: 0, demand: 1, ttlMs: 100 });
      assert.deepEqual(await store.scopes('', { limit: 5 }), ['s']);
      assert.deepEqual(await store.health(), { ok: true });
      await store.drop('s');
      const outside = cases.store(`redis://tenfold:password@127.0.0.1:${server.port}`, { prefix: 'other' });
      await rejectsWith(
        'store-unavailable',
        outside.then(other => other.get('s', 'k')),
      );
    });

    it('keeps any bytes as they are, in everything that has a value', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      const value = Uint8Array.from({ length: 512 }, (_, n) => n % 256);
      const scope = '{s}\r\n*}\0%7D';
      await store.apply(scope, [
        { kind: 'put', key: '\0{k}\r\n', value, ttlMs: HOUR },
        { kind: 'put-row', table: 't\0{', key: 'k\0', value, indexes: { 'i\0': ['\0', '\u0001'] } },
        { kind: 'score', ranking: 'r\0', member: 'm\0', score: 1, mode: 'sum', limit: 5, value },
        { kind: 'push', feed: 'f\0', owner: 'o\0', id: 'i\0', at: 1, value, limit: 5 },
        { kind: 'set-timer', timer: 't\0', inMs: 0, payload: value },
      ]);
      const read = [
        (await store.get(scope, '\0{k}\r\n'))?.value,
        (await store.row(scope, 't\0{', 'k\0'))?.value,
        (await store.scan(scope, 't\0{', { index: 'i\0', limit: 5 })).rows[0]?.value,
        (await store.top(scope, 'r\0', { limit: 5 }))[0]?.value,
        (await store.feed(scope, 'f\0', 'o\0', { limit: 5 })).entries[0]?.value,
        (await store.takeDue(scope, { limit: 5, leaseMs: HOUR })).timers[0]?.payload,
      ];
      for (const bytes of read) assert.deepEqual(bytes && Buffer.from(bytes), Buffer.from(value));
      assert.deepEqual(await store.scopes('{s}', { limit: 5 }), [scope]);
      await store.drop(scope);
      assert.equal(await cases.command(server, 'DBSIZE'), 0);
    });

    it('says what is wrong when something else has written to its keys', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      await cases.command(server, 'SET', 'tenfold:{s}:p', 'x');
      await rejectsWith('data-corrupt', store.position('s', 'fold', 0));
    });
  });
