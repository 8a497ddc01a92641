// How the log is searched for what an event has led to, and for what it was made of: where it
// probably stands first, then in all partitions side by side, and never further than it must.
import assert from 'node:assert/strict';
import { LogScan } from '../../../../server/events/stories/log-scan.ts';
import { type Expectation, search } from '../../../../server/events/stories/search.ts';
import { createFakePartitions } from '../../../fakes/fake-partitions.ts';

const of = { kind: 'Topic', namespace: 'default', name: 'copies' } as const;
const by = { kind: 'Subscription', namespace: 'default', name: 'copy' } as const;
const NEVER = new AbortController().signal;
const others = (count: number) => Array.from({ length: count }, () => 'other');

function expecting(partition: number, many = false): Expectation {
  return { topic: 't', many, likely: () => partition, judge: ({ key }) => key === 'it', link: { how: 'to', by, of } };
}

describe('the search for what an event has led to', () => {
  it('reads the likely partition alone where everything is found there', async () => {
    const log = createFakePartitions([others(50), ['other', 'it'], others(50)]);
    const { links } = await search([expecting(1)], { since: 0 }, new LogScan(log, NEVER));
    assert.deepEqual([links.map(({ id }) => id), log.reads], [['1-1'], [1]]);
  });

  it('goes on in the others side by side, a few at a time, where it is not there', async () => {
    const log = createFakePartitions([...Array.from({ length: 19 }, () => others(9)), [...others(9), 'it']]);
    const { links } = await search([expecting(1)], { since: 0 }, new LogScan(log, NEVER));
    assert.deepEqual(
      links.map(({ id }) => id),
      ['19-9'],
    );
    assert.ok(log.mostUnderWay > 1 && log.mostUnderWay <= 8, `${log.mostUnderWay} reads at once`);
  });

  it('does not read a long partition to its end when another has it', async () => {
    const log = createFakePartitions([others(50_000), [...others(300), 'it']]);
    const { links } = await search([expecting(0)], { since: 0 }, new LogScan(log, NEVER));
    assert.equal(links.length, 1);
    assert.ok(log.reads.length < 8, `${log.reads.length} reads`);
  });

  it('begins at the time of the event, and looks before it only for what is not found behind it', async () => {
    const log = createFakePartitions([
      [...others(20_000), 'it', 'other'],
      ['it', ...others(20_000)],
    ]);
    const times = { since: 0, likely: 20_000_000 };
    const after = await search([expecting(0)], times, new LogScan(log, NEVER));
    assert.deepEqual([after.links.map(({ id }) => id), log.reads], [['0-20000'], [0]]);
    const both = await search([expecting(0, true)], times, new LogScan(log, NEVER));
    assert.deepEqual(both.links.map(({ id }) => id).sort(), ['0-20000', '1-0']);
  });

  it('has a share of its limits left for what stands before the time of the event', async () => {
    const log = createFakePartitions([others(200), others(200)]);
    const scan = new LogScan(log, NEVER, { records: 80, bytes: 1_000_000 });
    await search([expecting(0)], { since: 0, likely: 9_000 }, scan);
    const unread = scan.unread.map(({ partition, at }) => [partition, Date.parse(at) > 9_000]);
    assert.deepEqual(unread.sort(), [
      [0, true],
      [1, true],
    ]);
  });

  it('names a partition once where it has stopped before the time of the event and behind it', async () => {
    const log = createFakePartitions([others(200), others(200)]);
    const scan = new LogScan(log, NEVER, { records: 40, bytes: 1_000_000 });
    await search([expecting(0)], { since: 0, likely: 100_000 }, scan);
    const unread = scan.unread.map(({ partition, at }) => [partition, Date.parse(at) < 100_000]);
    assert.deepEqual(unread.sort(), [
      [0, true],
      [1, true],
    ]);
  });

  it('asks once for the offset of a partition that has nothing before the time of the event', async () => {
    const log = createFakePartitions([['it', 'it'], others(2), []]);
    await search([expecting(0, true)], { since: -10_000, likely: 0 }, new LogScan(log, NEVER));
    assert.deepEqual(log.offsetsAsked.sort(), [0, 1, 2]);
  });

  it('gets on in each partition, however little may be read at a time', async () => {
    const log = createFakePartitions([others(100), [...others(40), 'it']]);
    let since = 0;
    for (let searches = 1; ; searches++) {
      const scan = new LogScan(log, NEVER, { records: 10, bytes: 1_000_000 });
      const { links } = await search([expecting(0)], { since }, scan);
      if (links.length > 0) break;
      const [first = assert.fail('it stops in silence'), ...more] = scan.unread.map(({ at }) => Date.parse(at));
      since = Math.min(first, ...more);
      assert.ok(searches < 41, 'it gets on');
    }
  });

  it('leaves nothing unread once all is found', async () => {
    const log = createFakePartitions([others(100), ['it']]);
    const scan = new LogScan(log, NEVER, { records: 5, bytes: 1_000_000 });
    assert.equal((await search([expecting(0)], { since: 0 }, scan)).links.length, 1);
    assert.deepEqual(scan.unread, []);
  });

  it('reads nothing more once nobody asks any more', async () => {
    const log = createFakePartitions([others(50_000), others(50_000)]);
    const asks = new AbortController();
    const searched = search([expecting(0)], { since: 0 }, new LogScan(log, asks.signal));
    while (log.reads.length < 2) await new Promise(resolve => setImmediate(resolve));
    const before = log.reads.length;
    asks.abort(new Error('gone'));
    await assert.rejects(searched, /gone/);
    assert.ok(log.reads.length <= before + 1);
  });
});

describe('the search for what an event was made of', () => {
  const back = (log: ReturnType<typeof createFakePartitions>, scan = new LogScan(log, NEVER)) =>
    scan.back('t', of, { until: 100_000_000, key: null }, ({ key }) => key === 'it');

  it('goes back in all partitions side by side', async () => {
    const log = createFakePartitions([others(50_000), [...others(10), 'it', 'other']]);
    assert.equal((await back(log))?.record.offset, 10);
    assert.ok(log.reads.length <= 2, `${log.reads.length} reads`);
  });

  it('keeps to its limits where records are large, and gets on', async () => {
    const parts = Array.from({ length: 16 }, () => others(60));
    const log = createFakePartitions([['it', ...others(59)], ...parts.slice(1)], Buffer.alloc(1 << 20));
    let until = 100_000_000;
    for (let searches = 1; ; searches++) {
      const scan = new LogScan(log, NEVER);
      const before = log.bytesRead;
      const found = await scan.back('t', of, { until, key: null }, ({ key }) => key === 'it');
      assert.ok(log.bytesRead - before <= 80 << 20, `${log.bytesRead - before} bytes`);
      if (found !== undefined) break;
      assert.deepEqual(new Set(scan.unread.map(({ partition }) => partition)).size, scan.unread.length);
      until = Math.max(...scan.unread.map(({ at }) => Date.parse(at)));
      assert.ok(searches < 60, 'it gets on');
    }
  });

  it('goes no further in a partition than to what the limits allow', async () => {
    const log = createFakePartitions([others(20_000)]);
    const scan = new LogScan(log, NEVER, { records: 1_000, bytes: 1_000_000 });
    assert.equal(await back(log, scan), undefined);
    assert.ok(log.bytesRead <= 1_000 * 5, `${log.bytesRead / 5} records`);
    assert.deepEqual(
      scan.unread.map(({ at }) => Date.parse(at)),
      [19_000_000],
    );
  });

  it('says where it has stopped', async () => {
    const log = createFakePartitions([others(2_000), others(3_000)]);
    const scan = new LogScan(log, NEVER, { records: 1_000, bytes: 1_000_000 });
    assert.equal(await back(log, scan), undefined);
    assert.deepEqual(
      scan.unread.map(({ partition }) => partition),
      [0, 1],
    );
  });
});
