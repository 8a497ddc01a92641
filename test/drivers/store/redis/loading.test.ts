// A Redis that is started anew with much data reads that first, and answers
// LOADING to all else meanwhile.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import { keepRedisStore } from '../../../../drivers/store/redis/keep-open.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { rejectsWith, text } from '../../../contract/store/subject.ts';
import { loadingSlowly, redis, startRedis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { counting, foldUpTo, HOUR, redisCases, untilDone } from './redis-cases.ts';

/** Others than those of the store. */
const KEYS = 2000;
/** With it all of them take 40 s. */
const US_PER_KEY = 20_000;

if (findService(redis))
  describe('Redis that loads its data', () => {
    const cases = redisCases();
    afterEach(() => removeTempFolders());

    it('refuses every call for a moment, and then goes on with all that it had', async () => {
      const settings = { dir: tempFolder(), 'maxmemory-policy': 'noeviction' };
      const before = await cases.redis(settings);
      const store = await cases.store(before.url);
      await foldUpTo(store, 's', 50, undefined);
      await store.put('s', 'k', 'kept', { ttlMs: HOUR });
      const fill = `for n = 1, ${KEYS} do redis.call('SET', 'other' .. n, string.rep('x', 100)) end`;
      await cases.command(before, 'EVAL', fill, '0');
      await cases.command(before, 'BGREWRITEAOF');
      await untilDone(async () =>
        assert.match(String(await cases.command(before, 'INFO', 'persistence')), /aof_rewrite_in_progress:0/),
      );
      before.process.signal('SIGKILL');
      await before.process.stop();

      const after = await startRedis({ ...settings, ...loadingSlowly(US_PER_KEY) }, before.port, { loading: true });
      cases.atEnd(() => after.process.stop());
      const { changes, fence } = counting(50, 60);
      const isLoading = (call: () => Promise<unknown>) =>
        untilDone(() => assert.rejects(call, { code: 'store-unavailable', message: /still loading/ }));
      const lease = { holder: 'h', turn: 1, limit: 1, held: 0, demand: 1, ttlMs: 100 };
      await isLoading(() => store.apply('s', changes, fence));
      await isLoading(() => store.put('s', 'k', 'lost', { ttlMs: HOUR }));
      await isLoading(() => store.get('s', 'k'));
      await isLoading(() => store.lease('s', 'b', lease));
      await isLoading(() => store.takeDue('s', { limit: 1, leaseMs: HOUR }));
      const begun = await keepRedisStore({ world: realWorld, connection: { urls: [after.url] } });
      cases.atEnd(() => begun.close());
      const health = await begun.health();
      assert.ok(!health.ok && /still loading/.test(health.reason ?? ''), health.reason);
      await rejectsWith('store-unavailable', begun.get('s', 'k'));

      await cases.command(after, 'CONFIG', 'SET', 'key-load-delay', '0');
      await untilDone(async () => assert.equal(await store.position('s', 'fold', 0), 50));
      assert.deepEqual(await foldUpTo(store, 's', 100, 50), []);
      assert.equal(await store.counter('s', 'folded'), 100);
      await untilDone(async () => assert.equal(text((await begun.get('s', 'k'))?.value), 'kept'));
      assert.deepEqual(await begun.health(), { ok: true });
    });
  });
