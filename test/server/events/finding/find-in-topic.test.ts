// What a search reads of a topic: a block that an index names in one go, and not much beside it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { EventIndex } from '../../../../drivers/event-index/event-index.ts';
import type { ReadLimits } from '../../../../drivers/event-log/event-log.ts';
import type { SqliteEventLog } from '../../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { findInTopic } from '../../../../server/events/finding/find-in-topic.ts';
import type { Place } from '../../../../server/events/topics/scan-position.ts';
import { until } from '../../../contract/event-log/subject.ts';
import { openInlineLog } from '../../../drivers/event-log/sqlite/open-inline-log.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../drivers/sqlite/temporary-folder.ts';

const TOPIC = 'shop.orders';
const BLOCK = 500;
const EVENTS = 4 * BLOCK;
/** Records of a block of the log's own index: it ends with a chunk. */
const MOST = 6_000;

describe('a search in a topic', () => {
  let folder: TemporaryFolder;
  let log: SqliteEventLog;
  let reads: (ReadLimits & { readonly from: number })[];
  before(async () => {
    folder = temporaryFolder();
    log = await openInlineLog(join(folder.path, 'log.db'));
    await log.ensureTopic(TOPIC, { partitions: 1 });
    const value = Buffer.alloc(200);
    const events = Array.from({ length: EVENTS }, (_, at) => ({ key: `k${at}`, value, headers: {} }));
    for (let at = 0; at < EVENTS; at += 100) await log.append(TOPIC, events.slice(at, at + 100));
  });
  beforeEach(() => {
    reads = [];
  });
  after(async () => {
    await log.close();
    folder.remove();
  });

  const find = (value: string, index: EventIndex, budget = { records: 1e6, bytes: 1e9, deadline: 1 }, end = EVENTS) =>
    findInTopic({
      world: { monotonic: () => 0 },
      log: {
        read(topic, partition, from, limits) {
          reads.push({ from, ...limits });
          return log.read(topic, partition, from, limits);
        },
      },
      index,
      topic: TOPIC,
      field: 'key',
      value,
      matches: ({ key }) => key === value,
      places: [{ partition: 0, next: 0, end }],
      limit: 10,
      budget,
      signal: new AbortController().signal,
    });
  const named: EventIndex = {
    narrow: async () => ({ spans: [{ start: BLOCK, end: 2 * BLOCK }], from: 0, unindexed: 0 }),
  };

  it('reads a block that an index names in one go, and asks for about as many bytes', async () => {
    const { hits, ended } = await find('k777', named);
    assert.deepEqual([hits.map(({ record }) => record.offset), ended], [[777], 'end']);
    assert.deepEqual(
      reads.map(({ from, maxRecords }) => [from, maxRecords]),
      [[BLOCK, BLOCK]],
    );
    assert.ok(reads.every(({ maxBytes }) => maxBytes <= BLOCK * 512));
  });

  it('reads large events to the end of the block all the same', async () => {
    const large: EventIndex['narrow'] = async () => ({
      spans: [{ start: EVENTS, end: EVENTS + 20 }],
      from: 0,
      unindexed: 0,
    });
    const value = Buffer.alloc(50_000);
    await log.append(
      TOPIC,
      Array.from({ length: 20 }, (_, at) => ({ key: `large-${at}`, value, headers: {} })),
    );
    const { hits } = await find('large-19', { narrow: large }, { records: 1e6, bytes: 1e9, deadline: 1 }, EVENTS + 20);
    assert.equal(hits.length, 1);
    assert.ok(reads.length > 1);
  });

  it('takes no more at once than it may, and gets on however little that is', async () => {
    const { rest, scanned, ended } = await find('none', named, { records: 7, bytes: 1e9, deadline: 1 });
    assert.deepEqual([scanned, ended], [7, 'records']);
    assert.deepEqual(rest, [{ partition: 0, next: 0, end: 2 * BLOCK - 7 }]);
    const late = await find('none', named, { records: 1e6, bytes: 1e9, deadline: 0 });
    assert.deepEqual([late.ended, late.scanned], ['time', BLOCK]);
  });

  it('pages through a key that all events have, and looks at no more of them at once than it may', async () => {
    const [topic, events, each] = ['shop.hot', 200_000, 5_000];
    await log.ensureTopic(topic, { partitions: 1 });
    const some = Array.from({ length: each }, () => ({ key: 'hot', value: Buffer.from('x'), headers: {} }));
    for (let at = 0; at < events; at += each) await log.append(topic, some);
    const { index } = log;
    const span = { topic, partition: 0, field: 'key', start: 0, end: events } as const;
    const unindexed = async () => (await index.narrow({ ...span, value: 'none' })).unindexed;
    await until('all is covered', async () => (await unindexed()) < MOST);
    let longest = 0;
    const watched: EventIndex = {
      async narrow(query) {
        const narrowed = await index.narrow(query);
        longest = Math.max(longest, query.end - narrowed.from);
        return narrowed;
      },
    };
    const offsets: number[] = [];
    for (let places: readonly Place[] = [{ partition: 0, next: 0, end: events }]; places.length > 0; ) {
      const budget = { records: 1e6, bytes: 1e9, deadline: 1 };
      const page = await findInTopic({
        world: { monotonic: () => 0 },
        log,
        index: watched,
        topic,
        field: 'key',
        value: 'hot',
        matches: ({ key }) => key === 'hot',
        places,
        limit: 3000,
        budget,
        signal: new AbortController().signal,
      });
      offsets.push(...page.hits.map(({ record }) => record.offset));
      places = page.rest;
    }
    assert.deepEqual(
      offsets,
      Array.from({ length: events }, (_, at) => events - 1 - at),
    );
    assert.ok(longest <= 20_000 + MOST, `${longest} at once`);
  });
});
