// Who is alive, and what they want: over a real Redis, whose clock says when somebody has ended.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import { openRedisStore } from '../../../drivers/store/redis/redis-store.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createPresence, type PresenceStore } from '../../../server/shared/presence.ts';
import { eventually } from '../../eventually.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';

const service = findService(redis);

describe('a store that does not take the sign of life of a process', () => {
  it('is told of once, and once when it takes it again', async () => {
    const world = createFakeWorld();
    const told: string[] = [];
    let isFull = false;
    const store: PresenceStore = {
      row: async () => undefined,
      scan: async () => ({ rows: [], next: undefined }),
      apply: async () => assert.ok(!isFull, 'full'),
    };
    const presence = createPresence(world, store, (state, error) => told.push(`${state} ${error ?? ''}`));
    await presence.begin();
    await world.pass(10_000);
    assert.deepEqual(told, []);
    isFull = true;
    await world.pass(10_000);
    assert.deepEqual(told, ['away AssertionError [ERR_ASSERTION]: full']);
    isFull = false;
    await world.pass(10_000);
    assert.deepEqual(told.slice(1), ['back ']);
    await presence.close();
  });
});

if (service)
  describe('the presence of processes', () => {
    let store: Store;
    const closing: (() => Promise<void>)[] = [];
    before(async () => {
      const prefix = `test-${process.pid}-presence`;
      store = await openRedisStore({ world: realWorld, connection: { urls: [service.url()] }, prefix });
    });
    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
    });
    after(async () => {
      await store.drop('processes');
      await store.close();
    });
    /** `dies`: its signs of life end with a time to live of this many milliseconds. */
    const start = async (dies?: number) => {
      const own: Store = {
        ...store,
        apply: (scope, changes) =>
          store.apply(
            scope,
            changes.map(change => ('ttlMs' in change && dies !== undefined ? { ...change, ttlMs: dies } : change)),
          ),
      };
      const presence = createPresence(realWorld, own);
      await presence.begin();
      closing.push(presence.close);
      return presence;
    };

    it('lasts as long as they do, and a little longer when they die', async () => {
      const [one, two, dying] = [await start(), await start(), await start(100)];
      assert.deepEqual(
        [await one.isOver(two.id), await one.isOver(one.id), await one.isOver('unheard of')],
        [false, false, true],
      );
      await two.close();
      assert.equal(await one.isOver(two.id), true);
      await eventually(() => one.isOver(dying.id), 'it is over');
    });

    it('says what others want, from the moment on at which it was told', async () => {
      const [one, two, dying] = [await start(), await start(), await start(2_000)];
      await dying.want('View/a/b', 'older');
      assert.equal(await one.isWanted('View/a/b', 'older'), true);
      await Promise.all([one.want('View/a/b', 'newer'), two.want('View/a/b', 'newer'), two.want('View/a/c', 'x')]);
      assert.deepEqual(
        [await one.isWanted('View/a/b', 'newer'), await one.isAgreed('View/a/b', 'newer')],
        [true, false],
      );
      await eventually(() => one.isAgreed('View/a/b', 'newer'), 'nobody wants the older one');
      assert.equal(await one.isWanted('View/a/b', 'older'), false);
      await two.want('View/a/b', undefined);
      assert.equal(await one.isWanted('View/a/b', 'newer'), false);
    });
  });
