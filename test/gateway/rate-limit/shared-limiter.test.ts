// Rate limits over several gateways that share a store: how much they let through together, and
// what they ask the store for.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import type { BucketTake } from '../../../drivers/store/buckets.ts';
import { createStoreClock } from '../../../drivers/store/clock.ts';
import { createMemoryBuckets } from '../../../drivers/store/sqlite/memory-buckets.ts';
import { createLimiter } from '../../../gateway/rate-limit/create-limiter.ts';
import type { RateDecision } from '../../../gateway/rate-limit/rate-limiter.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

function create(limit = { rate: { count: 100, periodMs: 1_000 }, burst: 100 }, gateways = 3) {
  const world = createFakeWorld();
  const memory = createMemoryBuckets(createStoreClock(world, 0));
  const store = { latencyMs: 2, away: false, calls: 0, takes: 0 };
  const buckets = {
    async take(scope: string, takes: readonly BucketTake[]) {
      store.calls++;
      store.takes += takes.length;
      await new Promise<void>(resolve => world.after(store.latencyMs, resolve));
      if (store.away) throw new TenfoldError('store-unavailable', 'away');
      return memory.take(scope, takes);
    },
  };
  const limiters = Array.from({ length: gateways }, () => createLimiter({ world, buckets }, 'Api/a/b', limit, 'all'));
  const allowedAt: number[] = [];
  const take = async (gateway: number, key = 'k'): Promise<RateDecision> => {
    const decision = await limiters[gateway]!.take(key);
    if (decision.allowed) allowedAt.push(world.monotonic());
    return decision;
  };
  /** Each gateway has a request every so many milliseconds. */
  const load = async (everyMs: number, forMs: number, key = 'k') => {
    for (let at = 0; at < forMs; at += everyMs) {
      for (let gateway = 0; gateway < gateways; gateway++) void take(gateway, key);
      await world.pass(everyMs);
    }
  };
  const most = (windowMs: number) =>
    Math.max(...allowedAt.map(at => allowedAt.filter(other => other >= at && other < at + windowMs).length));
  return { world, store, limiters, take, load, allowedAt, most };
}

describe('rate limits that gateways share', () => {
  it('let through together what the limit says, and hardly less', async () => {
    const { load, allowedAt, most } = create();
    await load(5, 5_000);
    // A burst, then the rate; and of a burst a tenth may have been taken ahead by each gateway.
    assert.ok(allowedAt.length <= 100 + 500, String(allowedAt.length));
    assert.ok(allowedAt.length >= 0.9 * 600, String(allowedAt.length));
    assert.ok(most(1_000) <= 200 + 30, String(most(1_000)));
  });

  it('answer at once where requests of a key are many, and ask the store ten times a second instead of for each', async () => {
    const { load, store, limiters, world } = create({ rate: { count: 10_000, periodMs: 1_000 }, burst: 10_000 });
    await load(2, 1_000);
    const { calls } = store;
    let late = 0;
    for (let turn = 0; turn < 500; turn++) {
      for (const limiter of limiters) if (limiter.take('k') instanceof Promise) late++;
      await world.pass(2);
    }
    assert.ok(late < 30, `${late} of 1500 waited`);
    assert.ok(store.calls - calls <= 3 * 15, `${store.calls - calls} calls`);
  });

  it('refuse again without asking the store until there may be something', async () => {
    const { take, store, world } = create({ rate: { count: 1, periodMs: 60_000 }, burst: 2 });
    const decisions: Promise<RateDecision>[] = [];
    for (const gateway of [0, 1, 2, 0, 1, 2]) {
      decisions.push(take(gateway));
      await world.pass(10);
    }
    const first = await Promise.all(decisions);
    assert.equal(first.filter(({ allowed }) => allowed).length, 2);
    const { calls } = store;
    for (let turn = 0; turn < 100; turn++) {
      const { allowed, retryAfterMs } = await take(turn % 3);
      assert.ok(!allowed && retryAfterMs > 50_000 && retryAfterMs <= 60_000, String(retryAfterMs));
      await world.pass(10);
    }
    assert.ok(store.calls - calls <= 3, 'once each at most');
    await world.pass(60_000);
    const again = take(1);
    await world.pass(10);
    assert.ok((await again).allowed);
  });

  it('tell how much is left over all gateways', async () => {
    const { take, world } = create({ rate: { count: 10, periodMs: 10_000 }, burst: 10 });
    const decisions = [];
    for (const gateway of [0, 1, 2, 1]) {
      const deciding = take(gateway);
      await world.pass(5);
      decisions.push((await deciding).remaining);
    }
    assert.ok(decisions[3]! <= 6 && decisions[3]! >= 4, String(decisions));
  });

  it('send what many keys want at a time in one call', async () => {
    const { take, store, world } = create();
    const many = Array.from({ length: 200 }, (_, key) => take(0, `client ${key}`));
    await world.pass(10);
    assert.ok((await Promise.all(many)).every(({ allowed }) => allowed));
    assert.deepEqual([store.calls, store.takes], [1, 200]);
  });

  it('go on in each gateway for itself while the store is away or slow, and together when it is back', async () => {
    for (const trouble of ['away', 'slow'] as const) {
      const { load, store, allowedAt, take, world } = create();
      await load(5, 2_000);
      if (trouble === 'away') store.away = true;
      else store.latencyMs = 5_000;
      await load(5, 3_000);
      const before = allowedAt.length;
      await load(5, 1_000);
      const alone = allowedAt.length - before;
      assert.ok(alone > 250 && alone < 400, `${alone} by three for themselves`);
      const begun = world.monotonic();
      const decision = take(0, 'another');
      await world.pass(300);
      assert.ok((await decision).allowed && world.monotonic() - begun <= 300);
      store.away = false;
      store.latencyMs = 2;
      await load(5, 7_000);
      const back = allowedAt.length;
      await load(5, 2_000);
      assert.ok(allowedAt.length - back <= 230, `${allowedAt.length - back} in two seconds`);
    }
  });

  it('leave out nobody: each waits for one answer at most', async () => {
    const { limiters, world } = create({ rate: { count: 5, periodMs: 1_000 }, burst: 5 });
    const decisions = Promise.all(Array.from({ length: 50 }, () => limiters[0]!.take('k')));
    await world.pass(10);
    assert.equal((await decisions).filter(({ allowed }) => allowed).length, 5);
  });
});
