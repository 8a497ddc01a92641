// Another server takes over, with less than the one before had: folds are
// refused and heal, leases wait.
import assert from 'node:assert/strict';
import { scriptsAt } from '../../../contract/store/scripts-at.ts';
import { rejectsWith } from '../../../contract/store/subject.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { foldUpTo, HOUR, redisCases, untilDone } from './redis-cases.ts';

if (findService(redis))
  describe('Redis that fails over', () => {
    const cases = redisCases();

    it('to an empty server refuses the fold, which begins anew and comes to the same', async () => {
      const [first, second] = [await cases.redis(), await cases.redis()];
      const proxy = await cases.proxy(first);
      const store = await cases.store(`redis://127.0.0.1:${proxy.port}`);
      assert.deepEqual(await foldUpTo(store, 's', 100, undefined), []);
      proxy.turnTo(second.port);
      await untilDone(async () => assert.equal(await store.position('s', 'fold', 0), undefined));
      assert.deepEqual(await foldUpTo(store, 's', 200, 100), ['back to undefined']);
      assert.equal(await store.counter('s', 'folded'), 200);
    });

    it('to a replica that misses the last steps makes the fold repeat just those', async () => {
      const first = await cases.redis();
      const second = await cases.redis({ replicaof: `127.0.0.1 ${first.port}` });
      const proxy = await cases.proxy(first);
      const store = await cases.store(`redis://127.0.0.1:${proxy.port}`);
      await foldUpTo(store, 's', 50, undefined);
      const arrived = () => cases.command(second, 'HGET', 'tenfold:{s}:p', '0:fold');
      await untilDone(async () => assert.equal(String(await arrived()), '50'));
      // The replica stands still, as one does whose network is gone: what comes now it never sees.
      second.process.signal('SIGSTOP');
      await foldUpTo(store, 's', 100, 50);
      first.process.signal('SIGKILL');
      second.process.signal('SIGCONT');
      await untilDone(() => cases.command(second, 'REPLICAOF', 'NO', 'ONE'));
      const at = Number(await cases.command(second, 'HGET', 'tenfold:{s}:p', '0:fold'));
      proxy.turnTo(second.port);
      await untilDone(async () => assert.equal(await store.position('s', 'fold', 0), at));
      await foldUpTo(store, 's', 150, 100);
      assert.equal(await store.counter('s', 'folded'), 150);
      assert.equal(await store.position('s', 'fold', 0), 150);
    });

    it('refuses what was made of what another server said, though it stands at the same position', async () => {
      const first = await cases.redis();
      const second = await cases.redis({ replicaof: `127.0.0.1 ${first.port}` });
      const proxy = await cases.proxy(first);
      const store = await cases.store(`redis://127.0.0.1:${proxy.port}`);
      const server = await store.server('s');
      const fence = { consumer: 'fold', partition: 0, server };
      assert.deepEqual(await store.apply('s', [], { ...fence, after: undefined, upTo: 10 }), { applied: true });
      const arrived = () => cases.command(second, 'HGET', 'tenfold:{s}:p', '0:fold');
      await untilDone(async () => assert.equal(String(await arrived()), '10'));
      await cases.command(second, 'REPLICAOF', 'NO', 'ONE');
      proxy.turnTo(second.port);
      await untilDone(async () => assert.notEqual(await store.server('s'), server));
      assert.deepEqual(await store.apply('s', [], { ...fence, after: 10, upTo: 20 }), { applied: false, position: 10 });
      const now = { ...fence, server: await store.server('s') };
      assert.deepEqual(await store.apply('s', [], { ...now, after: 10, upTo: 20 }), { applied: true });
    });

    it('has another keeper from then on, also when it only starts anew', async () => {
      const first = await cases.redis();
      const second = await cases.redis({ replicaof: `127.0.0.1 ${first.port}` });
      const proxy = await cases.proxy(first);
      const store = await cases.store(`redis://127.0.0.1:${proxy.port}`);
      const keeper = await store.keeper();
      assert.match(keeper, /^[0-9a-f]{40}$/);
      proxy.turnTo(first.port);
      await untilDone(async () => assert.equal(await store.keeper(), keeper));
      await cases.command(second, 'REPLICAOF', 'NO', 'ONE');
      proxy.turnTo(second.port);
      await untilDone(async () => assert.notEqual(await store.keeper(), keeper));
    });

    it('while connected to what became a replica, refuses writes and finds the new master by itself', async () => {
      const [first, second] = [await cases.redis(), await cases.redis()];
      const proxy = await cases.proxy(first);
      const store = await cases.store(`redis://127.0.0.1:${proxy.port}`);
      await store.put('s', 'k', '1', { ttlMs: HOUR });
      await cases.command(first, 'REPLICAOF', '127.0.0.1', String(second.port));
      await rejectsWith('store-unavailable', store.put('s', 'k', '2', { ttlMs: HOUR }));
      // As a name does that leads to the master: connections that are open stay where they were.
      proxy.lead(second.port);
      await untilDone(async () => assert.ok((await store.put('s', 'k', '3', { ttlMs: HOUR })).written));
    });

    it('grants nothing new for one time to live of a lease, but leaves what is held', async () => {
      const [first, second] = [await cases.redis(), await cases.redis()];
      const proxy = await cases.proxy(first);
      let now = Date.now() + HOUR;
      const store = await cases.store(`redis://127.0.0.1:${proxy.port}`, { scripts: scriptsAt(() => now) });
      const ask = (holder: string, turn: number, held: number) =>
        store.lease('s', 'b', { holder, turn, limit: 10, held, demand: 10, ttlMs: 700 });
      // Also a server that is new to everybody could be one that has forgotten.
      assert.equal((await ask('a', 1, 0)).granted, 0);
      let turn = 1;
      now += 701;
      assert.equal((await ask('a', ++turn, 0)).granted, 10);
      const { epoch } = await ask('a', ++turn, 10);
      proxy.turnTo(second.port);
      await untilDone(async () => assert.notEqual((await ask('z', ++turn, 0)).epoch, epoch));
      const other = await ask('z', ++turn, 0);
      assert.equal(other.granted, 0);
      assert.ok(other.quietMs > 0);
      const holder = await ask('a', ++turn, 10);
      assert.equal(holder.granted, 10);
      // Whoever holds nothing any more lets the others have it when it is over.
      await ask('a', ++turn, 0);
      now += 701;
      assert.ok((await ask('z', ++turn, 0)).granted > 0);
    });

    it('by a server that is started anew with its data is a new epoch, too', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      const ask = (turn: number) =>
        store.lease('s', 'b', { holder: 'a', turn, limit: 1, held: 0, demand: 1, ttlMs: 100 });
      let turn = 0;
      await untilDone(async () => assert.equal((await ask(++turn)).quietMs, 0));
      const { epoch } = await ask(++turn);
      await cases.command(server, 'SET', 'tenfold:epoch', `${'0'.repeat(40)} 1`);
      const after = await ask(++turn);
      assert.equal(after.epoch, epoch);
      assert.ok(after.quietMs > 0, 'what the marker named was another server');
    });
  });
