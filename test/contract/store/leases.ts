// Contract of the store: slices of a limit never sum to more than it, as far
// as their holders can know.
import assert from 'node:assert/strict';
import type { LeaseRequest } from '../../../drivers/store/leases.ts';
import { newScope, rejectsWith, type StoreSubject } from './subject.ts';

function ask(holder: string, turn: number, more: Partial<LeaseRequest> = {}): LeaseRequest {
  return { holder, turn, limit: 10, held: 0, demand: 10, ttlMs: 500, ...more };
}

export function leases(subject: () => StoreSubject): void {
  describe('leases', () => {
    it('give one holder all that it asks for and what is left', async () => {
      const { store } = subject();
      const grant = await store.lease(newScope(), 'b', ask('a', 1, { demand: 3 }));
      assert.equal(grant.granted, 10);
      assert.equal(grant.share, 10);
    });

    it('take nothing from a holder before it gives it up, and tell it what is fair', async () => {
      const { store } = subject();
      const scope = newScope();
      await store.lease(scope, 'b', ask('a', 1));
      const second = await store.lease(scope, 'b', ask('z', 1));
      assert.deepEqual([second.granted, second.share], [0, 5]);
      const told = await store.lease(scope, 'b', ask('a', 2, { held: 10 }));
      assert.deepEqual([told.granted, told.share], [10, 5]);
      const gaveUp = await store.lease(scope, 'b', ask('a', 3, { held: 5 }));
      assert.deepEqual([gaveUp.granted, gaveUp.share], [5, 5]);
      const got = await store.lease(scope, 'b', ask('z', 2));
      assert.deepEqual([got.granted, got.share], [5, 5]);
    });

    it('share in proportion to demand, and give each one at least one', async () => {
      const { store } = subject();
      const scope = newScope();
      for (const turn of [1, 2, 3]) {
        await store.lease(scope, 'b', ask('big', turn, { demand: 90, held: 0 }));
        await store.lease(scope, 'b', ask('mid', turn, { demand: 10, held: 0 }));
        await store.lease(scope, 'b', ask('small', turn, { demand: 1, held: 0 }));
      }
      const shares = [];
      for (const [holder, demand] of [
        ['big', 90],
        ['mid', 10],
        ['small', 1],
      ] as const)
        shares.push((await store.lease(scope, 'b', ask(holder, 9, { demand, held: 0 }))).share);
      assert.equal(
        shares.reduce((sum, share) => sum + share),
        10,
      );
      assert.ok(
        shares.every(share => share >= 1),
        String(shares),
      );
      assert.ok((shares[0] ?? 0) >= 7, String(shares));
    });

    it('count a slice until it has expired, and then give it to others', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await store.lease(scope, 'b', ask('dead', 1));
      await pass(300);
      assert.equal((await store.lease(scope, 'b', ask('a', 1))).granted, 0);
      await pass(300);
      assert.equal((await store.lease(scope, 'b', ask('a', 2))).granted, 10);
      const back = await store.lease(scope, 'b', ask('dead', 2, { held: 10 }));
      assert.equal(back.granted, 0);
    });

    it('are counted for longer where what was begun under them may go on', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await store.lease(scope, 'b', ask('dead', 1, { lingerMs: 500 }));
      await pass(700);
      assert.equal((await store.lease(scope, 'b', ask('a', 1))).granted, 0);
      await pass(400);
      assert.equal((await store.lease(scope, 'b', ask('a', 2))).granted, 10);
    });

    it('go around where there are fewer than holders', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      const few = { limit: 1, demand: 1, ttlMs: 900 };
      assert.equal((await store.lease(scope, 'b', ask('a', 1, few))).granted, 1);
      assert.equal((await store.lease(scope, 'b', ask('b', 1, few))).granted, 0);
      await pass(600);
      assert.equal((await store.lease(scope, 'b', ask('b', 2, few))).granted, 0);
      assert.equal((await store.lease(scope, 'b', ask('a', 2, { ...few, held: 1 }))).share, 1);
      await pass(600);
      assert.equal((await store.lease(scope, 'b', ask('a', 3, { ...few, held: 1 }))).share, 0);
      assert.equal((await store.lease(scope, 'b', ask('a', 4, few))).granted, 0);
      assert.equal((await store.lease(scope, 'b', ask('b', 3, few))).granted, 1);
    });

    it('end at once when the holder gives all back', async () => {
      const { store } = subject();
      const scope = newScope();
      await store.lease(scope, 'b', ask('a', 1));
      await store.lease(scope, 'b', ask('a', 2, { held: 0, demand: 0 }));
      assert.equal((await store.lease(scope, 'b', ask('z', 1))).granted, 10);
    });

    it('change nothing by a request that arrives late', async () => {
      const { store } = subject();
      const scope = newScope();
      await store.lease(scope, 'b', ask('a', 5, { held: 0 }));
      await rejectsWith('conflict', store.lease(scope, 'b', ask('a', 4, { held: 0, demand: 0 })));
      await rejectsWith('conflict', store.lease(scope, 'b', ask('a', 5, { held: 0, demand: 0 })));
      assert.equal((await store.lease(scope, 'b', ask('z', 1))).granted, 0);
    });

    it('grant no more than a limit that has been lowered, but take nothing away', async () => {
      const { store } = subject();
      const scope = newScope();
      await store.lease(scope, 'b', ask('a', 1));
      const lower = await store.lease(scope, 'b', ask('a', 2, { held: 10, limit: 4 }));
      assert.ok(lower.granted <= 10 && lower.share === 4);
      assert.equal((await store.lease(scope, 'b', ask('z', 1, { limit: 4 }))).granted, 0);
      assert.equal((await store.lease(scope, 'none', ask('z', 1, { limit: 0 }))).granted, 0);
    });

    it('of one budget are not those of another', async () => {
      const { store } = subject();
      const scope = newScope();
      await store.lease(scope, 'b', ask('a', 1));
      assert.equal((await store.lease(scope, 'c', ask('z', 1))).granted, 10);
      assert.equal((await store.lease(newScope(), 'b', ask('z', 1))).granted, 10);
    });

    it('refuse requests that make no sense', async () => {
      const { store } = subject();
      for (const wrong of [
        { held: -1 },
        { demand: 0.5 },
        { ttlMs: 0 },
        { lingerMs: -1 },
        { limit: Number.NaN },
        { turn: -1 },
        { holder: '' },
      ])
        await rejectsWith('invalid-input', store.lease(newScope(), 'b', { ...ask('a', 1), ...wrong }));
    });
  });
}
