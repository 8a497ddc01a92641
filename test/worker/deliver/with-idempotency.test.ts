// Windows of idempotency: a key is delivered once, also when two deliveries meet, a process dies
// between, or the store is away.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import { soleIncarnation } from '../../../core/incarnation.ts';
import { noReminders } from '../../../drivers/store/reminders.ts';
import type { Outcome } from '../../../worker/deliver/destination.ts';
import { withIdempotency } from '../../../worker/deliver/with-idempotency.ts';
import { createFakeReminders } from '../../fakes/fake-reminders.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { destinationOf, itemOf, never } from './items.ts';

const same = (offset: number, data: unknown = { total: 7 }) => itemOf({ id: 'o-1', data }, { offset });
const failed: Outcome = { kind: 'failed', retryable: true, error: { message: 'no' } };

const FIXED = {
  group: 'g',
  key: '${event.id}',
  windowMs: 60_000,
  workMs: 30_000,
  topic: 't',
  reminders: noReminders,
};

function setUp(decide: Parameters<typeof destinationOf>[0] = () => ({ kind: 'done' })) {
  const world = createFakeWorld();
  const store = createFakeStore(world);
  const inner = destinationOf(decide);
  const options = { ...FIXED, world, store };
  return { world, store, inner, destination: withIdempotency(inner, options) };
}

const incarnationOf = (id: string | undefined) => (id === undefined ? undefined : soleIncarnation(id));

describe('idempotency window', () => {
  it('leaves out what was delivered, and forgets it after the window', async () => {
    const { destination, inner, world } = setUp();
    assert.deepEqual(await destination.deliver([same(1)], never), [{ kind: 'done' }]);
    assert.deepEqual(await destination.deliver([same(2)], never), [{ kind: 'done' }]);
    assert.equal(inner.seen.length, 1);
    await world.pass(60_001);
    await destination.deliver([same(3)], never);
    assert.equal(inner.seen.length, 2);
  });

  it('gives up an event with a known key and other data', async () => {
    const { destination, inner } = setUp();
    await destination.deliver([same(1)], never);
    const [outcome] = await destination.deliver([same(2, { total: 8 })], never);
    assert.partialDeepStrictEqual(outcome as object, { kind: 'failed', retryable: false });
    assert.equal(inner.seen.length, 1);
  });

  it('leaves an event to a later release that has marked its key, and delivers the others', async () => {
    const { destination, inner, store, world } = setUp();
    await destination.deliver([same(1)], never);
    const [scope = '', key = ''] = [...store.entries.keys()][0]?.split('\n') ?? [];
    const later = JSON.stringify({ v: 2, delivered: true });
    await store.put(scope, key, later, { ttlMs: 60_000 });
    const before = world.monotonic();
    const outcomes = await destination.deliver([same(2), itemOf({ id: 'o-2' }, { offset: 3 })], never);
    assert.partialDeepStrictEqual(outcomes as object[], [{ kind: 'later', error: { status: 503 } }, { kind: 'done' }]);
    assert.match(JSON.stringify(outcomes[0]), /the mark of an idempotency key has version 2, of a later release/);
    assert.equal(world.monotonic(), before, 'it is not waited for');
    assert.equal(inner.seen.length, 2);
    assert.equal(Buffer.from((await store.get(scope, key))?.value ?? []).toString(), later);
  });

  it('tries a failed event again, and a second one of its key as well', async () => {
    const outcomes: Outcome[] = [failed, failed, { kind: 'done' }];
    const { destination, inner } = setUp(() => outcomes.shift() ?? failed);
    await destination.deliver([same(1)], never);
    await destination.deliver([same(1)], never);
    assert.deepEqual(await destination.deliver([same(2)], never), [{ kind: 'done' }]);
    assert.equal(inner.seen.length, 3);
  });

  it('waits for the first when it is under way, and then does nothing', async () => {
    let finish = (_: Outcome) => {};
    const { destination, inner, world } = setUp(() => new Promise(resolve => (finish = resolve)));
    const first = destination.deliver([same(1)], never);
    const second = destination.deliver([same(2)], never);
    await world.pass(300);
    finish({ kind: 'done' });
    await world.pass(300);
    assert.deepEqual(await Promise.all([first, second]), [[{ kind: 'done' }], [{ kind: 'done' }]]);
    assert.equal(inner.seen.length, 1);
  });

  it('tries later when the first takes long, and takes over when nobody can be at it any more', async () => {
    const { destination, inner, world } = setUp(() => new Promise(() => {}));
    void destination.deliver([same(1)], never);
    const second = destination.deliver([same(2)], never);
    await world.pass(3_000);
    assert.partialDeepStrictEqual((await second) as object[], [{ kind: 'later', own: true }]);
    await world.pass(30_000);
    void destination.deliver([same(2)], never);
    await world.pass(200);
    assert.deepEqual(
      inner.seen.map(({ record }) => record.offset),
      [1, 2],
    );
  });

  for (const aheadMs of [600_000, -600_000])
    it(`measures that by the store, where another clock is ${aheadMs} ms ahead`, async () => {
      const { inner, store, world } = setUp(() => new Promise(() => {}));
      const options = { ...FIXED, store };
      const elsewhere = { ...world, now: () => world.now() + aheadMs };
      void withIdempotency(inner, { ...options, world }).deliver([same(1)], never);
      await world.pass(1);
      const other = withIdempotency(inner, { ...options, world: elsewhere });
      const early = other.deliver([same(2)], never);
      await world.pass(3_000);
      assert.partialDeepStrictEqual((await early) as object[], [{ kind: 'later', own: true }]);
      assert.equal(inner.seen.length, 1);
      await world.pass(30_000);
      void other.deliver([same(2)], never);
      await world.pass(200);
      assert.equal(inner.seen.length, 2);
    });

  it('does not wait for an event of its own batch', async () => {
    const { destination, inner } = setUp();
    const outcomes = await destination.deliver([same(1), same(2)], never);
    assert.partialDeepStrictEqual(outcomes as object[], [{ kind: 'done' }, { kind: 'later', own: true }]);
    assert.equal(inner.seen.length, 1);
  });
});

describe('idempotency window over crashes and outages', () => {
  it('goes on with its own event after a crash', async () => {
    const { destination, inner, store, world } = setUp(() => new Promise(() => {}));
    void destination.deliver([same(1)], never);
    await world.pass(1);
    const after = destinationOf(() => ({ kind: 'done' }));
    const options = { ...FIXED, world, store };
    assert.deepEqual(await withIdempotency(after, options).deliver([same(1)], never), [{ kind: 'done' }]);
    assert.equal(inner.seen.length + after.seen.length, 2);
  });

  it('takes over at once from a process that has ended, where only one can use the store', async () => {
    const { inner, store, world } = setUp(() => new Promise(() => {}));
    const options = { ...FIXED, world, store };
    void withIdempotency(inner, { ...options, incarnation: soleIncarnation('first') }).deliver([same(1)], never);
    await world.pass(1);
    const after = destinationOf(() => ({ kind: 'done' }));
    const next = withIdempotency(after, { ...options, incarnation: soleIncarnation('second') });
    const delivered = next.deliver([same(2)], never);
    await world.pass(1);
    assert.equal(after.seen.length, 1);
    assert.deepEqual(await delivered, [{ kind: 'done' }]);
    assert.deepEqual(await next.deliver([same(1)], never), [{ kind: 'done' }]);
    assert.equal(after.seen.length, 1);
  });

  for (const [what, incarnations] of [
    ['of its own process', ['first', 'first']],
    ['where others use the store as well', [undefined, undefined]],
    ['that a process without an incarnation has left', [undefined, 'second']],
  ] as const) {
    it(`leaves a delivery alone ${what}`, async () => {
      const { inner, store, world } = setUp(() => new Promise(() => {}));
      const options = { ...FIXED, world, store };
      void withIdempotency(inner, { ...options, incarnation: incarnationOf(incarnations[0]) }).deliver(
        [same(1)],
        never,
      );
      await world.pass(1);
      const second = withIdempotency(inner, { ...options, incarnation: incarnationOf(incarnations[1]) }).deliver(
        [same(2)],
        never,
      );
      await world.pass(3_000);
      assert.partialDeepStrictEqual((await second) as object[], [{ kind: 'later', own: true }]);
      assert.equal(inner.seen.length, 1);
    });
  }

  it('lets everything wait while the store is away, and keeps a success when it goes away behind it', async () => {
    const { destination, inner, store } = setUp();
    const away = async () => {
      throw new TenfoldError('store-unavailable', 'away');
    };
    store.before = away;
    assert.partialDeepStrictEqual((await destination.deliver([same(1)], never)) as object[], [{ kind: 'later' }]);
    assert.equal(inner.seen.length, 0);
    let puts = 0;
    store.before = async () => {
      if (++puts > 1) await away();
    };
    assert.deepEqual(await destination.deliver([same(1)], never), [{ kind: 'done' }]);
  });

  for (const lost of ['its end', 'all of it'])
    it(`leaves out what was delivered where the store has forgotten ${lost}, once it was reminded`, async () => {
      const world = createFakeWorld();
      const store = createFakeStore(world);
      const { reminders, remind } = createFakeReminders();
      let begun: typeof store.entries = new Map();
      const inner = destinationOf(() => {
        begun = new Map(store.entries);
        return { kind: 'done' };
      });
      const destination = withIdempotency(inner, { ...FIXED, world, store, reminders });
      await destination.deliver([same(1)], never);
      store.entries.clear();
      if (lost === 'its end') for (const [key, entry] of begun) store.entries.set(key, entry);
      await remind();
      await destination.deliver([same(2)], never);
      assert.equal(inner.seen.length, 1);
    });

  it('leaves out what was delivered right before the store went away, once that is back', async () => {
    const { world, store, inner } = setUp();
    const { reminders, remind } = createFakeReminders();
    const destination = withIdempotency(inner, { ...FIXED, world, store, reminders });
    let puts = 0;
    store.before = async () => {
      if (++puts > 1) throw new TenfoldError('store-unavailable', 'away');
    };
    assert.deepEqual(await destination.deliver([same(1)], never), [{ kind: 'done' }]);
    store.before = async () => {};
    await remind();
    await world.pass(FIXED.workMs + 1);
    assert.deepEqual(await destination.deliver([same(2)], never), [{ kind: 'done' }]);
    assert.equal(inner.seen.length, 1);
  });

  for (const [who, offset] of [
    ['this very event', 1],
    ['another event of its key', 2],
  ] as const)
    it(`leaves out by the mark of a process that is gone, where the store forgets it once it met ${who}`, async () => {
      const { world, store, inner, destination } = setUp();
      const { reminders, remind } = createFakeReminders();
      await destination.deliver([same(1)], never);
      const next = withIdempotency(inner, { ...FIXED, world, store, reminders });
      await next.deliver([same(offset)], never);
      store.entries.clear();
      await world.pass(20_000);
      await remind(20_000);
      await next.deliver([same(3)], never);
      assert.equal(inner.seen.length, 1);
      await world.pass(40_001);
      await next.deliver([same(4)], never);
      assert.equal(inner.seen.length, 2, 'its window is over');
    });

  it('leaves to another what it has begun since, whatever a reminder says', async () => {
    const { world, store, inner } = setUp();
    const { reminders, remind } = createFakeReminders();
    await withIdempotency(inner, { ...FIXED, world, store, reminders }).deliver([same(1)], never);
    store.entries.clear();
    const other = destinationOf(() => new Promise(() => {}));
    void withIdempotency(other, { ...FIXED, world, store }).deliver([same(2)], never);
    await world.pass(1);
    const [mark] = store.entries.values();
    await remind();
    assert.deepEqual([...store.entries.values()], [mark]);
  });
});
