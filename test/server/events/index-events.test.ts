// The index of the events of all Topics and Queues: where it is kept, and that it follows the
// resources.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { eventIndexGroupOf, queueTopicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import { EVENT_INDEX } from '../../../drivers/event-index/search/blocks.ts';
import { createSearchEventIndex } from '../../../drivers/event-index/search/search-event-index.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createEventIndexing, searchEventIndexOf } from '../../../server/events/index-events.ts';
import type { Storage } from '../../../server/storage/open-storage.ts';
import { until } from '../../contract/event-log/subject.ts';
import { openInlineLog } from '../../drivers/event-log/sqlite/open-inline-log.ts';
import { openSearch } from '../../drivers/search-index/sqlite/open-search.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { fakeResource } from '../../fakes/platform-view.ts';

const EVENTS = 500;

describe('the index of events', () => {
  it('is kept where storage says so, unless the log has one', () => {
    const storage = { has: { kafka: true, search: true, blobs: true }, indexesEvents: true } as Storage;
    assert.ok(searchEventIndexOf(storage));
    assert.equal(searchEventIndexOf({ ...storage, indexesEvents: false }), undefined);
    assert.equal(searchEventIndexOf({ ...storage, indexesEvents: undefined }), undefined);
    const index = { narrow: async () => ({ spans: [], from: 0, unindexed: 0 }) };
    assert.equal(searchEventIndexOf({ ...storage, index }), undefined);
  });

  it('follows Topics and Queues as they come and go, also those that the log has not made yet', async () => {
    const folder = temporaryFolder();
    const log = await openInlineLog(join(folder.path, 'log.db'));
    const search = await openSearch(join(folder.path, 'search.db'));
    const index = createSearchEventIndex({ search, log, groupOf: eventIndexGroupOf });
    const indexing = createEventIndexing({ world: realWorld, log, index, tell() {}, lookSoonMs: 1 });
    const append = (topic: string) =>
      log.append(
        topic,
        Array.from({ length: EVENTS }, (_, at) => ({ key: `k${at}`, value: Buffer.from('x'), headers: {} })),
      );
    const unknown = async (topic: string, end: number) =>
      (await index.narrow({ topic, partition: 0, field: 'key', value: 'none', start: 0, end })).unindexed;
    try {
      const jobs = queueTopicOf('default', 'import');
      const [orders, queue] = [fakeResource('Topic', 'orders'), fakeResource('Queue', 'import')];
      indexing.apply(createResourceSet([orders, queue]));
      for (const topic of ['default.orders', jobs]) {
        await log.ensureTopic(topic, { partitions: 1 });
        await append(topic);
        await until(`${topic} is covered`, async () => (await unknown(topic, EVENTS)) === 0);
      }
      indexing.apply(createResourceSet([orders]));
      for (const topic of ['default.orders', jobs]) await append(topic);
      await until('what stays is covered', async () => (await unknown('default.orders', 2 * EVENTS)) === 0);
      assert.equal(await unknown(jobs, 2 * EVENTS), EVENTS);
      await log.deleteTopic('default.orders');
      indexing.apply(createResourceSet([]));
      const places = async () => {
        await search.refresh(EVENT_INDEX);
        const { hits } = await search.search(EVENT_INDEX, { filter: { field: 'place', exists: true } });
        return hits.map(({ document }) => (document as { readonly place?: string }).place);
      };
      await until('blocks go with their topic', async () => !(await places()).includes('default.orders/0'));
      assert.deepEqual(await places(), [`${jobs}/0`]);
    } finally {
      await indexing.close(0);
      await log.close();
      await search.close();
      folder.remove();
    }
  });
});
