// Retries under fake time: when a call is made again, when it is not, and what the caller gets.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../../core/errors.ts';
import { withRetry } from '../../../../gateway/upstream/policies/retry.ts';
import { FREE_RETRIES, RetryBudget } from '../../../../gateway/upstream/policies/retry-budget.ts';
import type { RetrySettings } from '../../../../gateway/upstream/policies/retry-decision.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { type Act, createCall, createTarget } from '../../scripted-call.ts';

const defaults: RetrySettings = { attempts: 3, on: ['connect', 'reset', '503'], budget: 1, initial: 20, max: 1000 };

async function run(acts: readonly Act[], more: Partial<RetrySettings> = {}, init = {}, forMs = 2000) {
  const world = createFakeWorld();
  const target = createTarget(...acts);
  const call = createCall(world, init);
  withRetry(target, { world, settings: { ...defaults, ...more }, budget: new RetryBudget() }).send(call);
  await world.pass(forMs);
  return { world, target, call };
}

describe('a retry', () => {
  const rows: {
    name: string;
    acts: Act[];
    init?: object;
    more?: Partial<RetrySettings>;
    calls: number;
    status: number;
  }[] = [
    { name: 'makes a refused connection good', acts: ['connect', 200], calls: 2, status: 200 },
    { name: 'makes a lost connection good', acts: ['reset', 200], calls: 2, status: 200 },
    { name: 'makes a listed status good', acts: [503, 200], calls: 2, status: 200 },
    { name: 'leaves a status alone that is not listed', acts: [500, 200], calls: 1, status: 500 },
    { name: 'takes 5xx for every such status', acts: [502, 200], more: { on: ['5xx'] }, calls: 2, status: 200 },
    { name: 'passes the answer of the last attempt on', acts: [503], calls: 3, status: 503 },
    { name: 'is made at most as often as declared', acts: [503], more: { attempts: 2 }, calls: 2, status: 503 },
    {
      name: 'is not made for POST once the request was sent',
      acts: ['reset', 200],
      init: { method: 'POST' },
      calls: 1,
      status: 0,
    },
    { name: 'is not made for an answered POST', acts: [503, 200], init: { method: 'POST' }, calls: 1, status: 503 },
    {
      name: 'is made for POST when nothing was sent',
      acts: ['connect', 200],
      init: { method: 'POST', body: '{}' },
      calls: 2,
      status: 200,
    },
    {
      name: 'is made for PUT with a body in memory',
      acts: ['reset', 200],
      init: { method: 'PUT', body: '{}' },
      calls: 2,
      status: 200,
    },
    {
      name: 'is made when an attempt takes too long',
      acts: ['hang', 200],
      more: { attemptTimeout: 100, on: ['timeout'] },
      calls: 2,
      status: 200,
    },
    { name: 'waits as long as Retry-After says', acts: [{ status: 503, retryAfter: '0' }, 200], calls: 2, status: 200 },
    {
      name: 'is not made when Retry-After is beyond the deadline',
      acts: [{ status: 503, retryAfter: '5' }, 200],
      calls: 1,
      status: 503,
    },
  ];
  for (const { name, acts, init, more, calls, status } of rows) {
    it(name, async () => {
      const { target, call } = await run(acts, more, init);
      assert.deepEqual([target.calls.length, call.status], [calls, status]);
      assert.ok(call.over);
    });
  }

  it('numbers its attempts in tenfold-attempt, each a span of its own', async () => {
    const { target } = await run([503, 503, 200]);
    assert.deepEqual(
      target.calls.map(({ headers }) => headers),
      ['1', '2', '3'].map(number => ['tenfold-attempt', number]),
    );
    assert.equal(new Set(target.calls.map(({ trace }) => trace.spanId)).size, 3);
    assert.equal(new Set(target.calls.map(({ trace }) => trace.traceId)).size, 1);
  });

  it('pauses at random for at least half of a limit that doubles', async () => {
    const world = createFakeWorld();
    const target = createTarget(503, 503, 200);
    withRetry(target, { world, settings: { ...defaults, initial: 100 }, budget: new RetryBudget() }).send(
      createCall(world),
    );
    const seen: number[] = [];
    for (let ms = 0; ms <= 300; ms += 10) {
      await world.pass(10);
      if (target.calls.length > seen.length + 1) seen.push(ms + 10);
    }
    // The fake world draws 0.5: three quarters of 100 and of 200.
    assert.deepEqual(seen, [80, 230]);
  });

  it('never gives the caller anything of an attempt that was made again', async () => {
    const { call } = await run([503, 200]);
    assert.equal(call.body, '2');
  });

  it('is not made once the caller has left', async () => {
    const world = createFakeWorld();
    const target = createTarget(503, 200);
    const call = createCall(world);
    withRetry(target, { world, settings: { ...defaults, initial: 100 }, budget: new RetryBudget() }).send(call);
    await world.pass(10);
    call.leave();
    await world.pass(1000);
    assert.equal(target.calls.length, 1);
  });

  it('ends with the deadline of the call, not with that of an attempt', async () => {
    const { call } = await run(['hang'], { attemptTimeout: 400, on: ['timeout'] });
    assert.match(String(call.error), /deadline/);
  });

  it('gives the place of an attempt back before the next one begins', async () => {
    const world = createFakeWorld();
    let held = 0;
    let most = 0;
    const inner = createTarget('hang', 'hang', 200);
    const holding = {
      label: 'function test',
      send(call: Parameters<typeof inner.send>[0]) {
        most = Math.max(most, ++held);
        call.hold(() => held--);
        inner.send(call);
      },
    };
    const settings = { ...defaults, on: ['timeout'], attemptTimeout: 100 };
    const call = createCall(world);
    withRetry(holding, { world, settings, budget: new RetryBudget() }).send(call);
    await world.pass(900);
    assert.deepEqual([call.status, held, most], [200, 0, 1]);
  });

  it('is made for errors of ours that may pass, and not for others', async () => {
    const world = createFakeWorld();
    for (const [code, attempts] of [
      ['function-crashed', 3],
      ['unknown-function', 1],
    ] as const) {
      let count = 0;
      const failing = {
        label: 'function test',
        send(call: { fail(error: unknown): void }) {
          count++;
          call.fail(new TenfoldError(code, 'no'));
        },
      };
      withRetry(failing, { world, settings: defaults, budget: new RetryBudget() }).send(createCall(world));
      await world.pass(1000);
      assert.equal(count, attempts, code);
    }
  });
});

describe('the budget of retries', () => {
  it('allows a handful whatever the share, and no more than the share beyond', () => {
    const budget = new RetryBudget();
    const allowed = (tries: number) => {
      let count = 0;
      for (let index = 0; index < tries; index++) if (budget.takeRetry(1000, 0.2)) count++;
      return count;
    };
    assert.equal(allowed(100), FREE_RETRIES);
    for (let index = 0; index < 100; index++) budget.call(1000);
    assert.equal(allowed(100), 20 - FREE_RETRIES);
    assert.equal(budget.refused, 180);
  });

  it('forgets what is older than ten seconds', () => {
    const budget = new RetryBudget();
    for (let index = 0; index < FREE_RETRIES; index++) assert.ok(budget.takeRetry(0, 0.2));
    assert.ok(!budget.takeRetry(9_999, 0.2));
    assert.ok(budget.takeRetry(10_000, 0.2));
  });

  it('allows none when the share is 0%', () => assert.ok(!new RetryBudget().takeRetry(0, 0)));

  it('holds retries back when everything fails', async () => {
    const world = createFakeWorld();
    const target = createTarget(503);
    const budget = new RetryBudget();
    const retried = withRetry(target, { world, settings: { ...defaults, budget: 0.2, initial: 1 }, budget });
    for (let index = 0; index < 200; index++) retried.send(createCall(world));
    await world.pass(900);
    assert.equal(target.calls.length, 240);
  });
});
