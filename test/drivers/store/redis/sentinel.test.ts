// A master that Sentinel watches, and its replica: the store follows when the master dies.
import assert from 'node:assert/strict';
import { rejectsWith } from '../../../contract/store/subject.ts';
import { askRedis, redis } from '../../../services/redis.ts';
import { SENTINEL_NAME, startSentinel } from '../../../services/redis-sentinel.ts';
import { findService } from '../../../services/service.ts';
import { foldUpTo, HOUR, leavesNothingOpen, redisCases, untilDone } from './redis-cases.ts';

if (findService(redis))
  describe('Redis with Sentinel', () => {
    const cases = redisCases();

    it('goes on with the replica when the master is killed, and folds nothing twice', async () => {
      const master = await cases.redis();
      const replica = await cases.redis({ replicaof: `127.0.0.1 ${master.port}` });
      await untilDone(async () =>
        assert.match(String(await cases.command(replica, 'INFO', 'replication')), /master_link_status:up/),
      );
      const sentinel = await startSentinel(master);
      cases.atEnd(() => sentinel.process.stop());
      await untilDone(async () => {
        const known = await askRedis(sentinel, 'SENTINEL', 'REPLICAS', SENTINEL_NAME);
        assert.ok(Array.isArray(known) && known.length === 1);
      }, 20_000);
      const connection = { urls: [sentinel.url], mode: 'sentinel' as const, sentinelName: SENTINEL_NAME };
      const store = await cases.store('', { connection, requestTimeoutMs: 1000 });
      await foldUpTo(store, 's', 100, undefined);
      const arrived = () => cases.command(replica, 'HGET', 'tenfold:{s}:p', '0:fold');
      await untilDone(async () => assert.equal(String(await arrived()), '100'));
      master.process.signal('SIGKILL');
      await rejectsWith('store-unavailable', store.position('s', 'fold', 0));
      await untilDone(async () => assert.equal(await store.position('s', 'fold', 0), 100));
      await untilDone(() => foldUpTo(store, 's', 200, 100));
      assert.equal(await store.counter('s', 'folded'), 200);
    });

    it('is asked once, though the connection is lost before the answer', async () => {
      const master = await cases.redis();
      const proxy = await cases.proxy(master);
      const sentinel = await startSentinel(proxy);
      cases.atEnd(() => sentinel.process.stop());
      const connection = { urls: [sentinel.url], mode: 'sentinel' as const, sentinelName: SENTINEL_NAME };
      const store = await cases.store('', { connection, requestTimeoutMs: 5000 });
      await store.count('s', 'c', 1, HOUR);
      proxy.keepAnswers(true);
      const counting = rejectsWith('store-unavailable', store.count('s', 'c', 1, HOUR));
      await untilDone(async () =>
        assert.match(String(await cases.command(master, 'HGET', 'tenfold:{s}:c', 'c')), /^2 /),
      );
      proxy.keepAnswers(false);
      proxy.cut();
      await counting;
      await untilDone(async () => assert.equal(await store.counter('s', 'c'), 2));
    });

    it('is left with all connections when one is given up while it is being opened', async () => {
      const master = await cases.redis();
      const sentinel = await startSentinel(master);
      cases.atEnd(() => sentinel.process.stop());
      const connection = { urls: [sentinel.url], mode: 'sentinel' as const, sentinelName: SENTINEL_NAME };
      await leavesNothingOpen(connection, [master]);
    });

    it('needs the name of the group', async () => {
      await rejectsWith(
        'invalid-input',
        cases.store('', { connection: { urls: ['redis://127.0.0.1:1'], mode: 'sentinel' } }),
      );
    });
  });
