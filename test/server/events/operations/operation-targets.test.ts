// What operations on parked events and on jobs find, and what they say of each item.
import assert from 'node:assert/strict';
import {
  type OperationAction,
  type OperationFilter,
  operationActions,
} from '../../../../admin/commands/operation-view.ts';
import type { JobQuery, JobSummary } from '../../../../admin/job-view.ts';
import type { ParkedControl, ParkedProgress } from '../../../../admin/parked-view.ts';
import { TenfoldError } from '../../../../core/errors.ts';
import { realWorld } from '../../../../core/world.ts';
import { createLetterTarget } from '../../../../server/events/operations/letter-target.ts';
import { createOperationControl } from '../../../../server/events/operations/operation-control.ts';
import { createTargets, type TargetDeps } from '../../../../server/events/operations/operation-targets.ts';
import { fakeParked } from '../../../fakes/consumer-report.ts';

const consumer = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;
const queue = { kind: 'Queue', namespace: 'default', name: 'import' } as const;
const { signal } = new AbortController();
const never = async () => assert.fail('it is not asked');

function targetsOver(deps: { parked?: Partial<ParkedControl>; jobs?: Partial<TargetDeps['jobs']> }) {
  return createTargets({
    letters: { most: 1, filters: [], find: never, act: never },
    parked: { list: never, read: never, command: never, ...deps.parked },
    jobs: { jobs: never, job: never, cancelJob: never, ...deps.jobs },
  });
}

describe('operations on parked events', () => {
  const items = ['0-1', '0-2', '0-3'].map(id => ({ id, as: 0 }));
  const orderOf = (end: Partial<ParkedProgress>, again = false) => {
    const command = async () => ({ taken: 1, unconfirmed: 0, failed: [], total: 3, ...end });
    const target = targetsOver({ parked: { command } })('retry-now');
    return target.act({ action: 'retry-now', consumer, items, again }, signal);
  };

  it('find the heads of keys that failed, page by page, and name partitions that are not read', async () => {
    const asked: unknown[] = [];
    const pages = [
      { items: [fakeParked('0-1'), fakeParked('0-2', { state: 'held' })], next: 'more' },
      { items: [fakeParked('1-7')], unread: [{ consumer, partition: 2, message: 'Too many.' }] },
    ];
    const list: ParkedControl['list'] = async query => {
      asked.push([query.reason, query.after]);
      return pages[asked.length - 1] ?? assert.fail('there are two');
    };
    const target = targetsOver({ parked: { list } })('give-up');
    const found = await target.find({ action: 'give-up', consumer, query: { reason: 'Busy' } }, signal);
    assert.deepEqual(
      found.items.map(({ id }) => id),
      ['0-1', '1-7'],
    );
    assert.deepEqual(found.notes, ['Partition 2 is not in it: Too many.']);
    assert.deepEqual(asked, [
      ['Busy', undefined],
      ['Busy', 'more'],
    ]);
  });

  it('hand on every filter that they go by', async () => {
    const given = { key: 'k', reason: 'Busy', text: 'no price', olderThanMs: 1, newerThanMs: 2 };
    let got: unknown;
    const list: ParkedControl['list'] = async ({ consumer: _, limit: __, ...filter }) => {
      got = filter;
      return { items: [] };
    };
    const target = targetsOver({ parked: { list } })('give-up');
    assert.deepEqual([...target.filters].sort(), Object.keys(given).sort());
    await target.find({ action: 'give-up', consumer, query: given }, signal);
    assert.deepEqual(got, given);
  });

  it('say of each whether it was taken, refused, or kept until a worker comes', async () => {
    const failed = [{ id: '0-2', message: 'It is held.' }];
    assert.deepEqual(
      (await orderOf({ failed, unconfirmed: 1, open: ['0-3'] })).map(({ outcome }) => outcome),
      ['done', 'refused', 'in-doubt'],
    );
  });

  it('doubt what has ended where a worker that ended may have been the cause', async () => {
    const [, second] = await orderOf({ failed: [{ id: '0-2', message: 'It is parked no longer.' }] }, true);
    assert.deepEqual(second?.outcome, 'in-doubt');
    assert.match(second?.message ?? '', /parked no longer\. A worker ended while this was asked for/);
  });

  it('wait while a partition cannot be read', async () => {
    const unread = [{ consumer, partition: 2, message: 'Too many.' }];
    await assert.rejects(orderOf({ unread }), { code: 'not-ready', message: /Partition 2 cannot be read/ });
  });
});

describe('operations on dead letters', () => {
  const ordered: unknown[] = [];
  const refusing = (error: TenfoldError) =>
    createLetterTarget(() => ({
      owner: { name: consumer, group: 'g' },
      letters: {
        ...{ count: never, list: never, groups: never, find: never, decision: () => undefined },
        ...{ redrive: never, skip: never, purge: never, decisions: async () => [] },
        read: () => Promise.reject(error),
        async order(_, orders) {
          ordered.push(...orders);
          return orders.map(() => undefined);
        },
      },
    }));
  const edit = () => ({
    ...{ action: 'edit' as const, consumer, edit: { merge: { total: 1 } } },
    ...{ items: [{ id: '0-1', as: 0 }], again: false },
  });

  it('redrive none as it was where an edit cannot read it', async () => {
    const target = refusing(new TenfoldError('not-found', 'It has been deleted.'));
    assert.deepEqual(await target.act(edit(), signal), [
      { id: '0-1', outcome: 'refused', message: 'It has been deleted.' },
    ]);
    assert.deepEqual(ordered, []);
  });

  it('wait where the log cannot be read now', async () => {
    const target = refusing(new TenfoldError('log-unavailable', 'No broker answers.'));
    await assert.rejects(target.act(edit(), signal), { code: 'log-unavailable' });
    assert.deepEqual(ordered, []);
  });
});

describe('operations on jobs', () => {
  const jobOf = (id: string, state: JobSummary['state']): JobSummary => {
    return { id, namespace: 'default', queue: 'import', state, attempts: 0, queuedAt: '' };
  };
  const order = (id: string, again: boolean) => ({
    action: 'cancel' as const,
    consumer: queue,
    items: [{ id, as: 0 }],
    again,
  });

  it('find all that have not ended, the oldest first', async () => {
    const asked: JobQuery[] = [];
    const jobs = async (query: JobQuery) => {
      asked.push(query);
      const items = query.after ? [jobOf('c', 'running')] : [jobOf('a', 'queued'), jobOf('b', 'succeeded')];
      return { items, ...(query.after ? {} : { next: 'more' }) };
    };
    const target = targetsOver({ jobs: { jobs } })('cancel');
    const { items } = await target.find({ action: 'cancel', consumer: queue, query: { state: 'queued' } }, signal);
    assert.deepEqual(
      items.map(({ id }) => id),
      ['c', 'a'],
    );
    assert.deepEqual(asked[0], { namespace: 'default', queue: 'import', limit: 1000, state: 'queued' });
    await assert.rejects(target.find({ action: 'cancel', consumer, query: {} }, signal), /has no jobs to cancel/);
  });

  it('are done when they were cancelled before the crash, and refused when they have ended otherwise', async () => {
    const state = new Map<string, JobSummary['state']>([
      ['a', 'cancelled'],
      ['b', 'succeeded'],
      ['c', 'running'],
    ]);
    const target = targetsOver({
      jobs: {
        job: async (_namespace, _queue, id) => jobOf(id, state.get(id) ?? 'unknown'),
        async cancelJob(_namespace, _queue, id) {
          if (id !== 'c') throw new TenfoldError('conflict', `Job ${id} is ${state.get(id)} already.`);
          return jobOf(id, 'cancelled');
        },
      },
    })('cancel');
    const outcomeOf = async (id: string, again: boolean) => (await target.act(order(id, again), signal))[0]?.outcome;
    assert.equal(await outcomeOf('c', false), 'done');
    assert.equal(await outcomeOf('a', true), 'done');
    assert.equal(await outcomeOf('a', false), 'refused');
    assert.equal(await outcomeOf('b', true), 'refused');
  });
});

describe('the filters of operations', () => {
  const whole: Required<OperationFilter> = {
    ...{ key: 'k', reason: 'Busy', group: 'g', text: 't', held: true, state: 'waiting' },
    ...{ olderThanMs: 1, newerThanMs: 1 },
  };
  const letters = createLetterTarget(() => assert.fail('nothing is looked for'));
  const targets = (action: OperationAction) =>
    ['redrive', 'edit', 'skip', 'purge'].includes(action) ? letters : targetsOver({})(action);
  const control = createOperationControl({ world: realWorld, store: undefined as never, targets, look: () => {} });

  for (const action of operationActions)
    it(`refuse what ${action} does not go by, before anything is found`, async () => {
      const beyond = Object.entries(whole).filter(([name]) => !targets(action).filters.includes(name as never));
      assert.notEqual(beyond.length, 0);
      for (const [name, value] of beyond) {
        const query = { [name]: value };
        const message = new RegExp(`"${action}" cannot select by "${name.replace('Ms', '')}"\\. It selects by `);
        await assert.rejects(control.plan({ action, consumer, query }, signal), { code: 'bad-request', message });
      }
    });
});
