// How far legacy is behind where two workers write back: known only when somebody has told of every
// partition, and not for longer than that somebody may live.
import assert from 'node:assert/strict';
import { createSharedSyncs } from '../../../server/events/syncs/shared-syncs.ts';
import type { PartitionView } from '../../../worker/dispatch/view.ts';
import type { ConsumerState } from '../../../worker/event-plane.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const plan = {
  role: 'sync',
  sync: { strangler: 'shop', feature: 'orders', origin: 'default/shop', maxLagMs: 1000, kept: { returned: 1 } },
  resource: { kind: 'Subscription', metadata: { namespace: 'default', name: 'shop.orders' } },
  settings: { group: 'g', topic: 't' },
} as unknown as ConsumerPlan;

describe('how far legacy is behind, told by several workers', () => {
  const setUp = () => {
    const world = createFakeWorld();
    const store = createFakeStore(world);
    const ends = [10, 10];
    const log = { bounds: async () => ends.map(end => ({ start: 0, end })) };
    const join = (...partitions: Partial<PartitionView>[]) => {
      const view = { label: 'function f', flow: 'flowing', delivered: 5, partitions };
      const runner = { state: 'running', running: { view } };
      const consumers = partitions.length === 0 ? [] : [{ plan, runner } as unknown as ConsumerState];
      return createSharedSyncs({ world, log, store, consumers: () => consumers, plans: () => [plan], moved() {} });
    };
    const part = (partition: number, lag: number, oldestAgeMs?: number) =>
      ({ partition, state: 'running', lag, end: 10, held: 0, oldestAgeMs }) as Partial<PartitionView>;
    return { world, ends, join, part };
  };

  it('is what all of them have told, at a process that has none of it', async () => {
    const { world, ends, join, part } = setUp();
    const gateway = join();
    join(part(0, 0));
    await world.pass(2_000);
    assert.equal(gateway.statusOf('default', 'shop', 'orders')?.lag, undefined);
    join(part(1, 3, 700));
    await world.pass(2_000);
    const status = gateway.statusOf('default', 'shop', 'orders');
    assert.partialDeepStrictEqual(status, { lag: 3, ageMs: 700, delivered: 10, returned: 2, state: 'running' });
    ends[0] = 12;
    await world.pass(2_000);
    assert.equal(gateway.statusOf('default', 'shop', 'orders')?.lag, 5);
    assert.equal(gateway.statusOf('default', 'shop', 'others'), undefined);
  });

  it('is not known any more when a worker has died', async () => {
    const { world, join, part } = setUp();
    const [gateway, one, two] = [join(), join(part(0, 0)), join(part(1, 0))];
    await world.pass(2_000);
    assert.equal(gateway.statusOf('default', 'shop', 'orders')?.lag, 0);
    one.close();
    await world.pass(12_000);
    assert.equal(gateway.statusOf('default', 'shop', 'orders')?.lag, undefined);
    two.close();
    await world.pass(12_000);
    assert.equal(gateway.statusOf('default', 'shop', 'orders'), undefined);
  });
});
