// Documents that processes share: changed by compare-and-set, seen by all, and said again to a
// store that has forgotten them.
import assert from 'node:assert/strict';
import { createDocument } from '../../../server/shared/document.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { createHintHub } from '../../fakes/hint-hub.ts';

const parse = (value: unknown): string[] => {
  assert.ok(Array.isArray(value));
  return value;
};

describe('a document that processes share', () => {
  const setUp = (lost = false) => {
    const world = createFakeWorld();
    const store = createFakeStore(world);
    const hub = createHintHub();
    hub.lost = lost;
    const open = (shared = true) => {
      const hints = shared ? hub.join() : undefined;
      return createDocument<string[]>({ world, store, hints, key: 'names', initial: [], parse });
    };
    return { world, store, open };
  };

  it('is the same everywhere at once when it is changed', async () => {
    const { world, open } = setUp();
    const [one, two] = [open(), open()];
    const heard: string[] = [];
    two.listen((now, before) => heard.push(`${before} → ${now}`));
    await one.update(names => [...names, 'a']);
    await world.pass(0);
    assert.deepEqual([one.current, two.current, heard], [['a'], ['a'], [' → a']]);
    await two.update(names => [...names, 'b']);
    await world.pass(0);
    assert.deepEqual(
      [one.current, two.current],
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
    );
  });

  it('is seen within a second where every hint is lost', async () => {
    const { world, open } = setUp(true);
    const [one, two] = [open(), open()];
    await one.update(() => ['a']);
    await world.pass(1_000);
    assert.deepEqual(two.current, ['a']);
  });

  it('keeps every change of those made at one moment', async () => {
    const { world, open } = setUp();
    const all = Array.from({ length: 5 }, () => open());
    await Promise.all(all.map((each, index) => each.update(names => [...names, `n${index}`])));
    await world.pass(1_000);
    for (const each of all) assert.deepEqual(each.current.toSorted(), ['n0', 'n1', 'n2', 'n3', 'n4']);
  });

  it('is left as it is when the change throws, or changes nothing', async () => {
    const { store, open } = setUp();
    const one = open();
    await one.update(() => ['a']);
    const before = [...store.entries.values()];
    await assert.rejects(
      one.update(() => {
        throw new Error('no');
      }),
    );
    await one.update(names => names);
    assert.deepEqual([...store.entries.values()], before);
  });

  it('is said again to a store that has forgotten it, or has an older one', async () => {
    const { world, store, open } = setUp();
    const one = open();
    await one.update(() => ['a']);
    const [[place, old]] = [...store.entries] as [[string, never]];
    await one.update(() => ['a', 'b']);
    for (const forget of [() => store.entries.clear(), () => store.entries.set(place, old)]) {
      forget();
      await world.pass(1_000);
      const later = open();
      await later.load();
      assert.deepEqual(later.current, ['a', 'b']);
    }
  });

  it('is read as an earlier version wrote it', async () => {
    const { store, open } = setUp();
    await store.put('control', 'names', '["x"]', { ttlMs: 1e9 });
    const one = open(false);
    assert.equal(one.known, false);
    await one.load();
    assert.deepEqual([one.current, one.known], [['x'], true]);
    assert.deepEqual(await one.update(names => [...names, 'y']), ['x', 'y']);
  });

  it('asks nothing where no other process has the store', async () => {
    const { world, store, open } = setUp();
    open(false);
    let asked = 0;
    store.before = async () => void asked++;
    await world.pass(10_000);
    assert.equal(asked, 0);
  });

  it('goes on after the store was away', async () => {
    const { world, store, open } = setUp(true);
    const [one, two] = [open(), open()];
    await one.update(() => ['a']);
    store.before = () => Promise.reject(new Error('away'));
    await world.pass(5_000);
    await assert.rejects(
      two.update(() => ['b']),
      /away/,
    );
    store.before = async () => {};
    await world.pass(1_000);
    assert.deepEqual(two.current, ['a']);
  });

  it('does not keep a process from starting while a store of many is away, but one of this process alone', async () => {
    const { world, store, open } = setUp(true);
    store.before = () => Promise.reject(new Error('away'));
    const one = open();
    const loading = one.load();
    await world.pass(5_000);
    await loading;
    assert.equal(one.known, false);
    store.before = async () => {};
    await world.pass(1_000);
    assert.equal(one.known, true);
    store.before = () => Promise.reject(new Error('away'));
    await assert.rejects(open(false).load(), /away/);
  });

  it('says that it cannot be read rather than take it for empty', async () => {
    const { store, open } = setUp();
    await store.put('control', 'names', '{"at":1,"value":"x"}', { ttlMs: 1e9 });
    await assert.rejects(open().read(), { code: 'data-corrupt' });
    await assert.rejects(
      open().update(() => []),
      { code: 'data-corrupt' },
    );
  });
});
