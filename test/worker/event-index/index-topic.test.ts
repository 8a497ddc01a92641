// The index of events in the search index misses none: whatever is interrupted between a block and
// its position, and when the index is gone.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld } from '../../../core/world.ts';
import type { KeptEventIndex } from '../../../drivers/event-index/event-index.ts';
import { EVENT_INDEX } from '../../../drivers/event-index/search/blocks.ts';
import { createSearchEventIndex } from '../../../drivers/event-index/search/search-event-index.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { SearchIndex } from '../../../drivers/search-index/search-index.ts';
import { indexTopic } from '../../../worker/event-index/index-topic.ts';
import type { Stage } from '../../../worker/fold/stage.ts';
import { until } from '../../contract/event-log/subject.ts';
import { openInlineLog } from '../../drivers/event-log/sqlite/open-inline-log.ts';
import { openSearch } from '../../drivers/search-index/sqlite/open-search.ts';
import { type TemporaryFolder, temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const TOPIC = 'shop.orders';
const GROUP = 'event-index.shop.orders';
const BLOCK = 500;
const DAY_MS = 86_400_000;

describe('the index of events of a topic', () => {
  let folder: TemporaryFolder;
  let log: EventLog;
  let search: SearchIndex;
  let index: KeptEventIndex;
  let stages: Stage[];
  const troubles: string[] = [];
  beforeEach(async () => {
    folder = temporaryFolder();
    log = await openInlineLog(join(folder.path, 'log.db'));
    search = await openSearch(join(folder.path, 'search.db'), realWorld);
    index = createSearchEventIndex({ search, log, groupOf: () => GROUP });
    stages = [];
    troubles.length = 0;
    await log.ensureTopic(TOPIC, { partitions: 1 });
  });
  afterEach(async () => {
    for (const stage of stages) await stage.close(0);
    await log.close();
    await search.close();
    folder.remove();
  });

  const append = (from: number, count: number) =>
    log.append(
      TOPIC,
      Array.from({ length: count }, (_, at) => {
        return { key: null, value: Buffer.from('x'), headers: { ce_id: `e${from + at}` } };
      }),
    );
  const start = async (writing: Pick<KeptEventIndex, 'open' | 'write'> = index) => {
    const observer = {
      trouble: (_: number, error: unknown) => troubles.push(String(error)),
      superseded() {},
      jumped() {},
      refused() {},
    };
    const stage = await indexTopic({ world: realWorld, log, index: writing, group: GROUP, topic: TOPIC, observer });
    stages.push(stage);
    return stage;
  };
  const narrow = (value: string, end: number, begin = 0) =>
    index.narrow({ topic: TOPIC, partition: 0, field: 'id', value, start: begin, end });
  const covered = (end: number, rest = 0) =>
    until('all is covered', async () => (await narrow('none', end)).unindexed === rest);

  it('knows nothing before it has begun, and says so', async () => {
    await append(0, 10);
    assert.deepEqual(await narrow('e3', 10), { spans: [{ start: 0, end: 10 }], from: 0, unindexed: 10 });
    assert.deepEqual(await narrow('e3', 8, 2), { spans: [{ start: 2, end: 8 }], from: 2, unindexed: 6 });
  });

  it('has a block of records that are many enough, and leaves the others to be read', async () => {
    await append(0, BLOCK + 5);
    await append(BLOCK + 5, 7);
    await start();
    await covered(BLOCK + 12, 12);
    const tail = { start: BLOCK, end: BLOCK + 12 };
    assert.deepEqual((await narrow('e3', BLOCK + 12)).spans, [tail, { start: 0, end: BLOCK }]);
    assert.deepEqual((await narrow('none', BLOCK + 12)).spans, [tail]);
    assert.deepEqual((await narrow('e3', 20, 3)).spans, [{ start: 3, end: 20 }]);
  });

  it('tries again what could not be written', async () => {
    await append(0, BLOCK);
    let left = 2;
    await start({
      open: index.open,
      async write(block) {
        if (left-- > 0) throw new Error('away');
        await index.write(block);
      },
    });
    await covered(BLOCK);
    assert.deepEqual(troubles, ['Error: away', 'Error: away']);
    assert.equal((await narrow('e400', BLOCK)).spans.length, 1);
  });

  it('asks once for what all partitions of a topic need', async () => {
    await log.ensureTopic(TOPIC, { partitions: 3 });
    await append(0, BLOCK);
    await start();
    let asked = 0;
    const refresh = (name: string) => {
      asked++;
      return search.refresh(name);
    };
    const counted = createSearchEventIndex({ search: { ...search, refresh }, log, groupOf: () => GROUP });
    const query = { topic: TOPIC, field: 'id', value: 'none', start: 0, end: BLOCK } as const;
    const all = () => Promise.all([0, 1, 2].map(partition => counted.narrow({ ...query, partition })));
    await all();
    assert.equal(asked, 1);
    await all();
    assert.equal(asked, 2);
  });

  it('misses nothing when its process ends between a block and its position', async () => {
    await append(0, BLOCK);
    const written = Promise.withResolvers<void>();
    const never = new Promise<never>(() => {});
    const first = await start({
      open: index.open,
      async write(block) {
        await index.write(block);
        written.resolve();
        await never;
      },
    });
    await written.promise;
    assert.equal((await narrow('e3', BLOCK)).unindexed, BLOCK);
    await first.close(0);
    await append(BLOCK, BLOCK);
    await start();
    await covered(2 * BLOCK);
    for (const id of ['e3', `e${BLOCK + 3}`]) assert.ok((await narrow(id, 2 * BLOCK)).spans.length > 0);
  });

  it('begins anew, and says that it knows nothing, where the index was deleted', async () => {
    await append(0, BLOCK);
    const first = await start();
    await covered(BLOCK);
    await first.close(0);
    await search.dropIndex(EVENT_INDEX);
    assert.equal((await narrow('e3', BLOCK)).unindexed, BLOCK);
    await start();
    await covered(BLOCK);
    assert.equal((await narrow('e3', BLOCK)).spans.length, 1);
  });

  it('has all read while the search index is away', async () => {
    await append(0, BLOCK);
    await start();
    await covered(BLOCK);
    const away = async (): Promise<never> => {
      throw new TenfoldError('store-unavailable', 'away');
    };
    const without = createSearchEventIndex({ search: { ...search, document: away }, log, groupOf: () => GROUP });
    const asked = { topic: TOPIC, partition: 0, field: 'id', value: 'none', start: 2, end: BLOCK } as const;
    const { start: from, end } = asked;
    assert.deepEqual(await without.narrow(asked), { spans: [{ start: from, end }], from, unindexed: end - from });
  });

  it('has events for as long as the log has them, which may be longer than was said when they came', async () => {
    const world = createFakeWorld();
    await search.close();
    search = await openSearch(join(folder.path, 'search.db'), world);
    index = createSearchEventIndex({ search, log, groupOf: () => GROUP });
    await log.ensureTopic(TOPIC, { partitions: 1, retentionMs: 3_600_000 });
    await append(0, BLOCK);
    await start();
    await covered(BLOCK);
    await log.ensureTopic(TOPIC, { partitions: 1, retentionMs: 100 * DAY_MS });
    await world.pass(30 * DAY_MS);
    const { spans, unindexed } = await narrow('e3', BLOCK);
    assert.deepEqual([spans, unindexed], [[{ start: 0, end: BLOCK }], 0]);
  });

  it('covers what was made again under the name of a topic', async () => {
    await append(0, BLOCK);
    const first = await start();
    await covered(BLOCK);
    await first.close(0);
    await log.deleteTopic(TOPIC);
    await log.ensureTopic(TOPIC, { partitions: 1 });
    const [at] = await append(0, BLOCK);
    const [from, end] = [at?.offset ?? 0, (at?.offset ?? 0) + BLOCK];
    assert.equal((await narrow('e3', end, from)).unindexed, BLOCK);
    await start();
    await until('all is covered', async () => (await narrow('none', end, from)).unindexed === 0);
    assert.equal((await narrow('e3', end, from)).spans.length, 1);
  });
});
