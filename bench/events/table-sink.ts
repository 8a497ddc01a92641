// A Pipeline whose results go into a table of Postgres: events a second from the log to committed
// rows, beside what the database alone takes by the same statement. The log is the embedded one.
// `--events 10000` for a quick look.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { realWorld } from '../../core/world.ts';
import { createSqliteEventLog } from '../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../drivers/store/sqlite/sqlite-store.ts';
import { startPostgres } from '../../test/services/postgres.ts';
import { createTable } from '../../test/worker/tables/table-harness.ts';
import { loadNow } from '../measure/machine.ts';
import { median, publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '60000' }, rounds: { type: 'string', default: '3' } },
});
const EVENTS = Number(values.events);
const KEYS = 1_000;
const TEXT = 'x'.repeat(150);
const AT_A_TIME = 1_000;
const world = realWorld;

const server = await startPostgres();
const client = new Client(server.url);
await client.connect();

interface Rate {
  readonly perSecond: number;
  /** Of this process, its database thread included. */
  readonly cpuUs: number;
}

async function measured(work: () => Promise<void>): Promise<Rate> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (EVENTS * 1_000) / (performance.now() - began), cpuUs: (user + system) / EVENTS };
}

const rowOf = (index: number) => ({ id: `k${index % KEYS}`, total: index, text: TEXT });

async function throughPipeline(batch: number): Promise<Rate> {
  const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
  const thread = pathToFileURL(join(import.meta.dirname, '../../drivers/sqlite/thread-main.ts'));
  const database = await openDatabase({ world, file: join(folder, 'log.db'), thread });
  const log = await createSqliteEventLog({ world, database });
  const store = await openSqliteStore({ world, database });
  const table = await createTable(server.url, {
    log,
    store,
    partitions: 4,
    columns: 'id text PRIMARY KEY, total bigint, text text',
    sink: `key: [id], columns: { id: "\${event.data.id}", total: "\${event.data.total}", text: "\${event.data.text}" }, batch: ${batch}`,
  });
  // Its trigger is for tests that count writes.
  await table.query(`DROP TRIGGER note ON ${table.name}`);
  for (let from = 0; from < EVENTS; from += AT_A_TIME)
    await table.publish(...Array.from({ length: AT_A_TIME }, (_, index) => rowOf(from + index)));
  const rate = await measured(async () => {
    await table.start();
    while (table.handled() < EVENTS) await sleep(10);
  });
  if (table.troubles.length > 0) throw new Error(table.troubles.join('\n'));
  await table.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}

/** The same rows by one connection, so many in each transaction, where nothing else is done. */
async function databaseAlone(batch: number): Promise<Rate> {
  await client.query('DROP TABLE IF EXISTS alone; CREATE TABLE alone (id text PRIMARY KEY, total bigint, text text)');
  const put =
    'INSERT INTO alone SELECT * FROM json_to_recordset($1::json) AS r(id text, total bigint, text text) ' +
    'ON CONFLICT (id) DO UPDATE SET total = EXCLUDED.total, text = EXCLUDED.text';
  return await measured(async () => {
    for (let from = 0; from < EVENTS; from += batch) {
      await client.query('BEGIN');
      // A statement may take no key twice.
      for (let at = from; at < Math.min(from + batch, EVENTS); at += KEYS) {
        const until = Math.min(at + KEYS, from + batch, EVENTS);
        const rows = Array.from({ length: until - at }, (_, index) => rowOf(at + index));
        await client.query(put, [JSON.stringify(rows)]);
      }
      await client.query('COMMIT');
    }
  });
}

const BATCHES = [500, 2_000];
const found = new Map<string, Rate[]>();
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const batch of BATCHES) {
    for (const [what, run] of [
      ['sink', throughPipeline],
      ['alone', databaseAlone],
    ] as const) {
      const rate = await run(batch);
      // Round 0 warms up.
      if (round > 0) found.set(`${what} ${batch}`, [...(found.get(`${what} ${batch}`) ?? []), rate]);
    }
  }
}
await client.end();
await server.stop();

const middle = (name: string, figure: keyof Rate) => median((found.get(name) ?? []).map(rate => rate[figure]));
const whole = (number: number) => Math.round(number).toLocaleString('en-US');
const rows = BATCHES.map(batch => [
  `batch: ${batch}`,
  whole(middle(`sink ${batch}`, 'perSecond')),
  middle(`sink ${batch}`, 'cpuUs').toFixed(0),
  whole(middle(`alone ${batch}`, 'perSecond')),
  middle(`alone ${batch}`, 'cpuUs').toFixed(0),
]);
publish('table-sink', 'A Pipeline into a table of Postgres', [
  `A Pipeline without steps reads ${whole(EVENTS)} events of about 200 bytes with ${whole(KEYS)} keys from a Topic with 4 partitions, hands them through its internal topic, and puts each into the row of its key. The embedded log and Postgres 15, without fsync, run on the same machine. Beside it one connection that writes the same rows by the same statement, as many in a transaction. CPU is user and system time of the process that writes, its database thread included, and not of Postgres. Median of ${values.rounds} interleaved rounds.`,
  toTable(['', 'events/s', 'CPU µs/event', 'the database alone, rows/s', 'CPU µs/row'], rows),
  loadNow(),
]);
process.exit(0);
