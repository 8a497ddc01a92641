// The versions of a Function that its pool names: since when each runs, and until when.
import assert from 'node:assert/strict';
import { LocalPool } from '../../../../drivers/function-host/local/pool.ts';
import { createFakeInstances } from '../../../fakes/fake-instances.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const DRAIN_MS = 500;
const DEFINITION = {
  name: 'orders',
  namespace: 'default',
  run: { by: 'source', file: '/app/orders.ts' },
  ...{ concurrency: 2, minInstances: 1, maxInstances: 2, timeoutMs: 1000, maxBodyBytes: 1024, idleMs: 1000 },
  env: {},
} as const;

describe('the versions that a pool names', () => {
  it('are the newest and each earlier one, until its last request has ended', async () => {
    const world = createFakeWorld();
    const instances = createFakeInstances();
    const pool = new LocalPool(DEFINITION, {
      world,
      launch: instances.launch,
      probe: async () => true,
      limits: { maxWaiting: 3, drainMs: DRAIN_MS, healthyMs: 10_000 },
      listener: { failed() {}, reloaded() {}, loaded() {} },
    });
    const named = () => pool.status().versions;
    const at = () => new Date(world.now()).toISOString();
    assert.deepEqual(named(), []);
    instances.ready(0);
    const earlier = { isNewest: true, since: at(), instances: 1 };
    const lease = await pool.acquire(new AbortController().signal);
    assert.deepEqual(named(), [earlier]);
    pool.reload('/app/orders.ts');
    await world.pass(2000);
    assert.deepEqual(named(), [{ ...earlier, isNewest: false }]);
    instances.ready(1);
    const newest = { isNewest: true, since: at(), instances: 1 };
    assert.deepEqual(named(), [newest, { ...earlier, isNewest: false }]);
    lease.release();
    await world.pass(DRAIN_MS);
    assert.deepEqual(named(), [newest]);
  });
});
