// The pool's decisions under fake time: starting, waiting, scaling, reloading, failing, stopping.
import assert from 'node:assert/strict';
import type { FunctionDefinition } from '../../../../drivers/function-host/function-host.ts';
import type { LoadFailure } from '../../../../drivers/function-host/local/instance.ts';
import { LocalPool } from '../../../../drivers/function-host/local/pool.ts';
import type { PoolLimits } from '../../../../drivers/function-host/local/pool-types.ts';
import { createFakeInstances } from '../../../fakes/fake-instances.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const limits: PoolLimits = { maxWaiting: 3, drainMs: 500, healthyMs: 10_000 };
const forever = new AbortController().signal;

function setUp(change: Partial<FunctionDefinition> = {}) {
  const world = createFakeWorld();
  const instances = createFakeInstances();
  /** Origins that answer no health check. */
  const deaf = new Set<string>();
  const failures: { failure: LoadFailure; stillServing: boolean }[] = [];
  const reloads: { file: string; tookMs: number }[] = [];
  const definition: FunctionDefinition = {
    name: 'orders',
    namespace: 'default',
    run: { by: 'source', file: '/app/orders.ts' },
    concurrency: 2,
    minInstances: 0,
    maxInstances: 2,
    timeoutMs: 1000,
    maxBodyBytes: 1024,
    idleMs: 1000,
    env: {},
    ...change,
  };
  const pool = new LocalPool(definition, {
    world,
    launch: instances.launch,
    probe: async origin => !deaf.has(origin),
    limits,
    listener: {
      failed: (failure, stillServing) => failures.push({ failure, stillServing }),
      reloaded: (file, tookMs) => reloads.push({ file, tookMs }),
      loaded() {},
    },
  });
  return { world, instances, pool, failures, reloads, deaf };
}

describe('pool of one function', () => {
  it('starts nothing until the first request, which waits for the instance', async () => {
    const { pool, instances } = setUp();
    assert.equal(instances.all.length, 0);
    assert.equal(pool.tryAcquire(), undefined);
    const place = pool.acquire(forever);
    assert.equal(instances.all.length, 1);
    assert.equal(pool.status().state, 'starting');
    instances.ready(0);
    assert.equal((await place).origin, 'http://127.0.0.1:9000');
    assert.equal(pool.status().inFlight, 1);
  });

  it('keeps scale.min instances from the start and replaces one that crashed', () => {
    const { pool, instances } = setUp({ minInstances: 2 });
    assert.equal(instances.all.length, 2);
    instances.ready(0);
    instances.ready(1);
    instances.at(0).tell.exited('exit code 1');
    assert.equal(instances.all.length, 3);
    assert.equal(pool.status().instances, 1);
  });

  it('gives no requests to an instance that answers no health check, until it answers one', async () => {
    const health = { path: '/healthz', readyPath: '/readyz', unreadyAfterMs: 4000, restartAfterMs: 60_000 };
    const { pool, instances, deaf, world } = setUp({ minInstances: 1, idleMs: 60_000, health });
    instances.ready(0);
    deaf.add('http://127.0.0.1:9000');
    await world.pass(12_000);
    assert.equal(instances.all.length, 2, 'another one takes its place');
    assert.deepEqual([pool.status().state, pool.status().instances], ['unavailable', 0]);
    assert.match(pool.status().lastError ?? '', /^1 instance answers no health check/);
    instances.ready(1);
    assert.equal(pool.tryAcquire()?.origin, 'http://127.0.0.1:9001');
    deaf.clear();
    await world.pass(5000);
    assert.equal(pool.status().instances, 2);
    assert.equal(pool.tryAcquire()?.origin, 'http://127.0.0.1:9000', 'it is the less busy one');
  });

  it('never gives an instance more requests than its concurrency, and starts another up to scale.max', async () => {
    const { pool, instances } = setUp();
    const places = [1, 2, 3].map(() => pool.acquire(forever));
    assert.equal(instances.all.length, 2);
    instances.ready(0);
    assert.deepEqual([pool.status().inFlight, pool.status().waiting], [2, 1]);
    instances.ready(1);
    const leases = await Promise.all(places);
    assert.deepEqual(
      leases.map(lease => lease.origin),
      ['http://127.0.0.1:9000', 'http://127.0.0.1:9000', 'http://127.0.0.1:9001'],
    );
  });

  it('refuses a request with overloaded and Retry-After when too many wait', async () => {
    const { pool } = setUp();
    for (let count = 0; count < limits.maxWaiting; count++) void pool.acquire(forever);
    await assert.rejects(pool.acquire(forever), { code: 'overloaded', retryAfterSeconds: 1 });
  });

  it('serves those who wait in the order they came when a place becomes free', async () => {
    const { pool, instances } = setUp({ concurrency: 1, maxInstances: 1 });
    const order: string[] = [];
    const first = pool.acquire(forever);
    const rest = ['second', 'third'].map(name =>
      pool.acquire(forever).then(lease => {
        order.push(name);
        lease.release();
      }),
    );
    instances.ready(0);
    (await first).release();
    await Promise.all(rest);
    assert.deepEqual(order, ['second', 'third']);
  });

  it('lets a waiting request leave when its signal aborts, without losing a place', async () => {
    const { pool, instances } = setUp({ concurrency: 1, maxInstances: 1 });
    const gone = new AbortController();
    const left = pool.acquire(gone.signal);
    gone.abort(new Error('gone'));
    await assert.rejects(left, /gone/);
    instances.ready(0);
    assert.ok(pool.tryAcquire());
  });

  it('counts a release once, however often it is called', () => {
    const { pool, instances } = setUp({ minInstances: 1 });
    instances.ready(0);
    const lease = pool.tryAcquire();
    pool.tryAcquire();
    lease?.release();
    lease?.release();
    assert.equal(pool.status().inFlight, 1);
  });

  it('stops an instance that did nothing for idleMs, down to scale.min', async () => {
    const { pool, instances, world } = setUp();
    const place = pool.acquire(forever);
    instances.ready(0);
    (await place).release();
    await world.pass(1000 - 1);
    assert.equal(instances.at(0).stopped, false);
    await world.pass(1);
    assert.equal(instances.at(0).stopped, true);
    assert.equal(pool.status().state, 'asleep');
  });
});

describe('pool of one function that changes, fails or ends', () => {
  it('serves with the old code until the new code is ready, then ends the old after its requests', async () => {
    const { pool, instances, reloads, world } = setUp({ minInstances: 1 });
    instances.ready(0);
    const old = pool.tryAcquire();
    pool.reload('/app/orders.ts');
    assert.equal(pool.tryAcquire()?.origin, 'http://127.0.0.1:9000');
    await world.pass(120);
    instances.ready(1);
    assert.deepEqual(reloads, [{ file: '/app/orders.ts', tookMs: 120 }]);
    assert.equal(pool.tryAcquire()?.origin, 'http://127.0.0.1:9001');
    assert.equal(instances.at(0).stopped, false);
    old?.release();
    await world.pass(limits.drainMs);
    assert.equal(instances.at(0).stopped, true);
  });

  it('keeps the old code when the new code does not load, and tells; the next change tries again', async () => {
    const { pool, instances, failures, world } = setUp({ minInstances: 1 });
    instances.ready(0);
    pool.reload('/app/orders.ts');
    instances.at(1).tell.failed({ message: 'Unexpected token' });
    assert.deepEqual(failures, [{ failure: { message: 'Unexpected token' }, stillServing: true }]);
    await world.pass(60_000);
    assert.equal(instances.all.length, 2, 'the broken code is not tried again by itself');
    assert.equal(pool.tryAcquire()?.origin, 'http://127.0.0.1:9000');
    assert.equal(pool.status().lastError, 'Unexpected token');
    pool.reload('/app/orders.ts');
    instances.ready(2);
    assert.equal(pool.tryAcquire()?.origin, 'http://127.0.0.1:9002');
    assert.equal(pool.status().lastError, undefined);
  });

  it('refuses at once with Retry-After while a function that does not start backs off, then tries again', async () => {
    const { pool, instances, world } = setUp();
    const place = pool.acquire(forever);
    instances.at(0).tell.failed({ message: 'Cannot find package' });
    await assert.rejects(place, { code: 'function-crashed' });
    await assert.rejects(pool.acquire(forever), { code: 'function-crashed', retryAfterSeconds: 1 });
    assert.equal(pool.status().state, 'unavailable');
    assert.equal(instances.all.length, 1);
    await world.pass(200);
    const again = pool.acquire(forever);
    instances.ready(1);
    assert.equal((await again).origin, 'http://127.0.0.1:9001');
  });

  it('is unavailable from a failed start to the next one that succeeds, also when nobody calls it', async () => {
    const { pool, world, instances } = setUp();
    const refused = assert.rejects(pool.acquire(forever), { code: 'function-crashed' });
    instances.at(0).tell.failed({ message: "menu.ts:3:1: Expected ';', got 'is'" });
    await refused;
    for (const ms of [0, 60_000]) {
      await world.pass(ms);
      const { state, lastError } = pool.status();
      assert.deepEqual([state, lastError], ['unavailable', "menu.ts:3:1: Expected ';', got 'is'"]);
    }
    const place = pool.acquire(forever);
    instances.ready(1);
    await place;
    assert.deepEqual([pool.status().state, pool.status().lastError], ['available', undefined]);
  });

  it('is asleep again when its file has changed after a failed start, until the next call', async () => {
    const { pool, instances } = setUp();
    const refused = assert.rejects(pool.acquire(forever), { code: 'function-crashed' });
    instances.at(0).tell.failed({ message: 'No such module.' });
    await refused;
    pool.reload('/app/orders.ts');
    assert.equal(pool.status().state, 'asleep');
  });

  it('backs off longer with every crash, and anew after it was healthy for a while', async () => {
    const { instances, world } = setUp({ minInstances: 1, maxInstances: 1 });
    const crash = async () => {
      const index = instances.all.length - 1;
      instances.ready(index);
      instances.at(index).tell.exited('exit code 1');
      let waited = 0;
      while (instances.all.length === index + 1) {
        await world.pass(10);
        waited += 10;
        assert.ok(waited < 60_000, 'it is started again');
      }
      return waited;
    };
    assert.ok((await crash()) <= 10, 'the first crash is made good at once');
    const second = await crash();
    const third = await crash();
    assert.ok(second > 100 && third > second * 1.5, `${second} ms, then ${third} ms`);
    instances.ready(instances.all.length - 1);
    await world.pass(limits.healthyMs);
    instances.at(instances.all.length - 1).tell.exited('exit code 1');
    await world.pass(10);
    assert.equal(instances.all.length, 5);
  });

  it('forgets past failures when the file changes and requests wait', async () => {
    const { pool, instances } = setUp();
    await assert.rejects(
      Promise.all([pool.acquire(forever), Promise.resolve().then(() => instances.at(0).tell.failed({ message: 'x' }))]),
    );
    pool.reload('/app/orders.ts');
    const place = pool.acquire(forever);
    instances.ready(1);
    assert.ok(await place);
  });

  it('waits for requests in flight when it closes, cuts after the grace, and refuses new ones', async () => {
    const { pool, instances, world } = setUp({ minInstances: 1 });
    instances.ready(0);
    const lease = pool.tryAcquire();
    const closed = pool.close(300);
    assert.throws(() => pool.tryAcquire(), { code: 'shutting-down' });
    await world.pass(299);
    assert.equal(instances.at(0).stopped, false);
    await world.pass(1);
    assert.equal(instances.at(0).stopped, true);
    await closed;
    lease?.release();
  });

  it('refuses at once, with Retry-After, when it is scaled to 0 replicas', async () => {
    const { pool, instances } = setUp({ minInstances: 0, maxInstances: 0 });
    await assert.rejects(pool.acquire(forever), { code: 'function-off', status: 503, retryAfterSeconds: 30 });
    assert.equal(instances.all.length, 0);
    assert.equal(pool.status().state, 'stopped');
  });

  it('closes at once when nothing runs', async () => {
    const { pool } = setUp();
    await pool.close(1000);
  });
});
