// Blocks overlap where the position of their reader was lost, and it began anew at another event.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { realWorld } from '../../../core/world.ts';
import { createSearchEventIndex } from '../../../drivers/event-index/search/search-event-index.ts';
import { textHash } from '../../../drivers/event-index/text-hash.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { SearchIndex } from '../../../drivers/search-index/search-index.ts';
import { openInlineLog } from '../event-log/sqlite/open-inline-log.ts';
import { openSearch } from '../search-index/sqlite/open-search.ts';
import { type TemporaryFolder, temporaryFolder } from '../sqlite/temporary-folder.ts';

const TOPIC = 'shop.orders';
const GROUP = 'event-index.shop.orders';

describe('places in blocks that overlap', () => {
  let folder: TemporaryFolder;
  let log: EventLog;
  let search: SearchIndex;
  beforeEach(async () => {
    folder = temporaryFolder();
    log = await openInlineLog(join(folder.path, 'log.db'));
    search = await openSearch(join(folder.path, 'search.db'), realWorld);
    await log.ensureTopic(TOPIC, { partitions: 1 });
  });
  afterEach(async () => {
    await log.close();
    await search.close();
    folder.remove();
  });

  it('are each named once, and no place is left out', async () => {
    const [length, end] = [10, 1200];
    const index = createSearchEventIndex({ search, log, groupOf: () => GROUP });
    const mark = await index.open(TOPIC);
    const hashes = { id: new Set([textHash('e')]), key: new Set<number>(), trace: new Set<number>() };
    for (const first of [0, 5])
      for (let at = first; at < end; at += length)
        await index.write({ topic: TOPIC, partition: 0, start: at, end: Math.min(end, at + length), hashes });
    // One of a reader that made larger blocks.
    await index.write({ topic: TOPIC, partition: 0, start: 302, end: 998, hashes });
    await log.seek(GROUP, TOPIC, new Map([[0, { offset: end, metadata: mark }]]));
    const asked = { topic: TOPIC, partition: 0, field: 'id', value: 'e', start: 0 } as const;
    const places: number[] = [];
    for (let below = end; below > 0; ) {
      const { spans, from, unindexed } = await index.narrow({ ...asked, end: below });
      assert.equal(unindexed, 0);
      for (const span of spans) for (let at = span.end - 1; at >= span.start; at--) places.push(at);
      assert.ok(from < below);
      below = from;
    }
    assert.deepEqual(
      places,
      Array.from({ length: end }, (_, at) => end - 1 - at),
    );
  });
});
