// An instance that only lets calls time out gets none for a while, and one again after that; never
// are all of them left out.
import assert from 'node:assert/strict';
import { createClusterHost } from '../../../../drivers/function-host/cluster/cluster-host.ts';
import { createOutliers } from '../../../../drivers/function-host/cluster/outliers.ts';
import type { Lease } from '../../../../drivers/function-host/function-host.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const [A, B, C] = ['http://10.0.0.1:8080', 'http://10.0.0.2:8080', 'http://10.0.0.3:8080'] as const;

describe('outliers among instances', () => {
  function start() {
    const world = createFakeWorld();
    const counts: number[] = [];
    const outliers = createOutliers(world, () => counts.push(outliers.count));
    const timeOut = (origin: string, times: number) => {
      for (let time = 0; time < times; time++) outliers.timedOut(origin);
    };
    return { world, counts, outliers, timeOut };
  }

  it('are those with three time-outs in a row', () => {
    const { outliers, timeOut, counts } = start();
    timeOut(A, 2);
    outliers.answered(A);
    timeOut(A, 2);
    assert.deepEqual(outliers.among([A, B]), [A, B]);
    timeOut(A, 1);
    assert.deepEqual(outliers.among([A, B]), [B]);
    assert.deepEqual(counts, [1]);
  });

  it('are called all the same where no other one is well', () => {
    const { outliers, timeOut } = start();
    timeOut(A, 3);
    timeOut(B, 3);
    assert.deepEqual(outliers.among([A, B]), [A, B]);
    assert.deepEqual(outliers.among([A, B, C]), [C]);
  });

  it('have a way back: one call after half a minute, longer each time that it times out, and all with an answer', async () => {
    const { world, outliers, timeOut, counts } = start();
    timeOut(A, 3);
    await world.pass(30_000);
    assert.deepEqual(outliers.among([A, B]), [A, B]);
    timeOut(A, 1);
    await world.pass(30_000);
    assert.deepEqual(outliers.among([A, B]), [B], 'a minute the second time');
    await world.pass(30_000);
    outliers.answered(A);
    assert.deepEqual(outliers.among([A, B]), [A, B]);
    timeOut(A, 2);
    assert.deepEqual(outliers.among([A, B]), [A, B], 'it is as any other one');
    assert.deepEqual(counts, [1, 0]);
  });

  it('are forgotten once they are gone', () => {
    const { outliers, timeOut } = start();
    timeOut(A, 3);
    outliers.keep([B]);
    assert.equal(outliers.count, 0);
  });
});

describe('an instance of a Function that only lets calls time out', () => {
  const URL = 'http://fn-menu.default.svc';

  function start() {
    const world = createFakeWorld();
    const told: number[] = [];
    let followed = 0;
    const host = createClusterHost({
      world,
      probe: async () => true,
      whereabouts: {
        of: () => place,
        called() {},
        follow() {},
        unresponsive: (_namespace, _name, instances) => void told.push(instances),
        followInstances(_namespace, _name, tell) {
          followed++;
          tell([A, B].map(origin => ({ origin, ready: true })));
          return { close() {} };
        },
      },
    });
    const place = { state: 'up', url: URL } as const;
    const numbers = {
      concurrency: 1,
      minInstances: 0,
      maxInstances: 2,
      timeoutMs: 1000,
      maxBodyBytes: 1000,
      idleMs: 1000,
    };
    host.apply([{ name: 'menu', namespace: 'default', run: { by: 'provider' }, env: {}, ...numbers }]);
    const lease = (): Lease => host.tryAcquire('default', 'menu') ?? assert.fail('it is not called');
    const end = (one: Lease, remainingMs: number, begun = false) => {
      one.holder = { fail() {}, remainingMs, begun };
      one.release();
    };
    return { world, host, told, lease, end, followed: () => followed };
  }

  /** One call; `deaf` answers nothing. */
  function call({ lease, end }: ReturnType<typeof start>, deaf: string): string | undefined {
    const one = lease();
    if (one.via === deaf) end(one, 1);
    else end(one, 500, true);
    return one.via;
  }

  it('leaves the rotation, is told of, and comes back with its first answer', async () => {
    const started = start();
    assert.equal(call(started, A), undefined, 'as long as all is well its address is called');
    assert.equal(started.followed(), 0);
    started.end(started.lease(), 1);
    const first = Array.from({ length: 6 }, () => call(started, A));
    assert.equal(first.filter(via => via === A).length, 3, 'each in its turn');
    assert.deepEqual(new Set(Array.from({ length: 20 }, () => call(started, A))), new Set([B]));
    assert.equal(started.told.at(-1), 1);
    assert.match(started.host.status()[0]?.lastError ?? '', /1 of its instances only let/);
    await started.world.pass(59_000);
    const later = Array.from({ length: 4 }, () => call(started, 'none'));
    assert.ok(later.includes(A), 'it has its way back');
    assert.equal(started.told.at(-1), 0);
    assert.equal(started.host.status()[0]?.lastError, undefined);
    await started.world.pass(61_000);
    assert.equal(call(started, A), undefined);
  });

  it('is none where a caller left, or an answer took its time', () => {
    const started = start();
    for (let time = 0; time < 20; time++) {
      started.end(started.lease(), 500);
      started.end(started.lease(), 1, true);
    }
    assert.equal(started.followed(), 0);
    started.end(started.lease(), 1);
    for (let time = 0; time < 20; time++) started.end(started.lease(), 1, true);
    assert.equal(started.told.length, 0);
  });
});
