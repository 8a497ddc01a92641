// `tenfold story` where no namespace is named: it looks through all of them.
import assert from 'node:assert/strict';
import type { FoundEvent } from '../../../admin/topic-view.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';
import { fakeTopicEvent } from './topic-fakes.ts';

const TIMES: Readonly<Record<string, string>> = {
  default: '2026-01-01T00:00:00.000Z',
  shop: '2027-01-01T00:00:00.000Z',
};

describe('story of all namespaces', () => {
  let admin: AdminRun;
  const asked: string[] = [];
  before(async () => {
    const topic = { name: 'orders', topic: 'o', there: true, partitions: 1, events: 1, appended: 1 };
    admin = await startAdminRun({
      topics: async () => ['shop', 'default'].map(namespace => ({ ...topic, namespace })),
      finding: {
        async find({ namespace, id = '-' }) {
          asked.push(`${namespace} ${id}`);
          const owner = { kind: 'Topic', namespace, name: 'orders' } as const;
          const appendedAt = TIMES[namespace] ?? '';
          const found: FoundEvent = { owner, partition: 3, offset: 7, appendedAt, key: null, id, traces: [] };
          const items = id === 'e7' ? [found] : [];
          return { items, ended: 'end', looked: [{ owner, done: 40, total: 40 }], rest: 0, scanned: 1, unindexed: 0 };
        },
      },
      stories: {
        tellJob: async () => assert.fail('no job is to be told of'),
        tell: async () => ({ event: fakeTopicEvent(7), consumers: [], cameFrom: [], ledTo: [] }),
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    asked.length = 0;
  });
  const run = (...words: string[]) => admin.run(['story', ...words]);

  it('lists the newest first, whichever namespace it is of', async () => {
    const { stdout, stderr } = await run('e7', '-A');
    assert.deepEqual(asked, ['default e7', 'shop e7']);
    const rows = stdout.split('\n').map(line => line.split(/ +/).slice(0, 2).join(' '));
    assert.deepEqual(rows, ['NAMESPACE WHERE', 'shop orders', 'default orders', '']);
    assert.match(stderr, /tenfold story 3-7 --topic orders -n shop\n/);
  });

  it('says how far it has looked in all of them', async () => {
    const { code, stderr } = await run('e8');
    assert.equal(code, 3);
    assert.match(stderr, /No Topic or Queue holds an event with the id or key "e8"\./);
    assert.match(stderr, /It looked through 80 events of 2 Topics and Queues\./);
  });

  it('says so where a Topic of this name is in several', async () => {
    const { code, stderr } = await run('3-7', '--topic', 'orders');
    assert.equal(code, 2);
    assert.match(stderr, /"orders" exists in several namespaces/);
    assert.match((await run('3-7', '--topic', 'orders', '-n', 'shop')).stdout, /orders of namespace shop, at 3-7/);
  });
});
