// Counting requests against a rate with a burst, over fake time, checked
// against a plain token bucket.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createRateLimiter, type RateDecision } from '../../../gateway/rate-limit/rate-limiter.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const limit = { rate: { count: 10, periodMs: 1000 }, burst: 20 };

describe('createRateLimiter', () => {
  it('allows the burst at once, then the rate', async () => {
    const world = createFakeWorld();
    const limiter = createRateLimiter(world, limit);
    const decisions = Array.from({ length: 21 }, () => limiter.take('a') as RateDecision);
    assert.deepEqual(
      decisions.map(({ remaining }) => remaining),
      [...Array.from({ length: 20 }, (_, index) => 19 - index), 0],
    );
    assert.partialDeepStrictEqual(decisions.at(-1), { allowed: false, retryAfterMs: 100, resetMs: 2000 });
    await world.pass(100);
    assert.deepEqual(
      [limiter.take('a'), limiter.take('a')].map(each => (each as RateDecision).allowed),
      [true, false],
    );
  });

  it('counts keys apart', () => {
    const limiter = createRateLimiter(createFakeWorld(), { ...limit, burst: 1 });
    assert.deepEqual(
      ['a', 'a', 'b'].map(key => (limiter.take(key) as RateDecision).allowed),
      [true, false, true],
    );
  });

  it('decides as a token bucket does, whatever comes when, also across forgetting', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.constantFrom('a', 'b', 'c')), { maxLength: 60 }),
        async (count, burst, requests) => {
          const world = createFakeWorld();
          const limiter = createRateLimiter(world, { rate: { count, periodMs: 1000 }, burst });
          const buckets = new Map<string, { tokens: number; at: number }>();
          for (const [wait, key] of requests) {
            await world.pass(wait);
            const bucket = buckets.get(key) ?? { tokens: burst, at: world.monotonic() };
            const tokens = Math.min(burst, bucket.tokens + ((world.monotonic() - bucket.at) * count) / 1000);
            const allowed = tokens >= 1 - 1e-6;
            buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: world.monotonic() });
            const decision = limiter.take(key) as RateDecision;
            assert.equal(decision.allowed, allowed);
            if (allowed) assert.equal(decision.remaining, Math.floor(tokens - 1 + 1e-6));
            else assert.ok(Math.abs(decision.retryAfterMs - ((1 - tokens) * 1000) / count) < 1e-3);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('holds a bounded number of keys, and forgets those that were idle longest', async () => {
    const world = createFakeWorld();
    const limiter = createRateLimiter(world, { rate: { count: 1, periodMs: 3_600_000 }, burst: 1 }, 1000);
    limiter.take('idle');
    for (let index = 0; index < 499; index++) limiter.take(`flood ${index}`);
    limiter.take('busy');
    for (let index = 500; index < 900; index++) limiter.take(`flood ${index}`);
    assert.equal((limiter.take('busy') as RateDecision).allowed, false);
    for (let index = 900; index < 1400; index++) limiter.take(`flood ${index}`);
    assert.equal((limiter.take('idle') as RateDecision).allowed, true);
  });
});
