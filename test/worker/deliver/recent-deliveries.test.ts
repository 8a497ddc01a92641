// The times of the newest deliveries: what is remembered of which, and that it stays bounded.
import assert from 'node:assert/strict';
import { INDEX_HEADER } from '../../../core/fan-outs/facts.ts';
import { JOB_HEADER } from '../../../core/jobs/job-id.ts';
import { OFFSETS_PER_EPOCH } from '../../../drivers/event-log/epochs.ts';
import type { Destination, Outcome } from '../../../worker/deliver/destination.ts';
import { RecentDeliveries, withTimes } from '../../../worker/deliver/recent-deliveries.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const NEVER = new AbortController().signal;
const one = { startedAt: 5, ms: 1, attempt: 1, together: 1 };
const record = { timestamp: 0, key: null, headers: {}, value: new Uint8Array(0) };

describe('recent deliveries', () => {
  /** The destination takes 12 ms. */
  const deliver = async (recent: RecentDeliveries, outcomes: readonly Outcome[], signal = NEVER) => {
    const world = createFakeWorld();
    const inner: Destination = {
      label: 'function',
      deliver: async () => {
        await world.pass(12);
        return outcomes;
      },
    };
    const items = outcomes.map((_, index) => ({ partition: 1, record: { ...record, offset: index }, attempt: 2 }));
    const began = world.now();
    assert.equal(await withTimes(inner, { recent, group: 'g', world }).deliver(items, signal), outcomes);
    return began;
  };
  const failed: Outcome = { kind: 'failed', retryable: true, error: { message: 'no' } };

  it('have the times of those that are done, and of no others', async () => {
    const recent = new RecentDeliveries();
    const startedAt = await deliver(recent, [{ kind: 'done' }, failed]);
    assert.deepEqual(recent.find({ group: 'g', partition: 1, offset: 0 }), {
      startedAt,
      ms: 12,
      attempt: 2,
      together: 2,
    });
    for (const [group, partition, offset] of [
      ['g', 1, 1],
      ['g', 0, 0],
      ['other', 1, 0],
    ] as const)
      assert.equal(recent.find({ group, partition, offset }), undefined);
  });

  it('have none that an owner was told to stop', async () => {
    const recent = new RecentDeliveries();
    await deliver(recent, [{ kind: 'done' }], AbortSignal.abort());
    assert.equal(recent.find({ group: 'g', partition: 1, offset: 0 }), undefined);
  });

  it('are the newest ones alone', () => {
    const recent = new RecentDeliveries(2);
    for (const offset of [0, 1, 2]) recent.add('g', 0, { ...record, offset }, one);
    recent.add('g', 0, { ...record, offset: 1 }, { ...one, attempt: 2 });
    assert.deepEqual(
      [0, 1, 2].map(offset => recent.find({ group: 'g', partition: 0, offset })?.attempt),
      [undefined, 2, 1],
    );
  });

  it('tell an event of a topic that was made again from the earlier one', () => {
    const recent = new RecentDeliveries();
    recent.add('g', 0, { ...record, offset: 7 }, one);
    const offset = OFFSETS_PER_EPOCH + 7;
    assert.equal(recent.find({ group: 'g', partition: 0, offset }), undefined);
    recent.add('g', 0, { ...record, offset }, { ...one, attempt: 3 });
    assert.equal(recent.find({ group: 'g', partition: 0, offset })?.attempt, 3);
    assert.equal(recent.find({ group: 'g', partition: 0, offset: 7 })?.attempt, 1);
  });

  it('name the slowest items of a job, by the newest of each', () => {
    const recent = new RecentDeliveries();
    const [job, other] = ['0123456789abcdef', 'fedcba9876543210'];
    const add = (nonce: string, index: string, ms: number, group = 'g') =>
      recent.add(
        group,
        0,
        { offset: ms, headers: { [JOB_HEADER]: nonce, [INDEX_HEADER]: index } },
        { ...one, ms, together: 1 },
      );
    add(job, '0', 90);
    add(job, '1', 20);
    add(job, '2', 10);
    add(job, '0', 30);
    add(other, '3', 99);
    add(job, '4', 99, 'other');
    add(job, 'x', 99);
    add(job, '', 99);
    add('short', '5', 99);
    const { slowest, timed } = recent.itemsOf('g', job, 2);
    assert.deepEqual(
      slowest.map(({ index, ms }) => [index, ms]),
      [
        [0, 30],
        [1, 20],
      ],
    );
    assert.equal(timed, 3);
    assert.deepEqual(recent.itemsOf('g', 'none', 2), { slowest: [], timed: 0 });
  });
});
