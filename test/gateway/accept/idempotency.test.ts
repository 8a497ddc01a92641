// Keys of requests whose end nobody saw: taken up again under the same nonce, at once where the
// process that had them is known to be dead.
import assert from 'node:assert/strict';
import { soleIncarnation } from '../../../core/incarnation.ts';
import { beginIdempotent, type KeyedJob } from '../../../gateway/accept/idempotency.ts';
import { rejectsWith } from '../../contract/store/subject.ts';
import { createFakeReminders } from '../../fakes/fake-reminders.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

function setUp() {
  const world = createFakeWorld();
  const store = createFakeStore(world);
  const scope = { world, store, scope: 's', windowMs: 3_600_000 };
  const begin = (incarnation?: string, print = 'same') =>
    beginIdempotent(
      { ...scope, incarnation: incarnation === undefined ? undefined : soleIncarnation(incarnation) },
      'key',
      print,
    );
  /** By a gateway whose clock stands there. */
  const beginAt = (now: number) => beginIdempotent({ ...scope, world: { ...world, now: () => now } }, 'key', 'same');
  return { world, store, scope, begin, beginAt };
}

const nonceOf = (attempt: KeyedJob) => ('nonce' in attempt ? attempt.nonce : assert.fail(attempt.job));

describe('an idempotency key whose request was cut off', () => {
  it('is free at once for the next process, which appends the same job', async () => {
    const { begin } = setUp();
    const nonce = nonceOf(await begin('first'));
    const again = await begin('second');
    assert.ok('nonce' in again && again.nonce === nonce);
    await rejectsWith('in-progress', begin('second'));
    await again.accepted('0-1-one');
    assert.deepEqual(await begin('second'), { job: '0-1-one' });
  });

  it('does not stay taken until tomorrow where it was begun by a clock that is a day ahead', async () => {
    const { world, begin, beginAt } = setUp();
    const nonce = nonceOf(await beginAt(world.now() + 86_400_000));
    assert.equal(nonceOf(await begin()), nonce);
  });

  it('is given to one of two that ask after a restart', async () => {
    const { begin } = setUp();
    await begin('first');
    const both = await Promise.allSettled([begin('second'), begin('second')]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  it('is left to a later release that remembers it, whatever is asked for', async () => {
    const { store, scope, begin } = setUp();
    await begin('first');
    const [name = ''] = [...store.entries.keys()].map(key => key.split('\n')[1]);
    const later = JSON.stringify({ v: 2, print: 'another kind', nonce: 'one', at: 0 });
    await store.put(scope.scope, name, later, { ttlMs: scope.windowMs });
    for (const print of ['same', 'other']) await rejectsWith('later-release', begin('second', print));
    assert.equal(Buffer.from((await store.get(scope.scope, name))?.value ?? []).toString(), later);
  });

  it('stays bound to its request', async () => {
    const { begin } = setUp();
    await begin('first');
    await rejectsWith('key-reused', begin('second', 'other'));
  });

  for (const [what, first, second] of [
    ['of a process that lives', 'first', 'first'],
    ['where others use the store as well', undefined, undefined],
    ['that a process without an incarnation has left', undefined, 'second'],
  ] as const) {
    it(`stays taken for half a minute ${what}`, async () => {
      const { world, begin } = setUp();
      const nonce = nonceOf(await begin(first));
      await world.pass(29_999);
      await rejectsWith('in-progress', begin(second));
      await world.pass(1);
      assert.equal(nonceOf(await begin(second)), nonce);
    });
  }
});

describe('an idempotency key that the store has forgotten', () => {
  it('gives the same job once the store was reminded', async () => {
    const { store, scope } = setUp();
    const { reminders, remind } = createFakeReminders();
    const begin = () => beginIdempotent({ ...scope, reminders }, 'key', 'same');
    const first = await begin();
    const begun = new Map(store.entries);
    assert.ok('nonce' in first);
    await first.accepted('0-1-one');
    for (const known of [begun, new Map()]) {
      store.entries.clear();
      for (const [key, entry] of known) store.entries.set(key, entry);
      await remind();
      assert.deepEqual(await begin(), { job: '0-1-one' });
    }
  });

  it('gives the same job where a process that is gone had noted it, once another has met it', async () => {
    const { world, store, scope, begin } = setUp();
    const { reminders, remind } = createFakeReminders();
    const first = await begin('gone');
    assert.ok('nonce' in first);
    await first.accepted('0-1-one');
    const beginHere = () => beginIdempotent({ ...scope, reminders }, 'key', 'same');
    await beginHere();
    store.entries.clear();
    await world.pass(60_000);
    await remind(60_000);
    assert.deepEqual(await beginHere(), { job: '0-1-one' });
    await world.pass(scope.windowMs - 60_000);
    assert.ok('nonce' in (await beginHere()), 'its window is over');
  });

  it('is the same job where the store forgot before it was reminded, for each of several gateways', async () => {
    const { world, store, begin, beginAt } = setUp();
    const nonce = nonceOf(await begin());
    for (const laterMs of [0, 40, 1_000]) {
      store.entries.clear();
      assert.equal(nonceOf(await beginAt(world.now() + laterMs)), nonce);
    }
    store.entries.clear();
    assert.notEqual(nonceOf(await begin(undefined, 'other')), nonce, 'another request');
  });

  it('is another job once its window is over, whenever that began', async () => {
    const { world, store, scope, beginAt } = setUp();
    for (let tenth = 0; tenth < 10; tenth++) {
      const began = world.now() + (tenth * scope.windowMs) / 10;
      const nonce = nonceOf(await beginAt(began));
      store.entries.clear();
      assert.notEqual(nonceOf(await beginAt(began + scope.windowMs)), nonce);
      store.entries.clear();
    }
  });
});
