// A store that fails over is told again what it was told last, whatever happens meanwhile, and one
// that does not is left alone.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import { createReminders, putLasting } from '../../../drivers/store/reminders.ts';
import type { PutOptions } from '../../../drivers/store/store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const SECOND = 1000;
const MINUTE = 60_000;

async function setUp() {
  const world = createFakeWorld();
  const knows = new Set<string>();
  const store = {
    name: 'first',
    asked: 0,
    told: [] as string[],
    isAway: false,
    async keeper() {
      store.asked++;
      if (store.isAway) throw new TenfoldError('store-unavailable', 'away');
      return store.name;
    },
    /** Another takes over, which knows nothing of what was told. */
    failOver() {
      store.name = `after ${store.name}`;
      knows.clear();
    },
  };
  const counts: number[] = [];
  const heldMs: number[] = [];
  const reminded = (count: number, ms: number) => {
    counts.push(count);
    heldMs.push(ms);
  };
  const reminders = createReminders({ world, store, reminded });
  await world.pass(0);
  const tell = (what: string, bytes = 0) => {
    knows.add(what);
    reminders.remember(bytes, async () => {
      if (store.isAway) throw new TenfoldError('store-unavailable', 'away');
      store.told.push(what);
      knows.add(what);
    });
  };
  return { world, store, knows, counts, heldMs, reminders, tell };
}

function settled(promise: Promise<void>): { isOver: boolean } {
  const state = { isOver: false };
  void promise.then(() => {
    state.isOver = true;
  });
  return state;
}

describe('reminders', () => {
  it('tell a new keeper all of the last minute, and nobody else', async () => {
    const { world, store, knows, counts, tell } = await setUp();
    tell('a');
    await world.pass(2 * SECOND);
    tell('b');
    await world.pass(50 * SECOND);
    assert.deepEqual(store.told, []);
    store.failOver();
    await world.pass(SECOND);
    assert.deepEqual([...knows].sort(), ['a', 'b']);
    assert.deepEqual(counts, [2]);
    await world.pass(MINUTE + SECOND);
    assert.deepEqual(counts, [2]);
    store.failOver();
    tell('c');
    await world.pass(SECOND);
    assert.deepEqual([...knows], ['c']);
  });

  it('tell what could not be told as soon as the same keeper takes it, and once', async () => {
    const { world, store, counts, reminders, tell } = await setUp();
    tell('a');
    await world.pass(2 * SECOND);
    store.isAway = true;
    const put = async () => {
      if (store.isAway) throw new TenfoldError('store-unavailable', 'away');
      store.told.push('b');
      return { written: true as const, version: '2' };
    };
    const lasting = { scope: 's', key: 'k', value: 'b', ttlMs: MINUTE, version: '1' };
    await assert.rejects(putLasting({ put }, reminders, lasting), { code: 'store-unavailable' });
    await world.pass(5 * SECOND);
    assert.deepEqual(store.told, []);
    store.isAway = false;
    await world.pass(5 * SECOND);
    assert.deepEqual(store.told, ['b']);
    assert.deepEqual(counts, []);
  });

  it('ask for nobody while nothing is kept', async () => {
    const { world, store, tell } = await setUp();
    tell('a');
    await world.pass(2 * MINUTE);
    const { asked } = store;
    await world.pass(60 * MINUTE);
    assert.equal(store.asked, asked);
  });

  it('tell what comes between two keepers, though the first was never asked', async () => {
    const { world, store, knows, tell } = await setUp();
    await world.pass(MINUTE);
    store.failOver();
    tell('a');
    store.failOver();
    await world.pass(SECOND);
    assert.deepEqual([...knows], ['a']);
  });

  it('begin anew when the store goes away while it is told, and forget nothing as long as it is away', async () => {
    const { world, store, knows, counts, tell } = await setUp();
    tell('a');
    store.failOver();
    store.isAway = true;
    await world.pass(5 * MINUTE);
    assert.deepEqual([...knows], []);
    store.isAway = false;
    await world.pass(SECOND);
    assert.deepEqual([...knows], ['a']);
    assert.deepEqual(counts, [1]);
  });

  it('go on behind what the store will not take', async () => {
    const { world, store, knows, counts, reminders, tell } = await setUp();
    tell('a');
    reminders.remember(0, async () => {
      throw new TenfoldError('invalid-input', 'never');
    });
    tell('b');
    store.failOver();
    await world.pass(3 * SECOND);
    assert.deepEqual([...knows].sort(), ['a', 'b']);
    assert.deepEqual(counts, [3]);
  });

  it('look a last time when they are closed, and wait for no store that is away where there is no time for it', async () => {
    const { world, store, knows, reminders, tell } = await setUp();
    tell('a');
    store.failOver();
    await reminders.close(0);
    assert.deepEqual([...knows], ['a']);
    store.isAway = true;
    await reminders.close(0);
    const { asked } = store;
    await world.pass(MINUTE);
    assert.equal(store.asked, asked);
  });

  it('end no sooner than the store has had two seconds for what it was told last', async () => {
    const { world, store, knows, reminders, tell } = await setUp();
    tell('a');
    const closing = settled(reminders.close(20 * SECOND));
    await world.pass(SECOND);
    store.failOver();
    await world.pass(SECOND);
    assert.deepEqual([...knows], ['a']);
    await world.pass(SECOND);
    assert.ok(closing.isOver);
    tell('b');
    await world.pass(2 * SECOND);
    const again = settled(reminders.close(20 * SECOND));
    await world.pass(0);
    assert.ok(again.isOver, 'what is older keeps nobody');
  });

  it('tell a store that is away when they are closed as soon as it is back', async () => {
    const { world, store, knows, reminders, tell } = await setUp();
    tell('a');
    store.failOver();
    store.isAway = true;
    const closing = settled(reminders.close(20 * SECOND));
    await world.pass(4 * SECOND);
    assert.ok(!closing.isOver);
    store.isAway = false;
    await world.pass(SECOND);
    assert.ok(closing.isOver);
    assert.deepEqual([...knows], ['a']);
  });

  it('wait for a store that is away for ten seconds, or as long as there is time', async () => {
    for (const [graceMs, endsAfterMs] of [
      [60 * SECOND, 10 * SECOND],
      [3 * SECOND, 3 * SECOND],
    ] as const) {
      const { world, store, reminders, tell } = await setUp();
      tell('a');
      store.isAway = true;
      const closing = settled(reminders.close(graceMs));
      await world.pass(endsAfterMs - 1);
      assert.ok(!closing.isOver);
      await world.pass(1);
      assert.ok(closing.isOver);
    }
  });

  it('hold 32 MB at most: what is older is left to the store, and they say since when they hold all', async () => {
    const { world, store, heldMs, tell } = await setUp();
    for (const what of ['a', 'b', 'c']) {
      tell(what, 15 * 1024 * 1024);
      await world.pass(10 * SECOND);
    }
    store.failOver();
    await world.pass(SECOND);
    assert.deepEqual(store.told.sort(), ['b', 'c']);
    const [held = 0] = heldMs;
    assert.ok(held >= 30 * SECOND && held <= 31 * SECOND, `${held} ms`);
    await world.pass(MINUTE);
    tell('d');
    store.failOver();
    await world.pass(SECOND);
    assert.equal(heldMs.at(-1), MINUTE);
  });
});

describe('reminders of what has a time to live', () => {
  it('give it no more of that, and are not given once it is over', async () => {
    const { world, store, reminders } = await setUp();
    const put = async (_scope: string, key: string, _value: unknown, { ttlMs }: PutOptions) => {
      store.told.push(`${key} for ${ttlMs}`);
      return { written: true as const, version: '2' };
    };
    const lasting = { scope: 's', value: '', version: '1' };
    await putLasting({ put }, reminders, { ...lasting, key: 'a', ttlMs: 10 * SECOND });
    await putLasting({ put }, reminders, { ...lasting, key: 'b', ttlMs: MINUTE });
    await world.pass(20 * SECOND);
    store.told.length = 0;
    store.failOver();
    await world.pass(SECOND);
    const [told, ...more] = store.told;
    assert.deepEqual(more, []);
    const left = Number(told?.replace('b for ', ''));
    assert.ok(left > 38 * SECOND && left <= 40 * SECOND, told);
  });
});
