// Two primaries at once: one that nobody else sees any more goes on taking writes of a process,
// then becomes a replica and loses them.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import { createReminders } from '../../../../drivers/store/reminders.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { beginIdempotent } from '../../../../gateway/accept/idempotency.ts';
import { withIdempotency } from '../../../../worker/deliver/with-idempotency.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { destinationOf, itemOf, never } from '../../../worker/deliver/items.ts';
import { type Cases, foldUpTo, HOUR, redisCases, untilDone } from './redis-cases.ts';

const LEASE_MS = 700;
const LIMIT = 10;

interface Divided {
  /** Of the process that only sees the former primary. */
  readonly cutOff: Store;
  /** Of all others. */
  readonly others: Store;
  /** What was the replica becomes a primary, and all others turn to it. */
  promote(): Promise<void>;
  /**
   * The former primary becomes a replica, and the address of Redis leads everybody to the other
   * one; connections stay where they are.
   */
  heal(): Promise<void>;
}

/**
 * In sync, with the way between the two as they like it: the replica hears nothing
 * of the primary from now on.
 */
async function divide(cases: Cases, settings: Readonly<Record<string, string>> = {}): Promise<Divided> {
  const former = await cases.redis(settings);
  const between = await cases.proxy(former);
  const next = await cases.redis({ ...settings, replicaof: `127.0.0.1 ${between.port}` });
  // One that wants replicas is fit to be used once it has them.
  await untilDone(() => cases.command(former, 'DEL', 'nothing'));
  const [nearFormer, nearNext] = [await cases.proxy(former), await cases.proxy(former)];
  const [cutOff, others] = [
    await cases.store(`redis://127.0.0.1:${nearFormer.port}`),
    await cases.store(`redis://127.0.0.1:${nearNext.port}`),
  ];
  await foldUpTo(cutOff, 's', 100, undefined);
  await untilDone(async () =>
    assert.equal(String(await cases.command(next, 'HGET', 'tenfold:{s}:p', '0:fold')), '100'),
  );
  between.swallow();
  return {
    cutOff,
    others,
    async promote() {
      await cases.command(next, 'REPLICAOF', 'NO', 'ONE');
      await cases.redis({ ...settings, replicaof: `127.0.0.1 ${next.port}` });
      nearNext.turnTo(next.port);
      await untilDone(async () => assert.equal(await others.position('s', 'fold', 0), 100));
    },
    async heal() {
      await cases.command(former, 'REPLICAOF', '127.0.0.1', String(next.port));
      await untilDone(async () =>
        assert.match(String(await cases.command(former, 'INFO', 'replication')), /master_link_status:up/),
      );
      nearFormer.lead(next.port);
    },
  };
}

/** Asks for all of the limit again and again, as a process does, and tells what it may use. */
function startHolder(store: Store, holder: string) {
  let [turn, holds, until, isOver] = [0, 0, 0, false];
  const running = (async () => {
    while (!isOver) {
      const sent = performance.now();
      // What is beyond its part it gives up before it asks again.
      const held = sent < until ? holds : 0;
      const request = { holder, turn: ++turn, limit: LIMIT, held, demand: LIMIT, ttlMs: LEASE_MS };
      try {
        const { granted, share } = await store.lease('s', 'b', request);
        holds = Math.min(granted, share);
        until = sent + LEASE_MS;
      } catch {
        // It keeps what it has, for as long as it has it.
      }
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  })();
  return {
    get holds() {
      return performance.now() < until ? holds : 0;
    },
    async stop() {
      isOver = true;
      await running;
    },
  };
}

if (findService(redis))
  describe('two primaries of Redis', () => {
    const cases = redisCases();

    it('both fold; in the end that is kept which all see, and the rest is folded again', async () => {
      const { cutOff, others, promote, heal } = await divide(cases);
      await promote();
      assert.deepEqual(await foldUpTo(cutOff, 's', 150, 100), []);
      assert.deepEqual(await foldUpTo(others, 's', 120, 100), []);
      await heal();
      await untilDone(async () => assert.deepEqual(await foldUpTo(cutOff, 's', 200, 150), ['back to 120']));
      assert.equal(await others.counter('s', 'folded'), 200);
      assert.deepEqual(await foldUpTo(others, 's', 210, 120), ['back to 200']);
      assert.equal(await cutOff.counter('s', 'folded'), 210);
    });

    it('never grant more than a limit together where the former one stops without replicas', async () => {
      const alone = { 'min-replicas-to-write': '1', 'min-replicas-max-lag': '1', 'repl-ping-replica-period': '1' };
      const { cutOff, others, promote, heal } = await divide(cases, alone);
      const first = startHolder(cutOff, 'a');
      cases.atEnd(() => first.stop());
      await untilDone(() => assert.equal(first.holds, LIMIT));
      await untilDone(() => assert.rejects(cutOff.count('s', 'c', 1, HOUR), { code: 'store-unavailable' }));
      await promote();
      const second = startHolder(others, 'z');
      cases.atEnd(() => second.stop());
      let most = 0;
      const look = () => {
        most = Math.max(most, first.holds + second.holds);
      };
      await untilDone(() => {
        look();
        assert.equal(second.holds, LIMIT);
      });
      await heal();
      await untilDone(() => {
        look();
        assert.ok(first.holds > 0, 'it has its part again');
      });
      assert.equal(most, LIMIT);
    });

    it('agree on a limit again within one time to live of a lease after both have granted it', async () => {
      const { cutOff, others, promote, heal } = await divide(cases);
      const first = startHolder(cutOff, 'a');
      cases.atEnd(() => first.stop());
      await untilDone(() => assert.equal(first.holds, LIMIT));
      await promote();
      const second = startHolder(others, 'z');
      cases.atEnd(() => second.stop());
      await untilDone(() => assert.equal(first.holds + second.holds, 2 * LIMIT));
      await heal();
      await untilDone(() => assert.equal(first.holds + second.holds, LIMIT));
      await untilDone(() => assert.ok(first.holds > 0 && second.holds > 0));
      const until = performance.now() + 2 * LEASE_MS;
      while (performance.now() < until) {
        assert.ok(first.holds + second.holds <= LIMIT, `${first.holds} and ${second.holds}`);
        await new Promise(resolve => setTimeout(resolve, 10));
      }
    });

    it('forget neither what was delivered nor which job a key stands for', async () => {
      const { cutOff, others, promote, heal } = await divide(cases);
      let reminded = 0;
      const reminders = createReminders({
        world: realWorld,
        store: cutOff,
        reminded: count => {
          reminded += count;
        },
      });
      cases.atEnd(() => reminders.close(0));
      await promote();
      const delivering = (store: Store) => {
        const inner = destinationOf(() => ({ kind: 'done' }));
        const options = { group: 'g', key: '${event.id}', windowMs: HOUR, workMs: HOUR, topic: 't' };
        return { inner, outer: withIdempotency(inner, { ...options, world: realWorld, store, reminders }) };
      };
      const event = itemOf({ id: 'o-1', data: {} }, { offset: 1 });
      const before = delivering(cutOff);
      await before.outer.deliver([event], never);
      assert.equal(before.inner.seen.length, 1);
      const key = { world: realWorld, scope: 'keys', windowMs: HOUR, reminders };
      const attempt = await beginIdempotent({ ...key, store: cutOff }, 'key', 'print');
      assert.ok('accepted' in attempt);
      await attempt.accepted('job 1');
      await heal();
      // No call but this one needs to find out that another server is the primary.
      await untilDone(() => assert.equal(reminded, 2));
      const after = delivering(others);
      assert.deepEqual(await after.outer.deliver([itemOf({ id: 'o-1', data: {} }, { offset: 2 })], never), [
        { kind: 'done' },
      ]);
      assert.equal(after.inner.seen.length, 0, 'it was delivered already');
      assert.deepEqual(await beginIdempotent({ ...key, store: others }, 'key', 'print'), { job: 'job 1' });
    });
  });
