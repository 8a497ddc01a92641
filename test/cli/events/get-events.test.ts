// `tenfold get` of topics, Subscriptions and Queues: with what goes through them.
import assert from 'node:assert/strict';
import type { TopicReport } from '../../../admin/event-view.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { fakeResource } from '../../fakes/platform-view.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

const orders: TopicReport = {
  namespace: 'default',
  name: 'orders',
  topic: 'default.orders',
  there: true,
  partitions: 6,
  events: 120,
  appended: 20,
};

describe('get, event plane', () => {
  let admin: AdminRun;
  before(async () => {
    const resources = [
      fakeResource('Topic', 'orders'),
      fakeResource('Topic', 'new'),
      fakeResource('Subscription', 'wall'),
      fakeResource('Queue', 'import'),
    ];
    admin = await startAdminRun(
      {
        topics: async () => [orders],
        consumers: async () => [
          fakeConsumer('wall', { deadLetters: 2 }),
          fakeConsumer('import', { kind: 'Queue', state: 'stopped' }),
        ],
      },
      { view: { resources } },
    );
  });
  after(() => admin.close());
  const run = (...words: string[]) => admin.run(['get', ...words]);

  for (const [golden, words] of [
    ['topics', ['topics']],
    ['subscriptions', ['subscriptions']],
    ['subscriptions-wide', ['sub', '-o', 'wide']],
    ['queue', ['queue', 'import']],
  ] as const) {
    it(`prints ${golden}`, async () => {
      const { code, stdout, stderr } = await run(...words);
      assert.deepEqual([code, stderr], [0, '']);
      assertGolden(`get/${golden}.txt`, stdout);
    });
  }

  it('has figures and conditions in its data', async () => {
    const { items } = JSON.parse((await run('subscriptions', '-o', 'json')).stdout);
    assert.deepEqual(
      [items.length, items[0].kind, items[0].lag, items[0].conditions.length],
      [1, 'Subscription', 3, 3],
    );
    const one = JSON.parse((await run('topic', 'orders', '-o', 'json')).stdout);
    assert.deepEqual([one.events, one.manifest.kind], [120, 'Topic']);
  });

  it('says so when there is none of this name', async () => {
    const { code, stderr } = await run('queue', 'imprt');
    assert.equal(code, 3);
    assert.match(stderr, /There is no Queue "imprt"/);
  });
});
