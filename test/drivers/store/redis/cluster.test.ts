// A Redis Cluster of three: each scope on one node, all of it; scopes and health
// across nodes; slots that move.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import { openRedisStore } from '../../../../drivers/store/redis/redis-store.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { rejectsWith, text } from '../../../contract/store/subject.ts';
import { askRedis, type RedisServer, redis } from '../../../services/redis.ts';
import { type RedisCluster, startClusterNode, startRedisCluster } from '../../../services/redis-cluster.ts';
import { findService } from '../../../services/service.ts';
import { foldUpTo, HOUR, leavesNothingOpen, untilDone } from './redis-cases.ts';

if (findService(redis))
  describe('Redis Cluster', () => {
    let cluster: RedisCluster;
    let servers: readonly RedisServer[];
    let store: Store;

    before(async () => {
      cluster = await startRedisCluster();
      servers = cluster.servers;
      store = await openRedisStore({ world: realWorld, connection: connection(), requestTimeoutMs: 5000 });
    });
    const connection = () => ({ urls: cluster.urls, mode: 'cluster' as const });
    afterEach(() => removeTempFolders());
    after(async () => {
      await store?.close();
      await cluster?.stop();
    });

    // First: those of the store above are not among them.
    it('is left with all connections when one is given up while it is being opened', async () => {
      await store.close();
      await leavesNothingOpen(connection(), servers);
      store = await openRedisStore({ world: realWorld, connection: connection(), requestTimeoutMs: 5000 });
    });

    it('has all of a scope on one node, whatever its name, and scopes on all nodes', async () => {
      const names = ['{', '}', '{}', 'a{b}c', '}{', '%7D', '\0', ...Array.from({ length: 30 }, (_, n) => `s${n}`)];
      for (const scope of names) {
        const applied = await store.apply(
          scope,
          [
            { kind: 'put', key: 'k', value: scope, ttlMs: HOUR },
            { kind: 'put-row', table: 't', key: 'k', value: '', indexes: { i: [1] } },
            { kind: 'score', ranking: 'r', member: 'm', score: 1, mode: 'sum', limit: 5, value: 'v' },
            { kind: 'push', feed: 'f', owner: 'o', id: 'i', at: 1, value: '', limit: 5 },
            { kind: 'count', counter: 'c', by: 1 },
            { kind: 'set-timer', timer: 't', inMs: 0, payload: '' },
          ],
          { consumer: 'c', partition: 0, after: undefined, upTo: 1 },
        );
        assert.deepEqual(applied, { applied: true });
        assert.equal(text((await store.get(scope, 'k'))?.value), scope);
        await store.lease(scope, 'b', { holder: 'h', turn: 1, limit: 1, held: 0, demand: 1, ttlMs: 10 });
      }
      const used = await Promise.all(servers.map(server => askRedis(server, 'DBSIZE')));
      assert.ok(
        used.every(keys => Number(keys) > 0),
        String(used),
      );
      const sorted = names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      assert.deepEqual(await store.scopes('', { limit: 100 }), sorted);
      assert.deepEqual(await store.health(), { ok: true });
      for (const scope of names) await store.drop(scope);
      assert.deepEqual(await store.scopes('', { limit: 100 }), []);
    });

    it('moves a slot to another node while a fold writes to it, and nothing is lost or done twice', async () => {
      const scope = 'moving';
      await foldUpTo(store, scope, 100, undefined);
      const [first] = servers;
      assert.ok(first);
      const slot = String(await askRedis(first, 'CLUSTER', 'KEYSLOT', `tenfold:{${scope}}:`));
      const holds = await Promise.all(servers.map(server => askRedis(server, 'CLUSTER', 'COUNTKEYSINSLOT', slot)));
      const from = servers[holds.findIndex(keys => Number(keys) > 0)];
      const to = servers.find(server => server !== from);
      assert.ok(from && to);
      const [fromId, toId] = [
        String(await askRedis(from, 'CLUSTER', 'MYID')),
        String(await askRedis(to, 'CLUSTER', 'MYID')),
      ];

      let stop = false;
      let end = 100;
      const folding = (async () => {
        while (!stop) {
          // Between nodes a step may be refused for a while; the position tells where to go on.
          await untilDone(async () => {
            const position = await store.position(scope, 'fold', 0);
            await foldUpTo(store, scope, (position ?? 0) + 10, position);
            end = (position ?? 0) + 10;
          }, 20_000);
        }
      })();
      await askRedis(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
      await askRedis(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
      await untilDone(async () => {
        const keys = await askRedis(from, 'CLUSTER', 'GETKEYSINSLOT', slot, '100');
        assert.ok(Array.isArray(keys));
        for (const key of keys) {
          await askRedis(from, 'MIGRATE', '127.0.0.1', String(to.port), String(key), '0', '5000', 'REPLACE');
          await new Promise(resolve => setTimeout(resolve, 20));
        }
        assert.equal(await askRedis(from, 'CLUSTER', 'COUNTKEYSINSLOT', slot), 0);
      });
      for (const server of [to, from, ...servers]) await askRedis(server, 'CLUSTER', 'SETSLOT', slot, 'NODE', toId);
      await new Promise(resolve => setTimeout(resolve, 100));
      stop = true;
      await folding;
      assert.ok(end > 100);
      assert.equal(await store.position(scope, 'fold', 0), end);
      assert.equal(await store.counter(scope, 'folded'), end);
      await store.drop(scope);
    });

    it('is found again after all of it stood still, and then was gone', async () => {
      const dir = tempFolder();
      let { server, bus } = await startClusterNode({ dir });
      let alone: Store | undefined;
      try {
        await askRedis(server, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
        const isWhole = async () => assert.match(String(await askRedis(server, 'CLUSTER', 'INFO')), /cluster_state:ok/);
        await untilDone(isWhole);
        const to = { urls: [server.url], mode: 'cluster' as const };
        alone = await openRedisStore({ world: realWorld, connection: to, requestTimeoutMs: 1000 });
        await untilDone(() => alone?.put('s', 'k', 'kept', { ttlMs: HOUR }));
        server.process.signal('SIGSTOP');
        await rejectsWith('store-unavailable', alone.get('s', 'k'));
        server.process.signal('SIGKILL');
        await server.process.stop();
        await rejectsWith('store-unavailable', alone.get('s', 'k'));
        ({ server, bus } = await startClusterNode({ dir }, { port: server.port, bus }));
        await untilDone(isWhole);
        await untilDone(async () => assert.equal(text((await alone?.get('s', 'k'))?.value), 'kept'));
        assert.deepEqual(await alone.health(), { ok: true });
      } finally {
        await alone?.close();
        await server.process.stop();
      }
    });

    it('is found again when it was opened while a node was away that is gone for good', async () => {
      const two = await startRedisCluster(2);
      const [stays, goes] = two.servers;
      assert.ok(stays && goes);
      let store: Store | undefined;
      try {
        const to = { urls: [stays.url], mode: 'cluster' as const };
        store = await openRedisStore({ world: realWorld, connection: to, requestTimeoutMs: 1000 });
        const id = String(await askRedis(goes, 'CLUSTER', 'MYID'));
        goes.process.signal('SIGKILL');
        await goes.process.stop();
        stays.process.signal('SIGSTOP');
        // So that it connects anew, to a cluster that knows of both.
        for (let n = 0; n < 4; n++) await rejectsWith('store-unavailable', store.get(`s${n}`, 'k'));
        stays.process.signal('SIGCONT');
        await untilDone(() => askRedis(stays, 'PING'));
        await rejectsWith('store-unavailable', store.put('s', 'k', 'lost', { ttlMs: HOUR }));
        await askRedis(stays, 'CLUSTER', 'FORGET', id);
        await askRedis(stays, 'CLUSTER', 'ADDSLOTSRANGE', '8192', '16383');
        await untilDone(async () => assert.ok((await store?.put('s', 'k', 'kept', { ttlMs: HOUR }))?.written));
        await untilDone(async () => assert.deepEqual(await store?.health(), { ok: true }));
      } finally {
        stays.process.signal('SIGCONT');
        await store?.close();
        await two.stop();
      }
    });
  });
