// Plans of operations: the token of each starts it alone, and a plan of nothing is not kept.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { OperationControl, OperationRequest } from '../../../../admin/commands/operation-view.ts';
import { realWorld } from '../../../../core/world.ts';
import { createOperationControl } from '../../../../server/events/operations/operation-control.ts';
import { OperationStore } from '../../../../server/events/operations/operation-store.ts';
import type { OperationTarget } from '../../../../server/events/operations/operation-targets.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { openInlineStore } from '../../../drivers/store/sqlite/open-inline-store.ts';

const consumer = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;
const { namespace } = consumer;
const { signal } = new AbortController();
const asker = { by: 'test', from: 'here' };

describe('plans of operations', () => {
  let store: Awaited<ReturnType<typeof openInlineStore>>;
  let control: OperationControl;
  let ids = ['0-1', '0-2'];
  before(async () => {
    store = await openInlineStore(join(tempFolder(), 'store.db'));
    const target: OperationTarget = {
      most: 1,
      filters: ['key', 'text'],
      find: async () => ({ items: ids.map(id => ({ id, as: 0 })), notes: [] }),
      act: async () => assert.fail('nothing is carried out'),
    };

    control = createOperationControl({
      world: realWorld,
      store: new OperationStore(store),
      targets: () => target,
      look: () => {},
    });
  });
  after(async () => {
    await store.close();
    removeTempFolders();
  });
  beforeEach(() => {
    ids = ['0-1', '0-2'];
  });
  const plan = (more: Partial<OperationRequest> = {}) =>
    control.plan({ action: 'redrive', consumer, query: {}, ...more }, signal);

  const others: readonly (readonly [string, Partial<OperationRequest>])[] = [
    ['nothing', {}],
    ['the rate', { rate: 5 }],
    ['the filter', { query: { text: 'no price' } }],
    ['the action', { action: 'purge' }],
    ['the data', { action: 'edit', edit: { merge: { cups: 1 } } }],
  ];
  for (const [what, more] of others)
    it(`are not started with the token of another one that differs in ${what} alone`, async () => {
      const [one, other] = [await plan(), await plan(more)];
      assert.notEqual(one.token, other.token);
      await assert.rejects(control.start({ namespace, id: other.id }, one.token, asker), { code: 'conflict' });
      assert.equal((await control.start({ namespace, id: other.id }, other.token, asker)).state, 'running');
    });

  it('are not kept where they found nothing', async () => {
    ids = [];
    const { id, total, state, endedAt, token } = await plan();
    assert.deepEqual([total, state, typeof endedAt], [0, 'done', 'string']);
    await assert.rejects(control.start({ namespace, id }, token, asker), { code: 'not-found' });
    assert.equal(
      (await control.list({ namespace, limit: 1000 })).items.some(each => each.id === id),
      false,
    );
  });

  it('cannot be paused before they begin, and the refusal names their state', async () => {
    const { id } = await plan();
    await assert.rejects(control.pause({ namespace, id }), { code: 'conflict', extensions: { state: 'planned' } });
  });
});
