// A table in Postgres as a sink of a Pipeline: rows are put, changed and deleted in the order of
// their keys, and one that Postgres refuses is a dead letter of its event alone.
import assert from 'node:assert/strict';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { postgres } from '../../services/postgres.ts';
import { findService } from '../../services/service.ts';
import { createTable, type Place } from './table-harness.ts';

const service = findService(postgres);
type Table = Awaited<ReturnType<typeof createTable>>;
type Given = Pick<Place, 'sink' | 'columns' | 'steps' | 'partitions'>;

const ORDERS: Given = {
  columns: "id text PRIMARY KEY, total int NOT NULL CHECK (total >= 0), note text DEFAULT 'none'",
  sink: 'key: [id], columns: { id: "${event.data.id}", total: "${event.data.total}" }, delete: "${event.data.total == 0}"',
};

/** Hooks of a suite; the result makes a table with a Pipeline of its own. */
function useTables(url: () => string): (given?: Given) => Promise<Table> {
  let log: EventLog;
  let store: Store;
  const folders: { remove(): void }[] = [];
  const opened: Table[] = [];
  beforeEach(async () => {
    const [one, other] = [temporaryFolder(), temporaryFolder()];
    folders.push(one, other);
    log = await openLog(one.file);
    store = await openStore(other.file);
  });
  afterEach(async () => {
    for (const table of opened.splice(0)) await table.close();
    await log.close();
    await store.close();
    for (const folder of folders.splice(0)) folder.remove();
  });
  return async (given: Given = ORDERS) => {
    const table = await createTable(url(), { log, store, ...given });
    opened.push(table);
    return table;
  };
}

if (service)
  describe('a table in Postgres as a sink', () => {
    const create = useTables(() => service.url());

    it('has the last row of each key, and none that was deleted', async () => {
      const table = await create();
      await table.start();
      await table.publish({ id: 'a', total: 1 }, { id: 'b', total: 2 }, { id: 'a', total: 3 }, { id: 'b', total: 0 });
      await table.publish({ id: 'c', total: 0 }, { id: 'c', total: 7 }, { id: 'a', total: 4 });
      await eventually(() => table.handled() === 7, 'all events are handled');
      const rows = await table.query(`SELECT * FROM ${table.name} ORDER BY id`);
      assert.deepEqual(rows, [
        { id: 'a', total: 4, note: 'none' },
        { id: 'c', total: 7, note: 'none' },
      ]);
      const writes = await table.query(
        `SELECT what->>'total' AS total FROM ${table.name}_writes WHERE what->>'id' = 'a' ORDER BY n`,
      );
      assert.deepEqual(
        writes.map(({ total }) => total),
        ['1', '3', '4'],
        'each event is written',
      );
    });

    it('leaves columns of others as they are', async () => {
      const table = await create();
      await table.start();
      await table.publish({ id: 'a', total: 1 });
      await eventually(() => table.handled() === 1, 'the first is handled');
      await table.query(`UPDATE ${table.name} SET note = 'mine'`);
      await table.publish({ id: 'a', total: 2 });
      await eventually(() => table.handled() === 2, 'the second is handled');
      assert.deepEqual(await table.query(`SELECT * FROM ${table.name}`), [{ id: 'a', total: 2, note: 'mine' }]);
    });

    it('takes each type with all digits', async () => {
      const table = await create({
        columns:
          'id numeric PRIMARY KEY, at timestamptz, day date, doc jsonb, list int[], paired boolean, price numeric(10,2), "Name""x" text, unset text DEFAULT \'x\'',
        sink: 'key: [id], columns: { id: "${event.data.id}", at: "${timestamp(event.data.at)}", day: "${event.data.at}", doc: "${event.data}", list: "${event.data.list}", paired: "${event.data.list.size() == 2}", price: "${event.data.price}", unset: "${null}" }',
      });
      await table.start();
      await table.publish({ id: 1, at: '2026-01-02T03:04:05Z', list: [1, 2], price: 1.5 });
      await eventually(() => table.handled() === 1, 'it is handled');
      assert.deepEqual(await table.letters(), []);
      const [row = {}] = await table.query(
        `SELECT id::text, at::text, day::text, doc, list, paired, price::text, unset FROM ${table.name}`,
      );
      assert.deepEqual(row, {
        ...{ id: '1', day: '2026-01-02', list: [1, 2], paired: true, price: '1.50', unset: null },
        at: row['at'],
        doc: { id: 1, at: '2026-01-02T03:04:05Z', list: [1, 2], price: 1.5 },
      });
      assert.equal(new Date(String(row['at'])).toISOString(), '2026-01-02T03:04:05.000Z');
    });

    it('gives up the events alone whose rows are refused', async () => {
      const table = await create({ ...ORDERS, partitions: 1 });
      await table.publish(
        { id: 'a', total: 1 },
        { id: 'a', total: -1 },
        { id: 'b', total: 'many' },
        { id: 'c' },
        { id: 'd', total: 5_000_000_000 },
        { id: 'e\u0000', total: 1 },
        { id: 'f', total: 6 },
        { id: 'a', total: 2 },
        { id: null, total: 1 },
      );
      await table.start();
      await eventually(() => table.handled() === 9, 'all events are handled');
      const rows = await table.query(`SELECT id, total FROM ${table.name} ORDER BY id`);
      assert.deepEqual(rows, [
        { id: 'a', total: 2 },
        { id: 'f', total: 6 },
      ]);
      const letters = (await table.letters()).sort();
      assert.equal(letters.length, 6, letters.join('\n'));
      const said = letters.join('\n');
      assert.match(said, /Postgres refuses the row: new row for relation .* violates check constraint/);
      assert.match(said, /Postgres refuses the row: invalid input syntax for type integer: "…"/);
      assert.match(said, /out of range for type integer/);
      assert.match(said, /The key column "id" would be null/);
      assert.match(said, /total/);
    });

    it('takes keys that differ for us alone', async () => {
      const table = await create({ ...ORDERS, columns: 'id numeric PRIMARY KEY, total int', partitions: 1 });
      await table.publish({ id: '1', total: 1 }, { id: '1.0', total: 2 }, { id: '01', total: 3 });
      await table.start();
      await eventually(() => table.handled() === 3, 'all events are handled');
      assert.deepEqual(await table.query(`SELECT total FROM ${table.name}`), [{ total: 3 }]);
      assert.deepEqual(await table.letters(), []);
    });

    it('refuses at once what is looked at only at the end of a transaction', async () => {
      const table = await create({
        ...ORDERS,
        columns: 'id text PRIMARY KEY, total int UNIQUE DEFERRABLE INITIALLY DEFERRED',
        partitions: 1,
      });
      await table.publish({ id: 'a', total: 1 }, { id: 'b', total: 1 }, { id: 'c', total: 2 });
      await table.start();
      await eventually(() => table.handled() === 3, 'all events are handled');
      assert.deepEqual(await table.query(`SELECT id FROM ${table.name} ORDER BY id`), [{ id: 'a' }, { id: 'c' }]);
      assert.equal((await table.letters()).length, 1);
    });

    it('writes what comes from then on when its table is another one', async () => {
      const table = await create(ORDERS);
      const other = `${table.name}_other`;
      await table.query(`CREATE TABLE ${other} (LIKE ${table.name} INCLUDING ALL)`);
      const idsIn = async (each: string) =>
        (await table.query(`SELECT id FROM ${each} ORDER BY id`)).map(({ id }) => id);
      const first = await table.start();
      await table.publish({ id: 'a', total: 1 });
      await eventually(() => table.handled() === 1, 'the first is written');
      await first.close(1_000);
      const second = await table.start({ into: other });
      await table.publish({ id: 'b', total: 2 });
      await eventually(async () => (await idsIn(other)).length > 0, 'the second is in the other table');
      await second.close(1_000);
      await table.start();
      await table.publish({ id: 'c', total: 3 });
      await eventually(async () => (await idsIn(table.name)).length === 2, 'the third is in the former table');
      assert.deepEqual([await idsIn(table.name), await idsIn(other)], [['a', 'c'], ['b']]);
      assert.equal(await table.writes(), 2, 'each once');
    });

    it('puts no event meant for one table into another one when their order changes', async () => {
      const table = await create(ORDERS);
      const [one, two] = [`${table.name}_one`, `${table.name}_two`];
      for (const each of [one, two]) await table.query(`CREATE TABLE ${each} (LIKE ${table.name} INCLUDING ALL)`);
      const steps = (order: readonly string[]) =>
        order.map(
          into =>
            `{ when: "\${event.data.into == '${into}'}", to: [{ postgres: { secret: db, table: ${into}, positions: ${table.name}_positions, ${ORDERS.sink} } }] }`,
        );
      const first = await table.start({ branches: steps([one, two]), at: 'postgres://writer:x@127.0.0.1:1/away' });
      await table.publish({ id: 'a', total: 1, into: one }, { id: 'b', total: 2, into: two });
      const passedOn = () =>
        [...first.stages].reduce((sum, [id, { totals }]) => sum + (id.startsWith('table.') ? 0 : totals.handled), 0);
      await eventually(() => passedOn() === 2, 'both are on their way');
      await first.close(1_000);
      await table.start({ branches: steps([two, one]) });
      await table.publish({ id: 'c', total: 1, into: one }, { id: 'd', total: 2, into: two });
      await eventually(() => table.handled() === 4, 'all are written');
      const idsIn = async (each: string) =>
        (await table.query(`SELECT id FROM ${each} ORDER BY id`)).map(({ id }) => id);
      assert.deepEqual(
        [await idsIn(one), await idsIn(two)],
        [
          ['a', 'c'],
          ['b', 'd'],
        ],
      );
    });

    it('writes each result of a step that makes several, once', async () => {
      const table = await create({
        ...ORDERS,
        steps: ", steps: [{ flatMap: \"${[event.data, {'id': event.data.id + 'x', 'total': 9}]}\" }]",
      });
      await table.start();
      await table.publish({ id: 'a', total: 1 }, { id: 'b', total: 2 });
      await eventually(() => table.handled() === 4, 'all results are handled');
      const rows = await table.query(`SELECT id, total FROM ${table.name} ORDER BY id`);
      assert.deepEqual(
        rows.map(({ id, total }) => `${id}${total}`),
        ['a1', 'ax9', 'b2', 'bx9'],
      );
    });
  });

if (service)
  describe('a table in Postgres that cannot be a sink', () => {
    const create = useTables(() => service.url());

    const unfit: readonly [string, Given, RegExp][] = [
      [
        'no unique index',
        { ...ORDERS, columns: 'id text, total int' },
        /Forbid that: CREATE UNIQUE INDEX ON "t\w+" \("id"\)\./,
      ],
      ['an index of more', { ...ORDERS, columns: 'id text, total int, UNIQUE (id, total)' }, /CREATE UNIQUE INDEX/],
      ['a deferrable key', { ...ORDERS, columns: 'id text PRIMARY KEY DEFERRABLE, total int' }, /CREATE UNIQUE INDEX/],
      ['no such column', { ...ORDERS, columns: 'id text PRIMARY KEY' }, /no column "total"\. Its columns are id\./],
      [
        'a column that is needed',
        { ...ORDERS, columns: 'id text PRIMARY KEY, total int, who text NOT NULL' },
        /needs a value of "who"/,
      ],
    ];
    for (const [what, given, message] of unfit)
      it(`says at the start that the table has ${what}, and goes on once it is mended`, async () => {
        const table = await create(given);
        await table.publish({ id: 'a', total: 1 });
        await table.start();
        await eventually(() => table.troubles.length > 0, 'it is said');
        assert.match(table.troubles[0] ?? '', message);
        assert.deepEqual(await table.letters(), []);
        await table.query(`DROP TABLE ${table.name}; CREATE TABLE ${table.name} (id text PRIMARY KEY, total int)`);
        await eventually(() => table.handled() === 1, 'it goes on');
        assert.deepEqual(await table.query(`SELECT * FROM ${table.name}`), [{ id: 'a', total: 1 }]);
      });

    it('says how to make the table of positions where the user may not', async () => {
      const table = await create();
      const role = `writer_${table.name}`;
      await table.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
      await table.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table.name} TO ${role}`);
      await table.query(`GRANT INSERT ON ${table.name}_writes TO ${role}`);
      await table.query(`GRANT USAGE ON SEQUENCE ${table.name}_writes_n_seq TO ${role}`);
      await table.publish({ id: 'a', total: 1 });
      await table.start({ at: Object.assign(new URL(service.url()), { username: role, password: 'x' }).href });
      await eventually(() => table.troubles.length > 0, 'it is said');
      const [, ddl = ''] = /UPDATE it: (CREATE TABLE .*)\.$/.exec(table.troubles[0] ?? '') ?? [];
      await table.query(ddl);
      await table.query(`GRANT SELECT, INSERT, UPDATE ON ${table.name}_positions TO ${role}`);
      await eventually(() => table.handled() === 1, 'it goes on');
      await table.close();
      await table.reconnect();
      await table.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    });
  });
