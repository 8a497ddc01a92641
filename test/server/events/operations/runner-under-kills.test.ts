// An operation whose process ends at any call: the next one goes on where it ended. Nothing is done
// twice, all is in order, and each item has one result.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { ItemResult } from '../../../../admin/commands/operation-view.ts';
import { TenfoldError } from '../../../../core/errors.ts';
import { soleIncarnation } from '../../../../core/incarnation.ts';
import { realWorld } from '../../../../core/world.ts';
import { createOperationControl } from '../../../../server/events/operations/operation-control.ts';
import { runOperations } from '../../../../server/events/operations/operation-runner.ts';
import { type OperationKeeper, OperationStore } from '../../../../server/events/operations/operation-store.ts';
import type { OperationTarget } from '../../../../server/events/operations/operation-targets.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { openInlineStore } from '../../../drivers/store/sqlite/open-inline-store.ts';
import { eventually } from '../../../eventually.ts';
import { storesOfOperations } from './operation-stores.ts';

const consumer = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;
const { namespace } = consumer;
const asker = { by: 'test', from: 'here' };
const { signal } = new AbortController();

/** The process is gone: whatever it asks for fails, and half of the last calls have happened. */
class Ended extends Error {}

/** A process that ends at its nth call of the store or the target. */
function endingAt(calls: number, effect: boolean) {
  let left = calls;
  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    left--;
    if (left < 0) throw new Ended('The process has ended.');
    if (left > 0) return call();
    if (effect) await call();
    throw new Ended('The process has ended.');
  };
  return { through, isOver: () => left <= 0 };
}

/** Takes each item once, as dead letters are: what is asked for again is known. */
function createWorld(count: number) {
  const taken: string[] = [];
  const target = (through: ReturnType<typeof endingAt>['through']): OperationTarget => ({
    most: 7,
    filters: [],
    find: async () => ({ items: Array.from({ length: count }, (_, at) => ({ id: `0-${at}`, as: 0 })), notes: [] }),
    act: ({ items, again }) =>
      through(async () =>
        items.map(({ id }): ItemResult => {
          if (!taken.includes(id)) taken.push(id);
          else if (!again) return { id, outcome: 'refused', message: 'It was taken before.' };
          return { id, outcome: 'done' };
        }),
      ),
  });
  return { taken, target };
}

const stores = storesOfOperations();

describe('operations under kills', () => {
  after(() => removeTempFolders());

  for (const { name, open } of stores)
    it(`do each item once and in order, whatever call is the last of a process, on ${name}`, async function () {
      this.timeout(600_000);
      const { store, close } = await open();
      const ends = fc.array(fc.record({ calls: fc.integer({ min: 1, max: 25 }), effect: fc.boolean() }), {
        maxLength: 6,
      });
      await fc.assert(
        fc.asyncProperty(ends, fc.integer({ min: 1, max: 40 }), async (lives, count) => {
          const { taken, target } = createWorld(count);
          const whole = target(call => call());
          const own = new OperationStore(store);
          const control = createOperationControl({
            world: realWorld,
            store: own,
            targets: () => whole,
            look: () => {},
          });
          const { id, token } = await control.plan({ action: 'redrive', consumer, query: {} }, signal);
          await control.start({ namespace, id }, token, asker);
          const ended: string[] = [];
          const live = (process: ReturnType<typeof endingAt>) => {
            const keeper = new Proxy<OperationKeeper>(store, {
              get:
                (real, name: keyof OperationKeeper) =>
                (...given: never[]) =>
                  process.through(() => Reflect.apply(real[name], real, given)),
            });
            return runOperations({
              world: { ...realWorld, after: (ms, run) => realWorld.after(Math.min(ms, 5), run) },
              store: new OperationStore(keeper),
              targets: () => target(process.through),
              incarnation: soleIncarnation(realWorld.id()),
              ended: ({ id }) => ended.push(id),
              problem: () => {},
            });
          };
          for (const { calls, effect } of lives) {
            const process = endingAt(calls, effect);
            const runner = live(process);
            const isDone = async () => process.isOver() || (await control.read({ namespace, id })).state === 'done';
            await eventually(isDone, 'it has ended');
            await runner.close();
          }
          const last = live(endingAt(Number.POSITIVE_INFINITY, true));
          await eventually(async () => !(await own.active()).includes(id), 'it is done');
          await last.close();
          const report = await control.read({ namespace, id });
          assert.deepEqual([report.state, report.done, report.left], ['done', count, 0]);
          assert.ok(ended.includes(id) && report.endedAt !== undefined);
          assert.deepEqual(
            taken,
            Array.from({ length: count }, (_, at) => `0-${at}`),
          );
          const { items } = await control.items({ namespace, id }, { limit: 1000 });
          assert.deepEqual(
            items,
            taken.map(id => ({ id, outcome: 'done' })),
          );
        }),
        { numRuns: 12 },
      );
      await close();
    });

  it('are forgotten with their plan when nobody has started them for an hour after they could be', async () => {
    const store = await openInlineStore(join(tempFolder(), 'store.db'));
    let ahead = 0;
    const later: OperationKeeper = Object.assign(Object.create(store), {
      now: async () => (await store.now()) + ahead,
    });
    const whole = createWorld(2500).target(call => call());
    const own = new OperationStore(later);
    const control = createOperationControl({ world: realWorld, store: own, targets: () => whole, look: () => {} });
    const plan = () => control.plan({ action: 'redrive', consumer, query: {} }, signal);
    const [old, begun] = [await plan(), await plan()];
    await control.start({ namespace, id: begun.id }, begun.token, asker);
    ahead = 2 * 3_600_000 - 1_000;
    const recent = await plan();
    const listed = async () => (await control.list({ limit: 10 })).items.map(({ id }) => id).sort();
    assert.deepEqual(await listed(), [old.id, begun.id, recent.id].sort());
    ahead += 60_000;
    const { id: newest } = await plan();
    assert.deepEqual(await listed(), [begun.id, recent.id, newest].sort());
    await assert.rejects(control.read({ namespace, id: old.id }), { code: 'not-found' });
    const { rows } = await store.scan('operations', 'plans', { limit: 100 });
    assert.equal(rows.length, 3 * 3, 'three pages of each that is left');
    await store.close();
  });

  it('end as failed when their plan is kept no longer, and say so', async () => {
    const store = await openInlineStore(join(tempFolder(), 'store.db'));
    const { target } = createWorld(3);
    const own = new OperationStore(store);
    const targets = () => target(call => call());
    const control = createOperationControl({ world: realWorld, store: own, targets, look: () => {} });
    const { id, token } = await control.plan({ action: 'redrive', consumer, query: {} }, signal);
    await control.start({ namespace, id }, token, asker);
    await store.apply('operations', [{ kind: 'delete-row', table: 'plans', key: `${id}/${'0'.repeat(12)}` }]);
    const problem = (message: string, error: unknown) => assert.ok(error instanceof TenfoldError, message);
    const incarnation = soleIncarnation(realWorld.id());
    const runner = runOperations({ world: realWorld, store: own, targets, incarnation, ended: () => {}, problem });
    await eventually(async () => (await control.read({ namespace, id })).state === 'failed', 'it has failed');
    assert.match((await control.read({ namespace, id })).problem ?? '', /kept no longer/);
    await runner.close();
    await store.close();
  });

  for (const verb of ['pause', 'stop'] as const)
    it(`hear a person who says ${verb} while each try of them fails alike`, async () => {
      const store = await openInlineStore(join(tempFolder(), 'store.db'));
      let tries = 0;
      const failing: OperationTarget = {
        ...createWorld(3).target(call => call()),
        act() {
          tries++;
          throw new TenfoldError('log-unavailable', 'The log is away.');
        },
      };
      const own = new OperationStore(store);
      const targets = () => failing;
      const control = createOperationControl({ world: realWorld, store: own, targets, look: () => {} });
      const { id, token } = await control.plan({ action: 'redrive', consumer, query: {} }, signal);
      await control.start({ namespace, id }, token, asker);
      const world = { ...realWorld, after: (ms: number, run: () => void) => realWorld.after(Math.min(ms, 5), run) };
      const incarnation = soleIncarnation(realWorld.id());
      const problem = (message: string) => assert.fail(message);
      const runner = runOperations({ world, store: own, targets, incarnation, ended: () => {}, problem });
      await eventually(() => tries > 3, 'it is tried again and again');
      assert.equal((await control.read({ namespace, id })).problem, 'The log is away.');
      await control[verb]({ namespace, id });
      await eventually(async () => (await own.read(id)).operation.owner === undefined, 'it is let go of');
      await runner.close();
      await store.close();
    });
});
