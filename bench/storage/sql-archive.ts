// SQL over ten million archived events: queries through the service, process and all, on one core,
// and the time that DuckDB alone takes for the same files. `--events 1000000 --rounds 3` for a
// quick look.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { realWorld } from '../../core/world.ts';
import { createSqlService } from '../../server/sql/sql-service.ts';
import { openStorage } from '../../server/storage/open-storage.ts';
import type { ArchiveLayout } from '../../worker/archive/layout.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { fill } from './sql-archive/fill.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '10000000' }, rounds: { type: 'string', default: '5' } },
});
const events = Number(values.events);
const rounds = Number(values.rounds);
const MAX_MS = 2000;
const MIB = 1024 ** 2;

const folder = mkdtempSync(join(import.meta.dirname, 'sql-archive/.data-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const storage = (await openStorage(realWorld, folder)) ?? process.exit(1);
const layout: ArchiveLayout = {
  namespace: 'default',
  table: 'clicks',
  root: 'archive/default/clicks/',
  id: 'abcd1234',
  format: 'parquet',
  compression: 'snappy',
  partitionBy: 'day',
  definition: 'd1',
};
await storage.log.ensureTopic('clicks', { partitions: 1 });
const filled = await fill(storage, layout, events);

const archive = { layout, topic: 'clicks', marked: false, toEvents: () => [] };
const service = createSqlService({
  world: realWorld,
  storage,
  threads: 1,
  tables: () => [{ kind: 'archive', namespace: 'default', name: 'clicks', pipeline: 'clicks', archive }],
});

async function ask(sql: string, days: object = {}): Promise<{ readonly ms: number; readonly rows: number }> {
  const began = performance.now();
  let rows = 0;
  const signal = new AbortController().signal;
  for await (const answer of service.ask({ namespace: 'default', sql, timeoutMs: 600_000, ...days }, signal)) {
    if (answer.kind === 'rows') rows += answer.rows.length;
  }
  return { ms: performance.now() - began, rows };
}

const questions = [
  ['events of each type (the bar)', 'SELECT type, count(*) FROM clicks GROUP BY type', {}],
  ['events of each day', 'SELECT "date", count(*) FROM clicks GROUP BY "date"', {}],
  ['the busiest keys', 'SELECT key, count(*) AS n FROM clicks GROUP BY key ORDER BY n DESC LIMIT 10', {}],
  ['pages, out of the data', "SELECT data->>'page' AS page, count(*) FROM clicks GROUP BY page", {}],
  [
    'pages of one day, out of the data',
    "SELECT data->>'page' AS page, count(*) FROM clicks GROUP BY page",
    { since: '2026-11-03', until: '2026-11-03' },
  ],
  ['one event by its id', "SELECT * FROM clicks WHERE id = '0199aa00-0000000f4240'", {}],
] as const;

const [, firstSql] = questions[0];
const cold = await ask(firstSql);

const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '512MB' });
const alone = await instance.connect();
await alone.run(
  `CREATE VIEW clicks AS SELECT * FROM read_parquet('${folder}/sql/files/*/*.parquet', hive_partitioning = true)`,
);

const rows: string[][] = [];
let barMs = 0;
for (const [name, sql, days] of questions) {
  const ours: number[] = [];
  const theirs: number[] = [];
  const where = 'since' in days ? `FROM (SELECT * FROM clicks WHERE "date" = DATE '${days.since}')` : 'FROM clicks';
  for (let round = 0; round < rounds; round++) {
    ours.push((await ask(sql, days)).ms);
    const began = performance.now();
    await alone.runAndReadAll(sql.replace('FROM clicks', where));
    theirs.push(performance.now() - began);
  }
  const ms = median(ours);
  if (rows.length === 0) barMs = ms;
  rows.push([
    name,
    ms.toFixed(0),
    median(theirs).toFixed(0),
    rows.length === 0 ? `${MAX_MS}: ${ms <= MAX_MS ? 'met' : 'missed'}` : '',
  ]);
}
const nothing: number[] = [];
for (let round = 0; round < rounds; round++) nothing.push((await ask('SELECT 1')).ms);
await storage.close();

const text = (n: number) => n.toLocaleString('en', { maximumFractionDigits: 0 });
publish('sql-archive', `SQL over ${text(events)} archived events`, [
  `Clicks of about 130 bytes of JSON over ten days, as an archive writes them: ${filled.files} Parquet files, snappy, ${text(filled.bytes / MIB)} MiB together, made and stored at ${text((events / filled.ms) * 1000)} events/s. Each question goes through the service: a process is started, the files are found, DuckDB is set up and locked, one thread, 512 MiB. "DuckDB alone" has everything open already and nothing locked.`,
  toTable(['ms, median', 'tenfold', 'DuckDB alone', 'bar'], rows),
  `A question that reads nothing takes ${median(nothing).toFixed(0)} ms: that is the process, Node and DuckDB in it. The first question after the files were made took ${cold.ms.toFixed(0)} ms, since they were copied and checked; with an object store that is the time to download them. What is in the JSON of an event has to be taken apart for each; \`since\` and \`until\` spare reading other days.${barMs <= MAX_MS ? '' : ' The bar is missed; the profile is that of DuckDB alone, in the second column.'}`,
]);
process.exit(0);
