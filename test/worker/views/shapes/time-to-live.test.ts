// Rows, documents and entries live from when their event was appended, also where a View
// is built anew long after.
import assert from 'node:assert/strict';
import { toRecord } from '../../../../core/cloudevents/record.ts';
import { SOURCE_TIME_HEADER } from '../../../../core/wire.ts';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { viewSpec } from '../../../../resources/kinds/view.ts';
import { compileFollowerFeed } from '../../../../worker/views/shapes/follower-feed.ts';
import { compileTable } from '../../../../worker/views/shapes/table.ts';
import { timeToLiveOf } from '../../../../worker/views/shapes/time-to-live.ts';
import { resourcesOf } from '../../pipelines/harness.ts';

const DAY_MS = 86_400_000;
const recordAt = (timestamp: number, headers: Record<string, string> = {}): LogRecord => {
  const event = { specversion: '1.0', id: '1', source: '/t', type: 'T', data: { id: 'a' } } as const;
  const made = toRecord(event, 'a');
  return { offset: 0, timestamp, ...made, headers: { ...made.headers, ...headers } };
};

describe('the time to live of what a View keeps', () => {
  for (const [name, ttl, ageMs, is] of [
    ['for ever', undefined, 9 * DAY_MS, undefined],
    ['whole for an event of now', DAY_MS, 0, DAY_MS],
    ['whole where clocks differ by some seconds', 5_000, 30_000, 5_000],
    ['whole where the clock of the log is ahead', DAY_MS, -30_000, DAY_MS],
    ['what is left for an older one', 10 * DAY_MS, 4 * DAY_MS, 6 * DAY_MS],
    ['over at once for one that is too old', DAY_MS, 4 * DAY_MS, 1],
  ] as const) {
    it(`is ${name}`, () => assert.equal(timeToLiveOf(recordAt(1_000_000), ttl, 1_000_000 + ageMs), is));
  }

  it('counts from when the event was appended to its Topic, not to what is read here', () => {
    const record = recordAt(9 * DAY_MS, { [SOURCE_TIME_HEADER]: String(2 * DAY_MS) });
    assert.equal(timeToLiveOf(record, 10 * DAY_MS, 9 * DAY_MS), 3 * DAY_MS);
  });

  it('is that of rows which are made long after', async () => {
    const resources = resourcesOf(
      'kind: View; metadata: { name: rows }; spec: { from: [t], table: { key: "${event.data.id}", ttl: 10d } }\nkind: Topic; metadata: { name: t }; spec: {}',
    );
    const spec = resources.get('View', 'default', 'rows')?.spec.table ?? assert.fail('There is no table.');
    const shape = compileTable(spec, undefined);
    const record = recordAt(0);
    const [keyed = assert.fail('It is left out.')] = shape.project(record);
    const changes = await shape.toChanges([{ ...record, value: keyed.value, headers: {} }], 'scope', {
      now: () => 4 * DAY_MS,
      rows: async () => [],
      changeDocuments: async () => [],
    });
    const [change] = changes;
    assert.equal(change?.kind === 'put-row' ? change.ttlMs : undefined, 6 * DAY_MS);
  });

  it('is that of entries of feeds of followers, while an author is known for as long as any entry may live', async () => {
    const feed =
      viewSpec.parse({
        from: ['t'],
        feed: {
          followers: { view: 'f', index: 'author', member: 'who', author: '${event.data.id}' },
          id: '${event.id}',
          ttl: '10d',
        },
      }).feed ?? assert.fail('There is no feed.');
    const { followers = assert.fail('It has no followers.') } = feed;
    const shape = compileFollowerFeed({ ...feed, followers }, undefined);
    const record = recordAt(0);
    const made = await shape.project(record, { followers: async () => undefined });
    const store = { now: () => 4 * DAY_MS, rows: async () => [], changeDocuments: async () => [] };
    const records = made.map(keyed => ({ ...record, ...keyed, headers: { ...keyed.headers } }));
    const changes = await shape.toChanges(records, 'scope', store);
    assert.deepEqual(
      changes.map(change => [change.kind, 'ttlMs' in change ? change.ttlMs : undefined]),
      [
        ['push', 6 * DAY_MS],
        ['put-row', 10 * DAY_MS],
      ],
    );
  });
});
