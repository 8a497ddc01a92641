// What holds of cached values whatever order the store answers in, and whoever dies
// between two of its answers.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeEntry } from '../../../gateway/cache-endpoint/cache-entry.ts';
import { type CachedValues, createCachedValues, type NewValue } from '../../../gateway/cache-endpoint/cached-values.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const textValue = (text: string, more: Partial<NewValue> = {}): NewValue => ({
  bytes: Buffer.from(text),
  type: 'text/plain',
  ttlMs: 60_000,
  staleMs: 0,
  tags: [],
  by: undefined,
  ...more,
});

describe('cached values', () => {
  it('of one namespace are nothing to another', async () => {
    const world = createFakeWorld();
    const store = createFakeStore(world);
    const shop = createCachedValues(world, store, 'shop');
    const bank = createCachedValues(world, store, 'bank');
    await shop.put('rate', textValue('1', { tags: ['rates'] }), 'always');
    assert.equal(await bank.get('rate'), undefined);
    assert.equal((await bank.take('rate', { ttlMs: 1000, tags: [] })).kind, 'lease');
    assert.equal(await bank.delete('rate', undefined), false);
    await bank.purge(['rates']);
    assert.equal((await shop.get('rate'))?.bytes.toString(), '1');
    assert.equal((await shop.take('rate', { ttlMs: 1000, tags: [] })).kind, 'hit');
  });

  it('never say what the source said before a change, once that has been told by a delete, a purge or a set', () =>
    fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom('load', 'load', 'delete', 'purge', 'set', 'read'), { minLength: 3, maxLength: 9 }),
        fc.constantFrom(0, 60_000),
        async (scheduler, steps, staleMs) => {
          const world = createFakeWorld();
          const store = createFakeStore(world);
          store.before = what => scheduler.schedule(Promise.resolve(), what);
          const values = createCachedValues(world, store, 'shop');
          const more = { staleMs, tags: ['menu'] };
          let source = 0;
          // Sets come from one writer, as those of different ones have no order
          // that the cache could know.
          let writing = Promise.resolve();
          const act = {
            async load() {
              const turn = await values.take('menu', { ttlMs: 10_000, tags: ['menu'] });
              if (turn.kind !== 'lease') return;
              const read = await scheduler.schedule(Promise.resolve(), 'source').then(() => source);
              await values.put('menu', textValue(String(read), { staleMs }), { lease: turn.token });
            },
            async delete() {
              source++;
              await values.delete('menu', undefined);
            },
            async purge() {
              source++;
              await values.purge(['menu']);
            },
            set() {
              writing = writing.then(async () => {
                const next = ++source;
                await values.put('menu', textValue(String(next), more), 'always');
                if (source !== next) await values.delete('menu', undefined);
              });
              return writing;
            },
            async read() {
              await values.get('menu');
            },
          };
          const begun = (step: keyof typeof act) => scheduler.schedule(Promise.resolve(), step).then(() => act[step]());
          const all = Promise.all(steps.map(begun));
          await scheduler.waitFor(all);
          const found = await scheduler.waitFor(values.get('menu'));
          if (found) assert.equal(found.bytes.toString(), String(source));
        },
      ),
      { numRuns: 1000 },
    ));

  for (const [what, disturb] of [
    ['deleted', (values: CachedValues) => values.delete('menu', undefined)],
    ['purged', (values: CachedValues) => values.purge(['menu'])],
    ['set', (values: CachedValues) => values.put('menu', textValue('new', { tags: ['menu'] }), 'always')],
  ] as const) {
    it(`are not overwritten by what was made before, wherever in between they are ${what}`, async () => {
      for (let place = 1; ; place++) {
        const world = createFakeWorld();
        const store = createFakeStore(world);
        const values = createCachedValues(world, store, 'shop');
        let source = 'old';
        let calls = 0;
        store.before = async () => {
          if (++calls !== place) return;
          source = 'new';
          await disturb(values);
        };
        const turn = await values.take('menu', { ttlMs: 10_000, tags: ['menu'] });
        const made = source;
        if (turn.kind === 'lease') await values.put('menu', textValue(made), { lease: turn.token });
        const last = calls < place;
        const found = await values.get('menu');
        if (!last && found) assert.equal(found.bytes.toString(), 'new', `at call ${place}`);
        if (last) return assert.ok(place > 8, 'it happened at each of the calls');
      }
    });
  }

  it('are served old at worst when whoever writes dies in between, and can be made anew', async () => {
    for (let survived = 0; ; survived++) {
      const world = createFakeWorld();
      const store = createFakeStore(world);
      const values = createCachedValues(world, store, 'shop');
      await values.put('menu', textValue('old', { ttlMs: 1000, staleMs: 60_000 }), 'always');
      await world.pass(1001);
      let calls = 0;
      store.before = async () => {
        if (++calls > survived) throw new Error('died');
      };
      const work = async () => {
        const turn = await values.take('menu', { ttlMs: 10_000, tags: ['menu'] });
        assert.ok(turn.kind === 'lease');
        await values.put('menu', textValue('new', { staleMs: 60_000 }), { lease: turn.token });
      };
      const died = await work().then(
        () => false,
        () => true,
      );
      store.before = async () => {};
      const fresh = await values.get('menu');
      assert.ok(fresh === undefined || fresh.bytes.toString() === 'new');
      await world.pass(10_001);
      const turn = await values.take('menu', { ttlMs: 10_000, tags: ['menu'] });
      if (turn.kind === 'lease') assert.match(String(turn.stale?.bytes), /^(old|new)$/);
      else assert.equal(turn.kind, 'hit');
      if (!died) return assert.ok(survived > 6, 'the whole work was interrupted at each of its steps');
    }
  });

  it('end the lease of a value with it, so that the next one need not wait', async () => {
    const world = createFakeWorld();
    const values = createCachedValues(world, createFakeStore(world), 'shop');
    const take = () => values.take('menu', { ttlMs: 600_000, tags: [] });
    for (const end of [
      () => values.delete('menu', undefined),
      () => values.put('menu', textValue('short', { ttlMs: 1 }), 'always'),
    ]) {
      assert.equal((await take()).kind, 'lease');
      await end();
      await world.pass(2);
      assert.equal((await take()).kind, 'lease');
      await values.delete('menu', undefined);
    }
  });

  it('that are no values are named as damage', () => {
    assert.throws(() => decodeEntry(Buffer.from('nonsense')), { code: 'data-corrupt' });
  });
});
