// What the store on SQLite does by itself: it removes what has expired, and
// its clock never goes back.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { World } from '../../../../core/world.ts';
import type { Change } from '../../../../drivers/store/changes.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { eventually } from '../../../eventually.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { openStore } from './open-store.ts';

const HOUR = 3_600_000;

describe('upkeep of the store on SQLite', () => {
  let folder: TemporaryFolder;
  let opened: Store[];
  beforeEach(() => {
    folder = temporaryFolder();
    opened = [];
  });
  afterEach(async () => {
    for (const store of opened) await store.close();
    folder.remove();
  });
  const open = async (world: World) => {
    const store = await openStore(folder.file, world);
    opened.push(store);
    return store;
  };

  it('removes what has expired from the file, in slices, and leaves the rest', async () => {
    const world = createFakeWorld();
    const store = await open(world);
    const changes = (ttlMs: number, end: string): Change[] =>
      Array.from({ length: 1200 }, (_, n) => `${n}${end}`).flatMap(name => [
        { kind: 'put', key: name, value: '', ttlMs },
        { kind: 'put-row', table: 't', key: name, value: '', ttlMs, indexes: { i: [name] } },
        { kind: 'score', ranking: `r${end}`, member: name, score: 1, mode: 'sum', limit: 5000, ttlMs },
        { kind: 'push', feed: 'f', owner: 'o', id: name, at: 1, value: '', limit: 5000, ttlMs },
        { kind: 'count', counter: name, by: 1, ttlMs },
      ]);
    await store.apply('s', changes(50, 'short'));
    await store.apply('s', changes(HOUR, 'long'));
    const db = new DatabaseSync(folder.file, { readOnly: true });
    const tables = ['store_row', 'store_place', 'store_ranked', 'store_feed', 'store_counter'];
    const counts = () => tables.map(table => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
    assert.deepEqual(counts(), [4800, 2400, 2400, 2400, 2400]);
    await eventually(async () => {
      await world.pass(1000);
      return counts().join() === '2400,1200,1200,1200,1200';
    }, 'only what has not expired is left');
    db.close();
    assert.equal((await store.scan('s', 't', { index: 'i', limit: 5000 })).rows.length, 1200);
  });

  it('lets no time to live end earlier or much later when the clock of the machine is set back or forth', async () => {
    let wall = 1_000_000;
    let steady = 0;
    const world = { ...createFakeWorld(), now: () => wall, monotonic: () => steady };
    const store = await open(world);
    await store.put('s', 'k', '', { ttlMs: 1000 });
    wall += 86_400_000;
    assert.ok(await store.get('s', 'k'), 'a day forth');
    wall -= 2 * 86_400_000;
    steady += 1001;
    assert.equal(await store.get('s', 'k'), undefined, 'a day back');
  });

  it('does not go back in time when it is opened after the clock of the machine was set back', async () => {
    const store = await open(createFakeWorld(10_000_000));
    await store.put('s', 'k', '', { ttlMs: 1000 });
    await store.close();
    const earlier = createFakeWorld(1_000_000);
    const again = await open(earlier);
    assert.ok(await again.get('s', 'k'));
    await earlier.pass(1001);
    assert.equal(await again.get('s', 'k'), undefined);
  });
});
