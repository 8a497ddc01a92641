// The times of the newest deliveries: what is remembered of which, and that it stays bounded.
import assert from 'node:assert/strict';
import type { Destination, Outcome } from '../../../worker/deliver/destination.ts';
import { RecentDeliveries, withTimes } from '../../../worker/deliver/recent-deliveries.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const NEVER = new AbortController().signal;
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
    assert.deepEqual(recent.find('g', 1, 0), { startedAt, ms: 12, attempt: 2, together: 2 });
    for (const [group, partition, offset] of [
      ['g', 1, 1],
      ['g', 0, 0],
      ['other', 1, 0],
    ] as const)
      assert.equal(recent.find(group, partition, offset), undefined);
  });

  it('have none that an owner was told to stop', async () => {
    const recent = new RecentDeliveries();
    await deliver(recent, [{ kind: 'done' }], AbortSignal.abort());
    assert.equal(recent.find('g', 1, 0), undefined);
  });

  it('are the newest ones alone', () => {
    const recent = new RecentDeliveries(2);
    const group = recent.numberOf('g');
    const one = { startedAt: 5, ms: 1, attempt: 1, together: 1 };
    for (const offset of [0, 1, 2]) recent.add(group, 0, offset, one);
    recent.add(group, 0, 1, { ...one, attempt: 2 });
    assert.deepEqual(
      [0, 1, 2].map(offset => recent.find('g', 0, offset)?.attempt),
      [undefined, 2, 1],
    );
  });
});
