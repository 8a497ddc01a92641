// Names by which events are found: they cover all but the newest records, also after a restart, a
// kill, and in a file of an earlier version. Whatever becomes of them, nothing is missed.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { EventsRead } from '../../../../drivers/event-index/event-index.ts';
import { eventLogModule } from '../../../../drivers/event-log/sqlite/module.ts';
import type { SqliteEventLog } from '../../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { checkDatabase, salvageDatabase } from '../../../../drivers/sqlite/integrity/doctor.ts';
import { until } from '../../../contract/event-log/subject.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { copyDatabase } from './filled-log.ts';
import { openInlineLog } from './open-inline-log.ts';

const TOPIC = 'shop.orders';
const BLOCK = 1024;

describe('names in the log on SQLite', () => {
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

  const append = (count: number, from = 0, topic = TOPIC) =>
    log.append(
      topic,
      Array.from({ length: count }, (_, at) => {
        return { key: `k${from + at}`, value: Buffer.from('x'), headers: { ce_id: `e${from + at}` } };
      }),
    );
  const narrow = async (value: string, end: number, start = 0, most?: EventsRead) => {
    const asked = { topic: TOPIC, partition: 0, field: 'id', value, start, end } as const;
    const { read, ...narrowed } = await log.index.narrow({ ...asked, ...(most && { most }) });
    return { ...narrowed, records: read?.records };
  };
  const unindexed = async (end: number) => (await narrow('none', end)).unindexed;
  const run = (sql: string) => {
    const db = new DatabaseSync(folder.file);
    const rows = db.prepare(sql).all();
    db.close();
    return rows.map(row => Object.values(row)[0]);
  };
  const restart = async (between = () => {}) => {
    await log.close();
    between();
    log = await openInlineLog(folder.file);
  };

  it('cover a block as soon as it is full, also of records from before and after a restart', async () => {
    await append(BLOCK - 1);
    await restart();
    await append(1, BLOCK - 1);
    await until('the block is covered', async () => (await unindexed(BLOCK)) === 0);
  });

  it('cover blocks of records as soon as they are full, and say what they do not', async () => {
    await append(BLOCK - 1);
    const e7 = { start: 7, end: 8 };
    assert.deepEqual(await narrow('e7', BLOCK - 1), {
      spans: [e7],
      from: 0,
      unindexed: BLOCK - 1,
      records: BLOCK - 1,
    });
    await append(1, BLOCK - 1);
    await append(10, BLOCK);
    await until('the block is covered', async () => (await unindexed(BLOCK + 10)) === 10);
    // Ten that no block covers, and one that is compared.
    assert.deepEqual(await narrow('e7', BLOCK + 10), { spans: [e7], from: 0, unindexed: 10, records: 11 });
    const e1030 = { start: BLOCK + 6, end: BLOCK + 7 };
    assert.deepEqual(await narrow('e1030', BLOCK + 10), { spans: [e1030], from: 0, unindexed: 10, records: 10 });
    assert.deepEqual(await narrow('none', BLOCK + 10), { spans: [], from: 0, unindexed: 10, records: 10 });
    assert.deepEqual(await narrow('e7', 20, 3), { spans: [e7], from: 3, unindexed: 0, records: 1 });
    assert.deepEqual(await narrow('e7', 20, 8), { spans: [], from: 8, unindexed: 0, records: 0 });
    assert.deepEqual(await narrow('e7', 7), { spans: [], from: 0, unindexed: 0, records: 0 });
  });

  it('end a block early where its records are large', async () => {
    const value = Buffer.alloc(300_000);
    for (let at = 0; at < 4; at++) await log.append(TOPIC, [{ key: null, value, headers: { ce_id: `e${at}` } }]);
    await until('the block is covered', async () => (await unindexed(4)) === 0);
  });

  it('cover what an earlier process has left, killed or not, and files of an earlier version', async () => {
    await append(3 * BLOCK);
    const killed = `${folder.path}/killed/tenfold.db`;
    copyDatabase(folder.file, killed);
    const other = await openInlineLog(killed);
    const ask = { topic: TOPIC, partition: 0, field: 'id', value: 'none', start: 0, end: 3 * BLOCK } as const;
    await until('all is covered', async () => (await other.index.narrow(ask)).unindexed === 0);
    await other.close();
    await restart(() => run('DELETE FROM log_names'));
    await until('all is covered', async () => (await unindexed(3 * BLOCK)) === 0);
    await append(2 * BLOCK, 3 * BLOCK);
    await until('all is covered', async () => (await unindexed(5 * BLOCK)) === 0);
  });

  it('go with the records', async () => {
    const world = createFakeWorld();
    await log.close();
    log = await openInlineLog(folder.file, world);
    await append(2 * BLOCK);
    await until('all is covered', async () => (await unindexed(2 * BLOCK)) === 0);
    await append(1, 2 * BLOCK);
    await log.trim(TOPIC, 0, BLOCK + 1);
    await log.ensureTopic(TOPIC, { partitions: 1, retentionMs: 1e10 });
    await world.pass(200_000);
    const first = run('SELECT min(base) FROM log_chunks')[0];
    assert.ok(first === 0 || run('SELECT base FROM log_names').every(base => Number(base) >= Number(first)));
    await log.deleteTopic(TOPIC);
    await world.pass(200_000);
    assert.deepEqual([run('SELECT base FROM log_names'), run('SELECT base FROM log_chunks')], [[], []]);
  });

  it('are made of topics with events alone', async () => {
    for (const topic of ['subscription.shop.wall.parked', 'queue.shop.import']) {
      await log.ensureTopic(topic, { partitions: 1 });
      await append(BLOCK, 0, topic);
    }
    await until('the jobs are covered', () => run('SELECT base FROM log_names').length > 0);
    assert.deepEqual(run('SELECT DISTINCT partition FROM log_names'), [3]);
  });

  it('that are damaged are not asked, and the doctor names them', async () => {
    await append(BLOCK);
    await until('all is covered', async () => (await unindexed(BLOCK)) === 0);
    await restart(() => run('UPDATE log_names SET bytes = zeroblob(length(bytes))'));
    const all = { from: 0, unindexed: BLOCK, records: BLOCK };
    assert.deepEqual(await narrow('e7', BLOCK), { spans: [{ start: 7, end: 8 }], ...all });
    await log.close();
    const report = checkDatabase(folder.file, [eventLogModule]);
    const { problems } = report.parts.find(({ part }) => part.startsWith('names')) ?? assert.fail();
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? '', /records from 0 on/);
    const to = `${folder.path}/salvaged/tenfold.db`;
    salvageDatabase(folder.file, to, [eventLogModule]);
    log = await openInlineLog(to);
    await until('all is covered', async () => (await unindexed(BLOCK)) === 0);
  });

  it('are read of no more records at a time than a search may read', async () => {
    for (let at = 0; at < 9; at++) await append(10, 10 * at);
    const most = { records: 25, bytes: 1e6 };
    assert.deepEqual(await narrow('e1', 90, 0, most), { spans: [], from: 60, unindexed: 30, records: 30 });
    assert.deepEqual(await narrow('e1', 90, 0, { records: 1e6, bytes: 1 }), {
      spans: [],
      from: 80,
      unindexed: 10,
      records: 10,
    });
  });

  it('tell of damaged records and chunks that they may hold the event, and reading them says so', async () => {
    for (let at = 0; at < 4; at++) await append(10, 10 * at);
    const flip = (base: number, byte: number) => {
      const db = new DatabaseSync(folder.file);
      const data = db.prepare('SELECT data FROM log_chunks WHERE base = ?').get(base)?.['data'];
      assert.ok(data instanceof Uint8Array);
      data[byte] = ~(data[byte] ?? 0);
      db.prepare('UPDATE log_chunks SET data = ? WHERE base = ?').run(data, base);
      db.close();
    };
    await restart(() => {
      // In the first record.
      flip(20, 20);
      run('UPDATE log_chunks SET count = 9 WHERE base = 10');
    });
    const { spans } = await narrow('e1', 40);
    assert.deepEqual(spans, [
      { start: 20, end: 21 },
      { start: 0, end: 20 },
    ]);
    await assert.rejects(log.read(TOPIC, 0, 20, { maxRecords: 1, maxBytes: 1 }), { code: 'data-corrupt' });
  });
});
