// What operations need of the store, on each that they are kept in: plans of any size, changes that
// lose nothing to each other, results in the order of the plan.
import assert from 'node:assert/strict';
import type { ItemResult } from '../../../../admin/commands/operation-view.ts';
import { OperationStore } from '../../../../server/events/operations/operation-store.ts';
import { type OpenedStore, storesOfOperations } from './operation-stores.ts';

const HOUR = 3_600_000;
const itemsOf = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `0-${at}`, as: at % 3 }));
const doneOf = (items: readonly { readonly id: string }[]) =>
  items.map(({ id }): ItemResult => ({ id, outcome: 'done' }));

for (const { name, open } of storesOfOperations())
  describe(`the store of operations on ${name}`, function () {
    this.timeout(600_000);
    let opened: OpenedStore;
    let own: OperationStore;
    before(async () => {
      opened = await open();
      own = new OperationStore(opened.store);
    });
    after(() => opened?.close());

    const create = async (id: string, count: number, plannedAt: number) => {
      const consumer = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;
      const counts = { position: 0, done: 0, refused: 0, inDoubt: 0, total: count };
      const times = { plannedAt, startBy: plannedAt + HOUR, keptUntil: plannedAt + 24 * HOUR };
      const words = { sample: [], notes: [], hasEdit: true, token: 't' };
      const operation = { id, action: 'edit', consumer, state: 'planned', ...counts, ...times, ...words } as const;
      await own.create(operation, itemsOf(count), { merge: { cups: 9 } });
      return own.read(id);
    };
    const planOf = async (id: string, count: number) => {
      const items: { id: string; as: number }[] = [];
      while (items.length < count) items.push(...(await own.itemsFrom(id, items.length)));
      return items;
    };

    it('keeps plans of any size with their edit, and reads them from any place on', async () => {
      const now = await own.now();
      for (const count of [1, 1000, 1001, 52_345]) {
        const { operation } = await create(`size-${count}`, count, now);
        assert.equal(operation.total, count);
        assert.deepEqual(await planOf(operation.id, count), itemsOf(count));
        assert.deepEqual((await own.itemsFrom(operation.id, count - 1)).length, 1);
        assert.deepEqual(await own.editOf(operation.id), { merge: { cups: 9 } });
      }
    });

    it('loses no change of two at the same time, and takes none of an earlier state', async () => {
      const { operation, version } = await create('changed', 3, await own.now());
      const add = () => own.update('changed', now => ({ ...now, done: now.done + 1 }));
      await Promise.all(Array.from({ length: 20 }, add));
      assert.equal((await own.read('changed')).operation.done, 20);
      assert.equal(await own.replace({ ...operation, done: 0 }, version), undefined);
      await assert.rejects(own.read('none'), { code: 'not-found' });
    });

    it('lists the newest first, page by page', async () => {
      const now = (await own.now()) + HOUR;
      for (const at of [2, 0, 1]) await create(`listed-${at}`, 1, now + at);
      const first = await own.list(2, undefined);
      assert.deepEqual(first.ids, ['listed-2', 'listed-1']);
      assert.equal((await own.list(1, first.next)).ids[0], 'listed-0');
    });

    it('names those that are to be carried out, until they have ended', async () => {
      await create('active', 1, await own.now());
      await own.setActive('active', true);
      await own.setActive('active', true);
      assert.deepEqual(await own.active(), ['active']);
      await own.setActive('active', false);
      assert.deepEqual(await own.active(), []);
    });

    it('has results in the order of the plan, and the later of one place', async () => {
      await create('results', 2500, await own.now());
      const all = itemsOf(2500);
      for (const place of [2000, 0, 1000]) {
        await own.writeResults('results', place, [{ id: 'other', outcome: 'in-doubt', message: 'again' }]);
        await own.writeResults('results', place, doneOf(all.slice(place, place + 1000)));
      }
      const { pages, next } = await own.results('results', 2, undefined);
      assert.equal(pages.length, 2);
      const rest = await own.results('results', 2, next);
      assert.deepEqual([...pages, ...rest.pages].flat(), doneOf(all));
      assert.equal(rest.next, undefined);
    });

    it('forgets one with all that belongs to it, unless it was changed meanwhile', async () => {
      const { operation, version } = await create('forgotten', 2500, await own.now());
      await own.update('forgotten', now => ({ ...now, state: 'running' }));
      await own.forget(operation, version);
      assert.equal((await planOf('forgotten', 2500)).length, 2500);
      await own.forget(operation, (await own.read('forgotten')).version);
      await assert.rejects(own.read('forgotten'), { code: 'not-found' });
      await assert.rejects(own.itemsFrom('forgotten', 2000), { code: 'gone' });
      assert.equal(await own.editOf('forgotten'), undefined);
      assert.ok(!(await own.list(100, undefined)).ids.includes('forgotten'));
    });
  });
