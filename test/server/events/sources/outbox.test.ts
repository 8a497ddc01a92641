// The source of a Topic over a real Postgres: no row is skipped or read by two, and each that
// becomes no event is named and stays.
import assert from 'node:assert/strict';
import { Client } from 'pg';
import { eventually } from '../../../eventually.ts';
import { postgres } from '../../../services/postgres.ts';
import { findService } from '../../../services/service.ts';
import { createOutbox, firstsByKey } from './outbox-harness.ts';

const service = findService(postgres);
type Outbox = Awaited<ReturnType<typeof createOutbox>>;

if (service)
  describe('an outbox table in Postgres', () => {
    const opened: Outbox[] = [];
    const open = async (more?: string, topic?: string, poll?: string) => {
      const outbox = await createOutbox(service.url(), more, topic, poll);
      opened.push(outbox);
      return outbox;
    };
    afterEach(async () => {
      for (const outbox of opened.splice(0)) await outbox.close();
    });

    it('becomes events, each with a source and an id of its own, and is empty then', async () => {
      const outbox = await open();
      await outbox.insert(['a', '{"n": 12345678901234567890}'], ['b', '[1]']);
      outbox.start();
      await eventually(async () => (await outbox.left()) === 0, 'the table is empty');
      assert.deepEqual(outbox.events(), [
        { key: 'a', id: '1', source: '/sources/topics/orders/postgres', text: '{"n": 12345678901234567890}' },
        { key: 'b', id: '2', source: '/sources/topics/orders/postgres', text: '[1]' },
      ]);
      const [first] = outbox.log.recordsOf('default.orders');
      assert.equal(first?.headers['ce_type'], 'made');
      assert.match(first?.headers['ce_time'] ?? '', /^20\d\d-.*Z$/);
    });

    it('keeps its rows where it is to, each marked once', async () => {
      const outbox = await open(', after: keep');
      await outbox.insert(['a', '1'], ['a', '2']);
      const relay = outbox.start();
      await eventually(() => relay.figures.read === 2, 'both are read');
      await outbox.insert(['a', '3']);
      await eventually(() => relay.figures.read === 3, 'the third is read');
      assert.deepEqual(
        outbox.events().map(({ text }) => text),
        ['1', '2', '3'],
      );
      const marked = async () => {
        const { rows } = await outbox.client.query(`SELECT count(sent)::int AS marked FROM ${outbox.table}`);
        return rows[0]?.['marked'] === 3;
      };
      await eventually(marked, 'all are marked');
    });

    it('loses no row of a transaction that ends after those with later ids', async () => {
      const outbox = await open();
      const late = new Client(service.url());
      await late.connect();
      await late.query('BEGIN');
      await late.query(`INSERT INTO ${outbox.table} (k, data) VALUES ('a', '"late"')`);
      await outbox.insert(['a', '"early"']);
      outbox.start();
      await eventually(() => outbox.events().length === 1, 'the later id is read');
      await late.query('COMMIT');
      await late.end();
      await eventually(() => outbox.events().length === 2, 'the earlier id is read, too');
      assert.deepEqual(
        outbox.events().map(({ id, text }) => [id, text]),
        [
          ['2', '"early"'],
          ['1', '"late"'],
        ],
      );
    });

    it('is read by one of three that all believe to be alone, in the order of each key', async function () {
      this.timeout(600_000);
      const outbox = await open(', batch: 70');
      for (const id of ['one', 'two', 'three']) outbox.start({ id });
      const insert = `INSERT INTO ${outbox.table} (k, data) SELECT 'key-' || n % 50, n::text FROM generate_series($1::int, $2::int) n`;
      for (let from = 1; from <= 10_000; from += 500) await outbox.client.query(insert, [from, from + 499]);
      await eventually(async () => (await outbox.left()) === 0, 'the table is empty');
      assert.equal(outbox.events().length, 10_000);
      for (const [key, texts] of firstsByKey(outbox.events())) {
        assert.equal(texts.length, 200, `${key}`);
        assert.ok(
          texts.every((text, at) => at === 0 || Number(texts[at - 1]) < Number(text)),
          `${key}`,
        );
      }
    });

    it('leaves a row that becomes no event where it is, says why, and takes it once it is mended', async () => {
      const schema = ', maxSize: 1Ki; schema: { type: object; required: [num] }'.replaceAll(';', ',');
      const outbox = await open('', schema);
      await outbox.insert(['a', '{"num":1}'], [null, '{"num":2}'], ['a', 'no JSON'], ['a', '{"m":3}']);
      await outbox.insert(['a', `{"num":"${'x'.repeat(2000)}"}`], ['a', '{"num":6}']);
      const relay = outbox.start();
      await eventually(() => relay.figures.waiting === 4, 'all were seen');
      assert.deepEqual(
        outbox.events().map(({ id }) => id),
        ['1', '6'],
      );
      assert.deepEqual(
        outbox.asides.map(({ id, refusal }) => [id, refusal]),
        [
          ['2', 'key'],
          ['3', 'data'],
          ['4', 'schema'],
          ['5', 'size'],
        ],
      );
      assert.equal(await outbox.left(), 4);
      assert.deepEqual(relay.figures.refused, { key: 1, data: 1, schema: 1, size: 1, other: 0 });
      await outbox.client.query(`UPDATE ${outbox.table} SET data = '{"num":3}' WHERE id = 3`);
      await relay.close(1_000);
      const again = outbox.start();
      await eventually(() => again.figures.waiting === 3, 'the mended row is read');
      assert.deepEqual(outbox.events().at(-1)?.id, '3');
    });

    it('is heard of by NOTIFY, long before the next look', async () => {
      const outbox = await open(', notify: Told', '', '1h');
      const relay = outbox.start();
      await eventually(() => relay.figures.waiting === 0, 'it is empty');
      await outbox.insert(['a', '1']);
      await outbox.client.query('NOTIFY "Told"');
      await eventually(() => outbox.events().length === 1, 'the row is read');
    });

    it('stays whole while the log takes nothing', async () => {
      const outbox = await open();
      outbox.log.before = async () => {
        throw new Error('The log is away.');
      };
      await outbox.insert(['a', '1'], ['a', '2']);
      const relay = outbox.start();
      await eventually(() => relay.figures.failures.other > 1, 'it was tried again');
      assert.match(relay.figures.lastError ?? '', /The log is away/);
      assert.equal(await outbox.left(), 2);
      outbox.log.before = async () => {};
      await eventually(async () => (await outbox.left()) === 0, 'the table is empty');
      assert.equal(outbox.troubles.length, 1);
    });

    it('says what is wrong with a table, and goes on once that is mended', async () => {
      const outbox = await open();
      const { client, table, troubles } = outbox;
      await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${table}_pkey`);
      const relay = outbox.start();
      const says = (what: RegExp) => eventually(() => what.test(relay.figures.lastError ?? ''), `${what}`);
      await says(/CREATE UNIQUE INDEX ON outbox_\w+ \(id\)/);
      await client.query(`ALTER TABLE ${table} RENAME COLUMN k TO key`);
      await says(/has no column "k". Its columns are id, key, kind, data/);
      await client.query(`ALTER TABLE ${table} RENAME TO ${table}_old`);
      await says(/There is no table/);
      await client.query(`ALTER TABLE ${table}_old RENAME TO ${table}`);
      await client.query(`ALTER TABLE ${table} RENAME COLUMN key TO k`);
      await client.query(`ALTER TABLE ${table} ADD PRIMARY KEY (id)`);
      await eventually(() => relay.figures.state === 'running', 'it goes on');
      assert.equal(troubles.length, 1);
    });
  });
