// A table in Postgres as a sink while things die: Postgres in the midst of the rows, a worker
// between the commit and all that follows, and an owner that does not know that it was superseded.
import assert from 'node:assert/strict';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createPostgresSink } from '../../../drivers/table-sink/postgres/postgres-sink.ts';
import type { TableSink } from '../../../drivers/table-sink/table-sink.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { type PostgresServer, postgres, startPostgres } from '../../services/postgres.ts';
import { canStart } from '../../services/service.ts';
import { bound, createTable, dyingAfter, sessionAt } from './table-harness.ts';

type Table = Awaited<ReturnType<typeof createTable>>;
const KEYS = 7;

if (canStart(postgres))
  describe('a table in Postgres as a sink while processes are killed', function () {
    this.timeout(600_000);
    let server: PostgresServer;
    let log: EventLog;
    let store: Store;
    let table: Table;
    const folders: { remove(): void }[] = [];
    before(async () => {
      server = await startPostgres();
    });
    after(() => server.stop());
    beforeEach(async () => {
      const [one, other] = [temporaryFolder(), temporaryFolder()];
      folders.push(one, other);
      log = await openLog(one.file);
      store = await openStore(other.file);
      const sink = 'key: [id], columns: { id: "${event.data.id}", "n": "${event.data.n}" }, batch: 40';
      table = await createTable(server.url, { log, store, sink, columns: 'id text PRIMARY KEY, n int', partitions: 3 });
    });
    afterEach(async () => {
      await table.close();
      await log.close();
      await store.close();
      for (const folder of folders.splice(0)) folder.remove();
    });

    const fill = async (from: number, to: number) => {
      const data = Array.from({ length: to - from }, (_, at) => ({ id: `k${(from + at) % KEYS}`, n: from + at }));
      await table.publish(...data);
    };
    /** Each event was written once, of each key in its order, and the last one stands there. */
    const isWhole = async (count: number) => {
      await eventually(async () => (await table.writes()) >= count, 'all are written');
      const writes = await table.query(
        `SELECT what->>'id' AS id, (what->>'n')::int AS n FROM ${table.name}_writes ORDER BY n`,
      );
      assert.deepEqual(
        writes.map(({ n }) => n),
        Array.from({ length: count }, (_, n) => n),
        'each once',
      );
      const order = await table.query(
        `SELECT what->>'id' AS id, (what->>'n')::int AS n FROM ${table.name}_writes w ORDER BY w.n`,
      );
      for (const [id, list] of Map.groupBy(order, row => row['id']))
        assert.ok(
          list.every(({ n }, at) => at === 0 || Number(list[at - 1]?.['n']) < Number(n)),
          `${id} in order`,
        );
      const rows = await table.query(`SELECT n FROM ${table.name} ORDER BY n`);
      assert.deepEqual(
        rows.map(({ n }) => n),
        Array.from({ length: KEYS }, (_, at) => count - KEYS + at),
      );
      assert.deepEqual(await table.letters(), []);
    };

    it('writes each event once while Postgres is killed and started again', async () => {
      await table.start();
      let filled = 0;
      for (let round = 0; round < 3; round++) {
        await fill(filled, filled + 2_000);
        filled += 2_000;
        const reached = filled - 1_500;
        await eventually(() => table.handled() >= reached, 'it is in the midst of the rows');
        const told = table.troubles.length;
        await server.kill();
        await eventually(() => table.troubles.length > told, 'it says that the database is away');
        assert.match(table.troubles.at(-1) ?? '', /The database 127\.0\.0\.1:\d+\/postgres cannot be used/);
        await server.start();
        await table.reconnect();
      }
      await isWhole(filled);
    });

    it('writes each event once while workers die between the commit and all that follows', async () => {
      await fill(0, 1_000);
      for (let death = 0; death < 3; death++) {
        const dying = await table.start({ wrap: dyingAfter(3) });
        await eventually(() => table.troubles.includes('It has died.'), 'it has died');
        table.troubles.splice(0);
        await dying.close(0);
      }
      await table.start();
      await isWhole(1_000);
    });

    it('takes back the rows of a batch whose refused events could not be set aside', async () => {
      await table.query(`ALTER TABLE ${table.name} ADD CHECK (n <> 500)`);
      await fill(0, 600);
      let failures = 2;
      const failing = (sink: TableSink): TableSink => ({
        ...bound(sink),
        write: (step, refused) =>
          sink.write(step, async orders => {
            if (failures-- > 0) throw new Error('The log is away.');
            await refused(orders);
          }),
      });
      await table.start({ wrap: failing });
      await eventually(async () => (await table.writes()) >= 599, 'all others are written');
      assert.equal(await table.writes(), 599);
      assert.equal((await table.letters()).length, 1);
      assert.ok(table.troubles.includes('The log is away.'), 'the failure is not one of the database');
    });

    const sinkOf = (installation = 'one') =>
      createPostgresSink({
        ...{ installation, sink: 'orders', table: table.name, positions: `${table.name}_positions` },
        ...{ key: ['id'], columns: ['id', 'n'], session: () => sessionAt(server.url) },
      });
    const order = (id: string, n: number) => ({ kind: 'put', key: id, json: JSON.stringify({ id, n }) }) as const;
    const noted = new Map([['0.clicks', '7.0']]);
    const none = async () => assert.fail('nothing is refused');

    it('refuses the writes of an owner that was superseded', async () => {
      const [former, next] = [sinkOf(), sinkOf()];
      try {
        const before = await former.take(0);
        assert.ok(
          await former.write({ claim: before, after: undefined, upTo: 5, noted, orders: [order('a', 1)] }, none),
        );
        const after = await next.take(0);
        assert.deepEqual([after.position, [...after.noted]], [5, [['0.clicks', '7.0']]]);
        const late = { claim: before, after: 5, upTo: 9, noted, orders: [order('a', 2)] };
        assert.equal(await former.write(late, none), false);
        assert.equal(await former.holds(before, 5), false);
        assert.ok(await next.holds(after, 5));
        assert.ok(await next.write({ ...late, claim: after, orders: [order('a', 3)] }, none));
        assert.equal(await next.write({ ...late, claim: after }, none), false, 'the position is another one');
        assert.deepEqual(await table.query(`SELECT * FROM ${table.name}`), [{ id: 'a', n: 3 }]);
        assert.equal((await sinkOf('two').take(0)).position, undefined);
        assert.equal((await former.take(1)).position, undefined);
      } finally {
        await Promise.all([former.close(), next.close()]);
      }
    });

    it('waits for the step of an owner that is in the midst of it', async () => {
      const [former, next] = [sinkOf(), sinkOf()];
      try {
        const claim = await former.take(0);
        const standing = Promise.withResolvers<void>();
        const orders = [order('a', 1), { kind: 'put', key: 'b', json: '{"id":"b","n":"x"}' } as const];
        const writing = former.write({ claim, after: undefined, upTo: 2, noted, orders }, () => standing.promise);
        await eventually(async () => (await locks()) > 0, 'it has the position');
        const taking = next.take(0);
        await eventually(async () => (await waiting()) > 0, 'the other one waits');
        standing.resolve();
        assert.ok(await writing);
        assert.equal((await taking).position, 2);
      } finally {
        await Promise.all([former.close(), next.close()]);
      }
    });

    const count = async (where: string) =>
      Number(
        (
          await table.query(
            `SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'tenfold' AND ${where}`,
          )
        )[0]?.['n'],
      );
    const locks = () => count("state = 'idle in transaction'");
    const waiting = () => count("wait_event_type = 'Lock'");
  });
