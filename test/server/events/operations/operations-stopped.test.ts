// An operation that a person stops or pauses asks for nothing more, and its report waits for what
// was asked for before.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ItemResult } from '../../../../admin/commands/operation-view.ts';
import { realWorld } from '../../../../core/world.ts';
import { createOperationControl } from '../../../../server/events/operations/operation-control.ts';
import { runOperations } from '../../../../server/events/operations/operation-runner.ts';
import { OperationStore } from '../../../../server/events/operations/operation-store.ts';
import type { OperationTarget } from '../../../../server/events/operations/operation-targets.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { openInlineStore } from '../../../drivers/store/sqlite/open-inline-store.ts';
import { eventually } from '../../../eventually.ts';

const consumer = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;
const { namespace } = consumer;
const asker = { by: 'test', from: 'here' };
const TOTAL = 20;
const PAGE = 7;
const RATE = 10;
const PAUSE_MS = (PAGE * 1000) / RATE;
/** Other timers of an operation are longer: a runner looks each second. */
const isPause = (ms: number) => ms > 0 && ms <= PAUSE_MS;

/** A started operation of 20 items, 7 at a time, and the runners of two processes. */
async function startedOperation(act: (ids: readonly string[]) => Promise<void>) {
  const store = await openInlineStore(join(tempFolder(), 'store.db'));
  const own = new OperationStore(store);
  const target: OperationTarget = {
    most: PAGE,
    filters: [],
    find: async () => ({ items: Array.from({ length: TOTAL }, (_, at) => ({ id: `0-${at}`, as: 0 })), notes: [] }),
    async act({ items }): Promise<ItemResult[]> {
      await act(items.map(({ id }) => id));
      return items.map(({ id }) => ({ id, outcome: 'done' }));
    },
  };
  const targets = () => target;
  const control = createOperationControl({ world: realWorld, store: own, targets, look: () => {} });
  const { id, token } = await control.plan(
    { action: 'redrive', consumer, query: {}, rate: RATE },
    new AbortController().signal,
  );
  await control.start({ namespace, id }, token, asker);
  const pauses: (() => void)[] = [];
  const ended: number[] = [];
  const alive = new Set<string>();
  const run = () => {
    const incarnation = { id: realWorld.id(), isOver: async (other: string) => !alive.has(other) };
    alive.add(incarnation.id);
    const after = (ms: number, then: () => void) => {
      if (!isPause(ms)) return realWorld.after(Math.min(ms, 5), then);
      pauses.push(then);
      return { cancel() {} };
    };
    const problem = (message: string) => assert.fail(message);
    const told = { ended: ({ done }: { done: number }) => ended.push(done), problem };
    return runOperations({ world: { ...realWorld, after }, store: own, targets, incarnation, ...told });
  };
  const runners = [run(), run()];
  const close = async () => {
    for (const runner of runners) await runner.close();
    await store.close();
  };
  return { control, operation: { namespace, id }, own, pauses, ended, close };
}

describe('operations that a person ends', () => {
  after(() => removeTempFolders());

  for (const verb of ['pause', 'stop'] as const)
    it(`ask for nothing more after a ${verb} in the pause that their rate demands`, async () => {
      const asked: string[] = [];
      const acting = async (ids: readonly string[]) => void asked.push(...ids);
      const { control, operation, own, pauses, close } = await startedOperation(acting);
      await eventually(() => pauses.length === 1, 'it pauses after its first page');
      await control[verb](operation);
      pauses[0]?.();
      await eventually(async () => (await own.read(operation.id)).operation.owner === undefined, 'it is let go of');
      const { done, left } = await control.read(operation);
      assert.deepEqual([asked.length, done, left], [PAGE, PAGE, TOTAL - PAGE]);
      await close();
    });

  it('are stopping until what was asked for has its result, and told as ended once, with all of it', async () => {
    const open = Promise.withResolvers<void>();
    let isAsked = false;
    const { control, operation, ended, close } = await startedOperation(() => {
      isAsked = true;
      return open.promise;
    });
    await eventually(() => isAsked, 'its first page is asked for');
    const { state, endedAt, done } = await control.stop(operation);
    assert.deepEqual([state, endedAt, done], ['stopping', undefined, 0]);
    assert.equal((await control.stop(operation)).state, 'stopping');
    assert.deepEqual(ended, []);
    open.resolve();
    await eventually(async () => (await control.read(operation)).state === 'stopped', 'it has stopped');
    const report = await control.read(operation);
    assert.deepEqual([report.done, report.left, report.endedAt === undefined], [PAGE, TOTAL - PAGE, false]);
    await eventually(() => ended.length > 0, 'it is told');
    assert.deepEqual(ended, [PAGE]);
    await close();
  });
});
