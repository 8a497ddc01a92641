// Operations in the stream of changes: the newest ones, and those that go on whatever came after
// them.
import assert from 'node:assert/strict';
import type { OperationReport, OperationState } from '../../../admin/commands/operation-view.ts';
import { createLook } from '../../../admin/live/look.ts';
import { noEvents } from '../../../admin/no-events.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { createFakeOperations } from '../../fakes/fake-operations.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { fakeView } from '../../fakes/platform-view.ts';

describe('operations in the stream of changes', () => {
  let stored: OperationReport[];
  let trouble: TenfoldError | undefined;
  const { report } = createFakeOperations();
  const make = (id: string, state: OperationState): OperationReport => ({ ...report(state), id });
  const setState = (id: string, state: OperationState) => {
    stored = stored.map(one => (one.id === id ? { ...one, state } : one));
  };

  const start = () => {
    const world = createFakeWorld(Date.UTC(2026, 10, 30));
    const operations = {
      ...noEvents.operations,
      list: async ({ limit }: { readonly limit: number }) => ({ items: stored.slice(0, limit) }),
      read: async ({ id }: { readonly id: string }) => {
        if (trouble) throw trouble;
        const found = stored.find(one => one.id === id);
        if (found) return found;
        throw new TenfoldError('not-found', 'There is no such operation.');
      },
    };
    const look = createLook(fakeView({ events: { ...noEvents, operations } }), world);
    return async () => {
      await world.pass(2_000);
      const { found, unknown } = await look();
      const told = found.filter(({ what }) => what === 'operation').map(({ text }) => JSON.parse(text).value);
      return { unknown, states: new Map(told.map(({ id, state }) => [id, state])) };
    };
  };

  beforeEach(() => {
    trouble = undefined;
    stored = [make('old', 'running'), make('plan', 'planned'), make('ended', 'done')];
  });
  const comeMore = () => {
    stored = [...Array.from({ length: 100 }, (_, at) => make(`new-${at}`, 'done')), ...stored];
  };

  it('has those that go on behind a hundred newer ones, until their end was told', async () => {
    const look = start();
    assert.equal((await look()).states.size, 3);
    comeMore();
    const { states } = await look();
    assert.deepEqual([states.size, states.get('old'), states.get('plan')], [102, 'running', 'planned']);
    setState('old', 'done');
    stored = stored.filter(({ id }) => id !== 'plan');
    const ended = await look();
    assert.deepEqual([ended.states.get('old'), ended.states.has('plan')], ['done', false]);
    assert.equal((await look()).states.size, 100);
  });

  it('says that they are unknown where one cannot be read, and has it again later', async () => {
    const look = start();
    await look();
    comeMore();
    trouble = new TenfoldError('store-unavailable', 'The store does not answer.');
    assert.ok((await look()).unknown.has('operation'));
    trouble = undefined;
    assert.equal((await look()).states.get('old'), 'running');
  });
});
