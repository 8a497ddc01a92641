// Names that many events have: a search for one keeps the reading thread no longer than another.
import assert from 'node:assert/strict';
import type { SqliteEventLog } from '../../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { until } from '../../../contract/event-log/subject.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { openInlineLog } from './open-inline-log.ts';

const TOPIC = 'shop.orders';
const BLOCK = 1024;

describe('names of many events in the log on SQLite', () => {
  let folder: TemporaryFolder;
  let log: SqliteEventLog;
  beforeEach(async () => {
    folder = temporaryFolder();
    log = await openInlineLog(folder.file);
    await log.ensureTopic(TOPIC, { partitions: 1 });
  });
  afterEach(async () => {
    await log.close();
    folder.remove();
  });

  const unindexed = async (end: number) =>
    (await log.index.narrow({ topic: TOPIC, partition: 0, field: 'id', value: 'none', start: 0, end })).unindexed;

  it('are answered piece by piece, and none is read for them', async () => {
    const events = 40 * BLOCK;
    const hot = Array.from({ length: BLOCK }, () => ({ key: 'hot', value: Buffer.from('x'), headers: {} }));
    for (let at = 0; at < events; at += BLOCK) await log.append(TOPIC, hot);
    await until('all is covered', async () => (await unindexed(events)) === 0);
    const asked = { topic: TOPIC, partition: 0, field: 'key', value: 'hot', start: 0 } as const;
    const { from, spans, read } = await log.index.narrow({ ...asked, end: events });
    assert.equal(from, events - 20 * BLOCK);
    assert.deepEqual([spans, read], [[{ start: from, end: events }], { records: 0, bytes: 0 }]);
    const most = { records: 3000, bytes: 1e9 };
    const fewer = await log.index.narrow({ ...asked, end: events, most });
    assert.equal(fewer.from, events - 3 * BLOCK);
  });

  it('of large events are compared up to so many bytes at a time', async () => {
    const large = { key: 'rare', value: Buffer.alloc(100_000), headers: { ce_id: 'large' } };
    for (let at = 0; at < 200; at += 20) await log.append(TOPIC, Array(20).fill(large));
    await until('all is covered', async () => (await unindexed(200)) < 20);
    const asked = { topic: TOPIC, partition: 0, field: 'id', value: 'large', start: 0 } as const;
    let found = 0;
    for (let end = 200; end > 0; ) {
      const { from, spans, read } = await log.index.narrow({ ...asked, end });
      assert.ok(read !== undefined && read.bytes >= 1e5 && read.bytes < 11e6 && read.records < 200);
      assert.ok(spans.every(span => span.start >= from && span.end <= end));
      found += spans.reduce((sum, span) => sum + span.end - span.start, 0);
      assert.ok(from < end);
      end = from;
    }
    assert.equal(found, 200);
  });
});
