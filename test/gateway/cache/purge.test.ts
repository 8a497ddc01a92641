// Purging: by route, path, prefix and tag, and what is fetched meanwhile.
import assert from 'node:assert/strict';
import { createCacheStore } from '../../../gateway/cache/cache-store.ts';
import { createStoredAnswer } from '../../../gateway/cache/stored-answer.ts';
import type { PurgeSelector } from '../../../gateway/plan/instruments.ts';

const freshness = { ttlMs: 1000, staleWhileMs: 0, staleIfErrorMs: 0, ageMs: 0, isPublic: false, vary: [] };

function answer(path: string, tags = '', name = 'shop', vary: string[] = []) {
  return createStoredAnswer({
    owner: { namespace: 'default', name, route: path.replace(/\d+/, ':id') },
    path,
    status: 200,
    fields: ['Cache-Tag', tags],
    body: Buffer.from('x'),
    freshness: { ...freshness, vary },
    now: 0,
  });
}

function fill() {
  const store = createCacheStore(1_000_000);
  for (const each of [
    answer('/menu/1', 'menu, hot'),
    answer('/menu/2', 'menu'),
    answer('/orders', ''),
    answer('/menu/1', '', 'other'),
  ]) {
    store.put(`${each.owner.name} ${each.path}`, [], each, 0);
  }
  return store;
}

describe('a purge', () => {
  const rows: Record<string, [PurgeSelector, number]> = {
    'a path': [{ path: '/menu/1' }, 2],
    'a path of one Api': [{ path: '/menu/1', api: 'shop' }, 1],
    'a prefix': [{ prefix: '/menu/' }, 3],
    'a route': [{ route: '/menu/:id', api: 'shop' }, 2],
    'a tag': [{ tag: 'menu' }, 2],
    'a tag among several': [{ tag: 'hot' }, 1],
    'no part of a tag': [{ tag: 'men' }, 0],
    'another namespace': [{ namespace: 'prod' }, 0],
    everything: [{}, 4],
  };
  for (const [name, [selector, count]] of Object.entries(rows)) {
    it(`forgets ${name}`, () => {
      const store = fill();
      assert.equal(store.purge(selector), count);
      assert.equal(store.size, 4 - count);
      assert.equal(store.bytes === 0, count === 4);
    });
  }

  it('also forgets what was being fetched when it came', () => {
    const store = createCacheStore(1_000_000);
    const { epoch } = store;
    store.purge({});
    assert.equal(store.put('x', [], answer('/menu/1'), epoch), false);
    assert.equal(store.size, 0);
  });
});

describe('the store', () => {
  it('gives its memory back, whatever was kept, replaced, varied and forgotten', () => {
    const store = createCacheStore(20_000);
    for (let index = 0; index < 500; index++) {
      const vary = index % 3 === 0 ? ['accept-language'] : [];
      const fields = ['accept-language', String(index % 7)];
      store.put(`key ${index % 40}`, fields, answer(`/menu/${index % 40}`, '', 'shop', vary), store.epoch);
      assert.ok(store.bytes <= 20_000);
    }
    assert.ok(store.size > 5);
    store.purge({});
    assert.deepEqual([store.size, store.bytes], [0, 0]);
  });

  it('forgets what was used longest ago', () => {
    const store = createCacheStore(6 * 1200);
    for (let index = 0; index < 4; index++) store.put(`key ${index}`, [], answer(`/menu/${index}`), 0);
    store.find('key 0', [], 5000);
    for (let index = 4; index < 7; index++) store.put(`key ${index}`, [], answer(`/menu/${index}`), 0);
    assert.ok(store.find('key 0', [], 5000));
    assert.ok(!store.find('key 1', [], 5000));
  });

  it('keeps nothing that is larger than itself', () => {
    assert.equal(createCacheStore(100).put('x', [], answer('/menu/1'), 0), false);
  });
});
