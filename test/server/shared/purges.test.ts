// Purges that every gateway must see, also one that was away for so long that the
// list has gone on without it.
import assert from 'node:assert/strict';
import type { PurgeQuery } from '../../../admin/policy-view.ts';
import { createPurges } from '../../../server/shared/purges.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { createHintHub } from '../../fakes/hint-hub.ts';

describe('purges of all gateways', () => {
  const setUp = () => {
    const world = createFakeWorld();
    const store = createFakeStore(world);
    const hub = createHintHub();
    const start = async (own = store) => {
      const forgotten: PurgeQuery[] = [];
      const forget = (query: PurgeQuery) => forgotten.push(query);
      const purges = createPurges({ world, store: own, hints: hub.join(), forget });
      await purges.load();
      return { purges, forgotten };
    };
    return { world, store, hub, start };
  };

  it('reach each once, in their order, and not one that starts later', async () => {
    const { world, start } = setUp();
    const [one, two] = [await start(), await start()];
    await one.purges.purge({ tag: 'a' });
    await one.purges.purge({ api: 'shop', path: '/menu' });
    await world.pass(2_000);
    assert.deepEqual(two.forgotten, [{ tag: 'a' }, { api: 'shop', path: '/menu' }]);
    const late = await start();
    await world.pass(2_000);
    assert.deepEqual(late.forgotten, []);
  });

  it('are made good by one that could not hear of them, whole where the list has gone on', async () => {
    const { world, store, hub, start } = setUp();
    hub.lost = true;
    const one = await start();
    let away = false;
    const own = {
      ...store,
      get: (...args: [string, string]) => (away ? Promise.reject(new Error('away')) : store.get(...args)),
    };
    const two = await start(own);
    away = true;
    for (let count = 0; count < 3; count++) await one.purges.purge({ tag: `${count}` });
    await world.pass(5_000);
    assert.deepEqual(two.forgotten, []);
    away = false;
    await world.pass(1_000);
    assert.deepEqual(two.forgotten, [{ tag: '0' }, { tag: '1' }, { tag: '2' }]);
    away = true;
    for (let count = 0; count < 250; count++) await one.purges.purge({ tag: `${count}` });
    away = false;
    await world.pass(1_000);
    assert.deepEqual(two.forgotten.slice(3), [{}]);
  });

  it('forget all at one that started while the store was away, as soon as it knows of any', async () => {
    const { world, store, start } = setUp();
    const one = await start();
    await one.purges.purge({ tag: 'a' });
    let away = true;
    const own = {
      ...store,
      get: (...args: [string, string]) => (away ? Promise.reject(new Error('away')) : store.get(...args)),
    };
    const starting = start(own);
    await world.pass(6_000);
    away = false;
    await world.pass(1_000);
    assert.deepEqual((await starting).forgotten, [{}]);
  });

  it('happen here, and are refused, when others cannot be told', async () => {
    const { store, start } = setUp();
    const one = await start();
    store.before = () => Promise.reject(new Error('away'));
    await assert.rejects(one.purges.purge({ tag: 'a' }), /away/);
    assert.deepEqual(one.forgotten, [{ tag: 'a' }]);
  });
});
