// An outbox table of Postgres as the source of a Topic: rows a second behind a backlog, beside what
// the database alone gives, and the lag at 5,000 rows a second. The log is the embedded one.
// `--rows 10000` for a quick look.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { soleIncarnation } from '../../core/incarnation.ts';
import { realWorld } from '../../core/world.ts';
import type { EventLog, NewRecord } from '../../drivers/event-log/event-log.ts';
import { createSqliteEventLog } from '../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openPostgresOutbox } from '../../drivers/outbox/postgres/postgres-outbox.ts';
import { connectionSettingsOf } from '../../drivers/postgres/connection-settings.ts';
import { openDatabase } from '../../drivers/sqlite/open-database.ts';
import { createFakeStore } from '../../test/fakes/fake-store.ts';
import { startPostgres } from '../../test/services/postgres.ts';
import { resourcesOf } from '../../test/worker/pipelines/harness.ts';
import { compileSources } from '../../worker/sources/source-plan.ts';
import { SourceRelay } from '../../worker/sources/source-relay.ts';
import { loadNow } from '../measure/machine.ts';
import { publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '100000' } } });
const ROWS = Number(values.rows);
const RATE = 5_000;
const LASTS_MS = 10_000;
const STEP_MS = 10;
const TEXT = 'x'.repeat(150);
const world = realWorld;

const server = await startPostgres();
const client = new Client(server.url);
await client.connect();

async function renewTable(): Promise<void> {
  await client.query('DROP TABLE IF EXISTS outbox');
  await client.query(
    'CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, k text NOT NULL, data jsonb NOT NULL, at timestamptz DEFAULT clock_timestamp())',
  );
}

function fill(count: number): Promise<unknown> {
  const data = "jsonb_build_object('sent', extract(epoch FROM clock_timestamp()) * 1000, 'text', $2::text)";
  const rows = `SELECT 'key-' || n % 1000, ${data} FROM generate_series(1, $1::int) n`;
  return client.query(`INSERT INTO outbox (k, data) ${rows}`, [count, TEXT]);
}

async function isEmpty(): Promise<boolean> {
  return (await client.query('SELECT 1 FROM outbox LIMIT 1')).rows.length === 0;
}

/** One relay into a log of its own; `heard` gets what was appended. */
async function run(batch: number, heard: (records: readonly NewRecord[]) => void, work: () => Promise<void>) {
  const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
  const thread = pathToFileURL(join(import.meta.dirname, '../../drivers/sqlite/thread-main.ts'));
  const database = await openDatabase({ world, file: join(folder, 'log.db'), thread });
  const log: EventLog = await createSqliteEventLog({ world, database });
  await log.ensureTopic('default.orders', { partitions: 4 });
  const source = `{ postgres: { secret: db, table: outbox, batch: ${batch}, columns: { key: k, time: at } } }`;
  const [plan] = compileSources(resourcesOf(`kind: Topic; metadata: { name: orders }; spec: { source: ${source} }`));
  if (plan === undefined) throw new Error('There is no source.');
  const relay = new SourceRelay(
    {
      world,
      store: createFakeStore(world),
      log: {
        async append(topic, records) {
          const places = await log.append(topic, records);
          heard(records);
          return places;
        },
      },
      incarnation: soleIncarnation('bench'),
      open: ({ spec }, signal) =>
        openPostgresOutbox({
          connection: connectionSettingsOf('db', { url: server.url }),
          table: spec.table,
          columns: spec.columns,
          channel: spec.notify,
          connectTimeoutMs: spec.timeouts.connect,
          statementTimeoutMs: spec.timeouts.statement,
          lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
          assertAddress() {},
          signal,
        }),
      observer: { refused() {}, away: (_plan, why) => console.error(why), back() {} },
    },
    plan,
  );
  await work();
  await relay.close(5_000);
  await database.close();
  rmSync(folder, { recursive: true, force: true });
}

async function rateOf(batch: number): Promise<number> {
  await renewTable();
  await fill(ROWS);
  let read = 0;
  let [began, ended] = [0, 0];
  const heard = (records: readonly NewRecord[]) => {
    if (read === 0) began = performance.now();
    read += records.length;
    ended = performance.now();
  };
  await run(batch, heard, async () => {
    while (!(await isEmpty())) await sleep(20);
  });
  return ((read - batch) * 1_000) / (ended - began);
}

/** Rows that the database gives and deletes when nothing else is done with them. */
async function rateAlone(batch: number): Promise<number> {
  await renewTable();
  await fill(ROWS);
  const first = `SELECT id FROM outbox ORDER BY id LIMIT ${batch}`;
  const began = performance.now();
  for (;;) {
    const { rows } = await client.query(
      `DELETE FROM outbox WHERE id = ANY(ARRAY(${first})) RETURNING id::text, k, data::text, at`,
    );
    if (rows.length === 0) return (ROWS * 1_000) / (performance.now() - began);
  }
}

/** Milliseconds from the insert to the log: of a row that starts the relay, and of those behind. */
async function lags(): Promise<{ readonly start: number; readonly rows: readonly number[] }> {
  await renewTable();
  const found: number[] = [];
  const heard = (records: readonly NewRecord[]) => {
    const now = Date.now();
    for (const { value } of records) found.push(now - JSON.parse(Buffer.from(value).toString()).sent);
  };
  const hasRead = async (count: number) => {
    while (found.length < count) await sleep(5);
  };
  await fill(1);
  let start = Number.NaN;
  await run(500, heard, async () => {
    await hasRead(1);
    start = found.shift() ?? Number.NaN;
    let sent = 0;
    const began = performance.now();
    while (performance.now() - began < LASTS_MS) {
      const due = Math.floor(((performance.now() - began) * RATE) / 1_000);
      if (due > sent) await fill(due - sent);
      sent = Math.max(sent, due);
      await sleep(STEP_MS);
    }
    await hasRead(sent);
  });
  return { start, rows: found.sort((one, other) => one - other) };
}

const at = (sorted: readonly number[], part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
const whole = (number: number) => Math.round(number).toLocaleString('en-US');

const rates: string[][] = [];
for (const batch of [500, 2_000])
  rates.push([`batch: ${batch}`, whole(await rateOf(batch)), whole(await rateAlone(batch))]);
const { start, rows: waited } = await lags();
await client.end();
await server.stop();

publish('outbox', 'An outbox table in Postgres as the source of a Topic', [
  `One relay reads ${whole(ROWS)} rows of about 250 bytes with 1,000 keys, and appends them to the embedded log with 4 partitions. Postgres 15 runs on the same machine, without fsync. Beside it \`DELETE … RETURNING\` of as many rows at a time, where nothing is done with them. The bar is 20,000 rows a second.`,
  toTable(['', 'rows a second', 'the database alone'], rates),
  `At ${whole(RATE)} rows a second for ${LASTS_MS / 1_000} s, with the default \`poll\`, from the insert to the log: p50 ${whole(at(waited, 0.5))} ms, p99 ${whole(at(waited, 0.99))} ms, longest ${whole(at(waited, 1))} ms, of ${whole(waited.length)} rows. The bar is 200 ms. A row that was there before the relay is not among them: it waited ${whole(start)} ms, as the relay connects and looks at the table first.`,
  loadNow(),
]);
process.exit(0);
