// The position of a partition in the store, places as a short text, and waits that end.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import type { Change, Fence } from '../../../drivers/store/changes.ts';
import { packPlaces, unpackPlaces } from '../../../worker/fold/pack-places.ts';
import { isPoison } from '../../../worker/fold/poison.ts';
import { type PositionStore, StoredPosition } from '../../../worker/fold/stored-position.ts';
import { quietly, within } from '../../../worker/fold/within.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

describe('the position in the store', () => {
  async function setUp(at?: number) {
    const state = { position: at, server: 'one', isRefused: false };
    const seen: unknown[] = [];
    const store: Partial<PositionStore> = {
      async server(scope) {
        seen.push(`server of ${scope}`);
        return state.server;
      },
      async position(scope, consumer, partition) {
        seen.push(`position of ${scope} ${consumer} ${partition}`);
        return state.position;
      },
      async apply(scope: string, changes: readonly Change[], fence: Fence) {
        seen.push([scope, changes, fence]);
        return { applied: !state.isRefused } as Awaited<ReturnType<PositionStore['apply']>>;
      },
    };
    const position = await StoredPosition.load({
      store: store as PositionStore,
      scope: 's',
      consumer: 'c',
      partition: 2,
    });
    return { position, state, seen };
  }

  it('is loaded after its server, and moves with its changes from step to step', async () => {
    const { position, seen } = await setUp();
    assert.deepEqual([position.value, seen.splice(0)], [undefined, ['server of s', 'position of s c 2']]);
    const changes: Change[] = [{ kind: 'delete-row', table: 't', key: 'k' }];
    assert.deepEqual([await position.move(changes, 5), position.value], [true, 5]);
    await position.move([], 9);
    const fence = { consumer: 'c', partition: 2, server: 'one' };
    assert.deepEqual(seen, [
      ['s', changes, { ...fence, after: undefined, upTo: 5 }],
      ['s', [], { ...fence, after: 5, upTo: 9 }],
    ]);
  });

  it('stays where it was when the store refuses a step', async () => {
    const { position, state } = await setUp(3);
    state.isRefused = true;
    assert.deepEqual([await position.move([], 5), position.value], [false, 3]);
  });

  it('is stored as long as the store has it, and of one server as long as that is the same', async () => {
    const { position, state } = await setUp(3);
    assert.deepEqual([await position.isStored(), await position.isOfOneServer()], [true, true]);
    Object.assign(state, { position: 2, server: 'other' });
    assert.deepEqual([await position.isStored(), await position.isOfOneServer()], [false, false]);
  });
});

describe('places', () => {
  it('are short where they follow one another', () => {
    for (const [places, packed] of [
      [[], []],
      [['3.0'], ['3.0']],
      [['4.0', '3.0'], ['3-4']],
      [
        ['3.1', '9.0', '10.0', '11.0', '5.0', '3.0'],
        ['3.1', '3.0', '5.0', '9-11'],
      ],
      [
        ['10.0', '9.10', '2.0'],
        ['9.10', '2.0', '10.0'],
      ],
      [['0.0', '1.0'], ['0-1']],
    ] as const) {
      assert.deepEqual(packPlaces(places), packed);
      assert.deepEqual([...unpackPlaces(packed)].sort(), [...places].sort());
    }
  });
});

describe('poison', () => {
  it('is what a record causes for ever', () => {
    assert.equal(isPoison(new TenfoldError('invalid-event', 'no')), true);
    assert.equal(isPoison(new TenfoldError('store-unavailable', 'no')), false);
    assert.equal(isPoison(Object.assign(new Error('no'), { code: 'invalid-event' })), false);
  });
});

describe('a wait for a promise', () => {
  const setUp = () => {
    const listeners = { added: 0 };
    const stopping = new AbortController();
    const { signal } = stopping;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners.added++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.added--;
      remove(...args);
    };
    const world = createFakeWorld(0);
    const timers = { open: 0 };
    const after: typeof world.after = (ms, run) => {
      timers.open++;
      const timer = world.after(ms, run);
      return {
        cancel() {
          timers.open--;
          timer.cancel();
        },
      };
    };
    return { world: { ...world, after }, stopping, left: () => [listeners.added, timers.open] };
  };

  it('ends with what it has, or with nothing in time, and leaves nothing behind', async () => {
    const { world, stopping, left } = setUp();
    const coming = Promise.withResolvers<string>();
    const late = within(world, coming.promise, 50, stopping.signal);
    assert.deepEqual(left(), [1, 1]);
    await world.pass(50);
    assert.deepEqual([await late, left()], [undefined, [0, 0]]);
    coming.resolve('x');
    assert.deepEqual([await within(world, coming.promise, 50, stopping.signal), left()], ['x', [0, 0]]);
  });

  it('ends with the reason of the signal, and does not begin behind it', async () => {
    const { world, stopping, left } = setUp();
    const never = new Promise<never>(() => {});
    const waiting = assert.rejects(within(world, never, 50, stopping.signal), /closing/);
    stopping.abort(new Error('closing'));
    await waiting;
    assert.deepEqual(left(), [0, 0]);
    await assert.rejects(within(world, Promise.resolve('x'), 50, stopping.signal), /closing/);
  });

  it('is no error of its own where nobody waits for what failed', async () => {
    const failing = quietly(Promise.reject(new Error('no')));
    await new Promise(resolve => setImmediate(resolve));
    await assert.rejects(failing, /no/);
  });
});
