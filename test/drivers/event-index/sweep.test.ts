// Blocks of topics and events that are gone are deleted from the search index, those of others
// stay, and no position from before makes a search miss events afterwards.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { realWorld } from '../../../core/world.ts';
import type { KeptEventIndex } from '../../../drivers/event-index/event-index.ts';
import { EVENT_INDEX } from '../../../drivers/event-index/search/blocks.ts';
import { createSearchEventIndex } from '../../../drivers/event-index/search/search-event-index.ts';
import { textHash } from '../../../drivers/event-index/text-hash.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { openElasticsearch } from '../../../drivers/search-index/elasticsearch/elasticsearch-search-index.ts';
import type { SearchIndex } from '../../../drivers/search-index/search-index.ts';
import { elasticsearch } from '../../services/elasticsearch.ts';
import { findService } from '../../services/service.ts';
import { openInlineLog } from '../event-log/sqlite/open-inline-log.ts';
import { openSearch } from '../search-index/sqlite/open-search.ts';
import { type TemporaryFolder, temporaryFolder } from '../sqlite/temporary-folder.ts';

const BLOCKS = 3;

interface Driver {
  readonly name: string;
  open(folder: string): Promise<SearchIndex>;
}

const nodes = findService(elasticsearch);
const drivers: readonly Driver[] = [
  { name: 'SQLite', open: folder => openSearch(join(folder, 'search.db'), realWorld) },
  ...(nodes === undefined ? [] : [{ name: 'Elasticsearch', open: () => openElastic(nodes.url()) }]),
];

function openElastic(url: string): Promise<SearchIndex> {
  const prefix = `sweep-${process.pid}-${Date.now().toString(36)}-`;
  return openElasticsearch({ world: realWorld, connection: { nodes: [url] }, prefix });
}

for (const driver of drivers) describe(`the blocks of what is gone, in ${driver.name}`, () => sweeping(driver));

function sweeping({ open }: Driver): void {
  let folder: TemporaryFolder;
  let log: EventLog;
  let search: SearchIndex;
  let index: KeptEventIndex;
  const groupOf = (topic: string) => `index.${topic}`;
  beforeEach(async () => {
    folder = temporaryFolder();
    log = await openInlineLog(join(folder.path, 'log.db'));
    search = await open(folder.path);
    index = createSearchEventIndex({ search, log, groupOf });
  });
  afterEach(async () => {
    await log.close();
    await search.dropIndex(EVENT_INDEX);
    await search.close();
    folder.remove();
  });

  /** A topic of which all is indexed. */
  const make = async (topic: string, blocks = BLOCKS) => {
    await log.ensureTopic(topic, { partitions: 1 });
    const metadata = await index.open(topic);
    for (let start = 0; start < blocks; start++) {
      await log.append(topic, [{ key: 'k', value: Buffer.from('x'), headers: {} }]);
      const hashes = { id: new Set<number>(), key: new Set([textHash('k')]), trace: new Set<number>() };
      await index.write({ topic, partition: 0, start, end: start + 1, hashes });
    }
    await log.seek(groupOf(topic), topic, new Map([[0, { offset: blocks, metadata }]]));
  };
  const unindexed = async (topic: string) =>
    (await index.narrow({ topic, partition: 0, field: 'key', value: 'none', start: 0, end: BLOCKS })).unindexed;
  const blocks = async () => {
    await search.refresh(EVENT_INDEX);
    const { hits } = await search.search(EVENT_INDEX, { filter: { field: 'place', exists: true }, limit: 1000 });
    return hits.map(({ document }) => (document as { readonly place?: string }).place);
  };

  it('are deleted, and those of other topics stay', async () => {
    await make('shop.orders');
    await make('shop.orders-2');
    await make('shop.left');
    await log.deleteTopic('shop.orders');
    assert.equal(await index.sweep(['shop.orders-2']), BLOCKS);
    assert.deepEqual(new Set(await blocks()), new Set(['shop.orders-2/0', 'shop.left/0']));
    assert.equal(await index.sweep([]), 0);
    assert.deepEqual([await unindexed('shop.orders-2'), await unindexed('shop.left')], [0, 0]);
  });

  it('leave no position that says that they are still there', async () => {
    await make('shop.orders');
    const before = await index.open('shop.orders');
    // A Topic that names a topic of others is not found under its own name once it is gone.
    const blind = { positions: log.positions, bounds: async () => undefined };
    assert.equal(await createSearchEventIndex({ search, log: blind, groupOf }).sweep([]), BLOCKS);
    assert.equal(await unindexed('shop.orders'), BLOCKS);
    assert.notEqual(await index.open('shop.orders'), before);
    await make('shop.orders');
    assert.equal(await unindexed('shop.orders'), 0);
    assert.equal((await blocks()).length, BLOCKS);
  });

  it('go with the last of their events, and stay as long as one is there', async () => {
    await make('shop.orders');
    await make('shop.left');
    for (const topic of ['shop.orders', 'shop.left']) await log.trim(topic, 0, 2);
    assert.equal(await index.sweep(['shop.orders', 'shop.unmade']), 4);
    assert.deepEqual(new Set(await blocks()), new Set(['shop.orders/0', 'shop.left/0']));
    assert.equal((await blocks()).length, 2);
    const asked = { topic: 'shop.orders', partition: 0, field: 'key', value: 'k', start: 2, end: BLOCKS } as const;
    const { spans, unindexed } = await index.narrow(asked);
    assert.deepEqual([spans, unindexed], [[{ start: 2, end: BLOCKS }], 0]);
    assert.equal(await index.sweep(['shop.orders']), 0);
  });

  it('go with a topic that is made again', async () => {
    await make('shop.orders');
    await log.deleteTopic('shop.orders');
    await log.ensureTopic('shop.orders', { partitions: 1 });
    assert.equal(await index.sweep(['shop.orders']), BLOCKS);
    assert.deepEqual(await blocks(), []);
  });

  it('of an earlier format go with their index', async () => {
    await search.ensureIndex('event-index', { fields: {} });
    await index.sweep([]);
    assert.deepEqual(await search.indexes('event-index'), []);
  });

  it('that are many are all deleted', async () => {
    await make('shop.orders', 250);
    await log.trim('shop.orders', 0, 249);
    assert.equal(await index.sweep(['shop.orders']), 249);
    assert.equal((await blocks()).length, 1);
  });

  it('are found beside any number of other topics, and where there is no index there are none', async () => {
    assert.equal(await index.sweep([]), 0);
    const kept = Array.from({ length: 200 }, (_, at) => `shop.kept-${at}`);
    for (const topic of ['shop.kept-7', 'shop.kept-150', 'shop.orders']) await make(topic);
    await log.deleteTopic('shop.orders');
    assert.equal(await index.sweep(kept), BLOCKS);
    assert.deepEqual(new Set(await blocks()), new Set(['shop.kept-7/0', 'shop.kept-150/0']));
  });
}
