// Connections that are lost, silent, or full: callers learn of it in time, nothing is sent twice,
// and it goes on by itself.
import assert from 'node:assert/strict';
import { rejectsWith } from '../../../contract/store/subject.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { counting, HOUR, leavesNothingOpen, redisCases, untilDone } from './redis-cases.ts';

if (findService(redis))
  describe('the connection to Redis', () => {
    const cases = redisCases();

    it('lost in the middle of an apply leaves it made once or not at all, and the position tells which', async () => {
      const server = await cases.redis();
      const proxy = await cases.proxy(server);
      const store = await cases.store(`redis://127.0.0.1:${proxy.port}`);
      // The script is known from now on: what follows is one message each.
      await store.apply('s', counting(undefined, 10).changes, counting(undefined, 10).fence);
      let position: number | undefined = 10;
      for (let turn = 0; turn < 5; turn++) {
        const { changes, fence } = counting(position, (position ?? 0) + 10);
        proxy.keepAnswers(true);
        const sent = proxy.sent();
        const applying = store.apply('s', changes, fence);
        await Promise.all([rejectsWith('store-unavailable', applying), sent.then(() => setTimeout(proxy.cut, turn))]);
        proxy.keepAnswers(false);
        await untilDone(async () => {
          position = await store.position('s', 'fold', 0);
        });
        assert.equal(await store.counter('s', 'folded'), position ?? 0);
      }
      assert.ok(position !== undefined && position >= 20, `at ${position}: none of them arrived`);
    });

    it('that is ended while it is being opened is not left open', async () => {
      const server = await cases.redis();
      await leavesNothingOpen({ urls: [server.url] }, [server]);
    });

    it('that is down answers at once, and works again when it is back', async () => {
      const server = await cases.redis();
      const proxy = await cases.proxy(server);
      const store = await cases.store(`redis://127.0.0.1:${proxy.port}`, { requestTimeoutMs: 60_000 });
      await store.put('s', 'k', '1', { ttlMs: HOUR });
      proxy.turnTo(1);
      await untilDone(() => rejectsWith('store-unavailable', store.get('s', 'k')));
      const began = performance.now();
      await rejectsWith('store-unavailable', store.get('s', 'k'));
      assert.ok(performance.now() - began < 25_000);
      assert.equal((await store.health()).ok, false);
      proxy.turnTo(server.port);
      await untilDone(async () => assert.ok(await store.get('s', 'k')));
      assert.deepEqual(await store.health(), { ok: true });
    });

    it('to a server that stands still fails in time and is opened anew', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url, { requestTimeoutMs: 1000 });
      await untilDone(() => store.put('s', 'k', '1', { ttlMs: HOUR }));
      server.process.signal('SIGSTOP');
      await rejectsWith('store-unavailable', store.get('s', 'k'));
      await rejectsWith('store-unavailable', store.count('s', 'c', 1, HOUR));
      server.process.signal('SIGCONT');
      await untilDone(async () => assert.ok(await store.get('s', 'k')));
      await untilDone(async () => assert.ok((await store.counter('s', 'c')) <= 1));
    });

    it('whose other end is gone without a word is found out', async () => {
      const server = await cases.redis();
      const proxy = await cases.proxy(server);
      const store = await cases.store(`redis://127.0.0.1:${proxy.port}`, { requestTimeoutMs: 1000 });
      await untilDone(() => store.put('s', 'k', '1', { ttlMs: HOUR }));
      proxy.swallow();
      await rejectsWith('store-unavailable', store.get('s', 'k'));
      await untilDone(async () => assert.ok(await store.get('s', 'k')));
    });

    it('whose other end is gone without a word while it is opened anew is found out', async () => {
      const server = await cases.redis();
      const proxy = await cases.proxy(server);
      const store = await cases.store(`redis://127.0.0.1:${proxy.port}`, { requestTimeoutMs: 1000 });
      await untilDone(() => store.put('s', 'k', '1', { ttlMs: HOUR }));
      proxy.keepAnswers(true);
      const greeted = proxy.sent();
      proxy.cut();
      await greeted;
      proxy.swallow();
      proxy.keepAnswers(false);
      await untilDone(async () => assert.ok(await store.get('s', 'k')));
    });

    it('that is refused when it is opened anew fails with why', async () => {
      const server = await cases.redis();
      const proxy = await cases.proxy(server);
      const store = await cases.store(`redis://127.0.0.1:${proxy.port}`);
      await store.put('s', 'k', '1', { ttlMs: HOUR });
      await cases.command(server, 'CONFIG', 'SET', 'requirepass', 'secret');
      proxy.cut();
      const says = { code: 'store-unavailable', message: /wants a password/ };
      await untilDone(() => assert.rejects(store.get('s', 'k'), says));
      await untilDone(async () => assert.match((await store.health()).reason ?? '', /wants a password/));
    });

    it('that cannot be opened fails with what to do, and leaves nothing running', async () => {
      await rejectsWith('store-unavailable', cases.store('redis://127.0.0.1:1', { requestTimeoutMs: 500 }));
      await rejectsWith('invalid-input', cases.store('http://127.0.0.1:1'));
      await rejectsWith('invalid-input', cases.store('redis://127.0.0.1:1/7'));
    });

    it('takes only so many bytes at a time and refuses the rest at once', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url, { maxPendingBytes: 1 << 20 });
      const value = new Uint8Array(300_000);
      const puts = Array.from({ length: 10 }, (_, n) => store.put('s', `k${n}`, value, { ttlMs: HOUR }));
      const outcomes = await Promise.allSettled(puts);
      const refused = outcomes.filter(({ status }) => status === 'rejected');
      assert.equal(refused.length, 7);
      for (const { reason } of refused as PromiseRejectedResult[]) assert.equal(reason.code, 'overloaded');
      assert.ok((await store.put('s', 'k', value, { ttlMs: HOUR })).written);
    });

    it('refuses calls after it was closed, and waits for those before', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      const writing = store.put('s', 'k', '1', { ttlMs: HOUR });
      await store.close();
      assert.ok((await writing).written);
      await rejectsWith('store-unavailable', store.get('s', 'k'));
    });
  });
